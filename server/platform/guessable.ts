/** Below so many bits a text is counted or thought of, not drawn. A UUID has some 120, a nanoid some 85. */
const LEAST_BITS = 60

/** Letters that stand by themselves between digits and signs, written as words are. */
const WORD = /(?<![A-Za-z0-9])([A-Z]?[a-z]{3,}|[A-Z]{4,})(?![A-Za-z0-9])/g

/**
 * Whether a text looks as if it had not been drawn at random: too short, too even, or made of words and a number. It is
 * an estimate, and errs for texts that only look random. UUIDs and hexadecimal pass, and of a thousand drawn in base64 all
 * but one.
 */
export function isGuessable(text: string): boolean {
  // A word is one choice among few, whatever its length.
  const choices = text.replaceAll(WORD, 'w')
  const counts = new Map<string, number>()
  for (const each of choices) counts.set(each, (counts.get(each) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / choices.length)
  return bits < LEAST_BITS
}
