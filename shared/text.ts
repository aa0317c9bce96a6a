/** Text that people type in and others read: one Unicode form, nothing hidden in it. */

/**
 * What cannot be seen: control characters, halves of surrogate pairs, the marks that make text run the other way in what
 * staff read, and everything else that Unicode says to draw as nothing. What joins letters and picks their shapes stays
 * behind a letter, a mark or a symbol: Malayalam, Persian and emoji need it.
 */
const HIDDEN =
  /(?![\t\n\v\f\r\u0085])\p{Cc}|\p{Cs}|(?![\p{Join_Control}\p{Variation_Selector}])\p{Default_Ignorable_Code_Point}|(?<![\p{L}\p{M}\p{S}\p{Emoji}\p{Join_Control}])[\p{Join_Control}\p{Variation_Selector}]+/gu
/** Blank, or drawn as blank. */
const BLANKS = /(?:[^\S\uFEFF]|[\u0085\u2800])+/g

/** A name or title as it is stored, on one line. May come out empty. */
export function cleanLine(text: string): string {
  return cleanText(text.replaceAll(BLANKS, ' ')).replaceAll(/ {2,}/g, ' ')
}

/** A longer text as it is stored; line breaks and tabs stay. May come out empty, and then nothing of it could be seen. */
export function cleanText(text: string): string {
  const seen = text.normalize('NFC').replaceAll(HIDDEN, '')
  return seen.replaceAll(BLANKS, '') === '' ? '' : seen.trim()
}
