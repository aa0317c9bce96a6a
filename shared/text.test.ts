import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanLine, cleanText } from './text.ts'

const ROWS: [what: string, text: string, line: string][] = [
  ['plain words', ' Ananya  Deshpande ', 'Ananya Deshpande'],
  ['letters with marks apart', 'Ame\u0301lie', 'Am\u00E9lie'],
  ['a line break, a tab, a separator of lines', 'a\r\nb\tc\u2028d\u2029e', 'a b c d e'],
  ['blanks of every width', '\u00A0a\u3000b\u2003', 'a b'],
  ['escape codes of a terminal', '\u001B[31mred\u001B[0m', '[31mred[0m'],
  ['NUL and other controls', 'a\u0000b\u0007c\u009Fd\u007F', 'abcd'],
  ['text that runs the other way', 'a\u202Eb\u2066c\u061Cd\u200Fe', 'abcde'],
  ['nothing between letters', 'a\u200Bb\u2060c\uFEFFd\u00ADe', 'abcde'],
  ['tags', 'a\u{E0041}\u{E007F}b', 'ab'],
  ['half a surrogate pair', 'a\uD800b', 'ab'],
  ['joined letters: Hindi', 'क्\u200Dष', 'क्\u200Dष'],
  ['joined letters: Malayalam', 'അവന്\u200D', 'അവന്\u200D'],
  ['parted letters: Persian', 'می\u200Cخواهم', 'می\u200Cخواهم'],
  ['a family', '👩\u200D👧', '👩\u200D👧'],
  ['a heart in colour', '❤\uFE0F', '❤\uFE0F'],
  ['joiners that join nothing', '\u200D \u200C\uFE0F', ''],
  ['only what cannot be seen', '\u200B\u202E\u00A0\u2060\n', ''],
  ['letters that are drawn as nothing', '\u3164\u115F\u1160\uFFA0\u2800', ''],
]

for (const [what, text, line] of ROWS) {
  test(`FA1 one line of ${what}`, () => assert.equal(cleanLine(text), line))
}

test('FA1 a longer text keeps its lines and loses what cannot be seen', () => {
  assert.equal(cleanText(' one\u200B\n\ttwo\u202E \n'), 'one\n\ttwo')
  assert.equal(cleanText('\u2800\n\u3164'), '')
})
