/**
 * Every choice of at most `size` of these, in which one may be taken more than once and their order does not matter; the
 * empty one first.
 */
export function multisets<T>(of: readonly T[], size: number): T[][] {
  if (size === 0) return [[]]
  const rest = (from: number): T[][] => multisets(of.slice(from), size - 1)
  return [[], ...of.flatMap((first, at) => rest(at).map((others) => [first, ...others]))]
}
