/** `Malabar`, `Malabar and Rann`, `Malabar, Pahadi and Rann`. */
export function joinNames(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? ''
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`
}
