/** The title of a product in two: what it is, and how much of it or which: "Tellicherry pepper", "100 g". */
export function splitTitle(title: string): { name: string; detail: string | null } {
  const comma = title.lastIndexOf(', ')
  return comma <= 0 ? { name: title, detail: null } : { name: title.slice(0, comma), detail: title.slice(comma + 2) }
}
