/** Raw replies and bodies as people can read them. */

/** JSON with its lines broken and indented; what is no JSON stays as it is. */
export function prettyJson(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? ''
  try {
    return JSON.stringify(JSON.parse(value), null, 2)
  } catch {
    // A proxy's page, or a body that broke off: shown as it came.
    return value
  }
}
