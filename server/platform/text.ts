/** Text that people type in and others read: one Unicode form, nothing hidden in it. */

/** Control characters, and the marks that make text run the other way in what staff read. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

/** A name or title as it is stored, on one line. May come out empty. */
export function cleanLine(text: string): string {
  return cleanText(text).replaceAll(/\s+/g, ' ')
}

/** A longer text as it is stored; line breaks and tabs stay. May come out empty. */
export function cleanText(text: string): string {
  return text.normalize('NFC').replaceAll(HIDDEN, '').trim()
}
