/** The bank's reference of a transfer, as the API takes it. Pure. */
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9 ._/-]{2,59}$/

/** What is wrong with a reference, in words with the fix; null when nothing is. */
export function referenceProblem(text: string): string | null {
  const given = text.trim()
  if (given === '') return 'The bank’s reference is needed: it is what the books are checked by.'
  return REFERENCE.test(given) ? null : 'Three to sixty letters and digits, as on the bank’s statement.'
}
