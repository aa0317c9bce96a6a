/**
 * How often a list that grows page by page is asked again: only while its first page alone is shown. Whoever has gone
 * further back reads history, and asking for all of it every few seconds would cost more than it tells.
 */
export function whileOnFirstPage(everyMs: number) {
  return ({ state }: { state: { data?: { pages: readonly unknown[] } | undefined } }): number | false =>
    (state.data?.pages.length ?? 1) > 1 ? false : everyMs
}
