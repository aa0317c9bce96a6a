/**
 * The path of this shop that an address names, with its query; undefined for anything that leads elsewhere. What stands
 * in an address bar is written by anybody, and must not decide to which site a shopper is sent after signing in.
 *
 * @param to what the address says
 * @param origin the shop's own origin
 */
export function ownPath(to: unknown, origin: string): string | undefined {
  if (typeof to !== 'string' || !to.startsWith('/')) return undefined
  try {
    // The parser of the browser itself, because it reads `/\evil.example` and `/<tab>/evil.example` as other sites.
    const url = new URL(to, origin)
    return url.origin === origin ? `${url.pathname}${url.search}` : undefined
  } catch {
    return undefined
  }
}
