/**
 * The one rule by which text is found by what a person types: both are taken apart into words here, and only here, so
 * that what is stored and what is asked for always meet. It holds for every script.
 *
 * Case, accents, full-width and other compatibility forms, and the digits of other scripts are folded; composed and
 * decomposed text are the same. Vowel signs, viramas and nuktas of Indic scripts are letters of their words and stay.
 * Apostrophes and hyphens of every kind join what they stand between: O’Brien is found as obrien, o'brien and o brien.
 */

/** Pieces that apostrophes or hyphens join: `Anne-Marie` is two, `Pune` is one. */
export type Chunk = readonly string[]

/** Letters that no decomposition takes apart, and Malayalam's letters without a vowel, which may be written in two ways. */
const FOLDED: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ł: 'l',
  þ: 'th',
  ς: 'σ',
  ൺ: 'ണ്',
  ൻ: 'ന്',
  ർ: 'ര്',
  ൽ: 'ല്',
  ൾ: 'ള്',
  ൿ: 'ക്',
}
const FOLDING = new RegExp(`[${Object.keys(FOLDED).join('')}]`, 'gu')
/** Marks that all scripts share (accents), and optional vowels of Arabic and Hebrew. Not Japanese voicing. */
const DROPPED = /(?![\u3099\u309A])\p{Script=Inherited}|[\u0591-\u05C7]|\u0640/gu
/** Hyphens, dashes and minus signs; apostrophes, and what is typed in their place. */
const JOINER = "\u2010-\u2015\u2212\uFE58\uFE63\uFF0D'’‘`´\u02B9\u02BB\u02BC\u02C8\u055A\uA78C\uFF07-"
const JOINERS = new RegExp(`[${JOINER}]+`, 'u')
const BETWEEN_CHUNKS = new RegExp(`[^\\p{L}\\p{M}\\p{N}${JOINER}]+`, 'u')
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu
const LONGEST_WORD = 40

/** The chunks of a text, in their order. */
export function chunksOf(text: string): Chunk[] {
  // Joiners are looked for before the text is decomposed, which would turn some of them into blanks with an accent.
  return text
    .replaceAll(/\p{Cf}/gu, '')
    .split(BETWEEN_CHUNKS)
    .map((chunk) =>
      chunk
        .split(JOINERS)
        .map(fold)
        .filter((piece) => piece !== ''),
    )
    .filter((chunk) => chunk.length > 0)
}

/** Every word by which a text is found: each piece of a chunk, and the chunk in one. */
export function wordsOf(text: string): string[] {
  return chunksOf(text).flatMap((chunk) => (chunk.length === 1 ? chunk : [...chunk, joined(chunk)]))
}

/** A chunk in one word. */
export function joined(chunk: Chunk): string {
  return cut(chunk.join(''))
}

function fold(piece: string): string {
  const decomposed = piece
    .normalize('NFKD')
    // Upper case first: only so are the two s of Straße, and Turkish ı, what others write.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(DROPPED, '')
    .replaceAll(FOLDING, (letter) => FOLDED[letter] ?? letter)
    .replaceAll(OTHER_DIGIT, digitOf)
  return cut(decomposed.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, ''))
}

/** A script's digits follow one another from zero to nine, and runs of several scripts are whole tens. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0
  let first = code
  while (isDigit(first - 1)) first -= 1
  return String((code - first) % 10)
}

function isDigit(code: number): boolean {
  return /^\p{Nd}$/u.test(String.fromCodePoint(code))
}

function cut(word: string): string {
  return [...word].slice(0, LONGEST_WORD).join('')
}
