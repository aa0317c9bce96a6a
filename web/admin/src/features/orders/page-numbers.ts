/** The page numbers to show: first, last, and the neighbours of the current one; `gap` stands for what is left out. */
export function pageNumbers(current: number, total: number): (number | 'gap')[] {
  const wanted = new Set([1, total, current - 1, current, current + 1])
  // A gap that would hide a single page shows that page instead.
  if (current <= 4) for (const page of [2, 3, 4]) wanted.add(page)
  if (current >= total - 3) for (const page of [total - 1, total - 2, total - 3]) wanted.add(page)
  const pages = [...wanted].filter((page) => page >= 1 && page <= total).sort((a, b) => a - b)
  return pages.flatMap((page, index) => {
    const before = pages[index - 1]
    return before !== undefined && page - before > 1 ? (['gap', page] as const) : [page]
  })
}
