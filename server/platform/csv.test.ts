import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvLine } from './csv.ts'

for (const [cell, expected] of [
  ['plain', 'plain'],
  ['', ''],
  [null, ''],
  [0, '0'],
  [-245, '-245'],
  [{ decimal: '-2.45' }, '-2.45'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  [' padded ', '" padded "'],
  ['ಕನ್ನಡ €', 'ಕನ್ನಡ €'],
  ['5 = 5', '5 = 5'],
] as const) {
  test(`the cell ${JSON.stringify(cell)} is written ${JSON.stringify(expected)}`, () => {
    assert.equal(csvLine([cell]), `${expected}\r\n`)
  })
}

for (const [text, expected] of [
  ['=1+1', `'=1+1`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@SUM(A1)', `'@SUM(A1)`],
  ['\t=1', `'\t=1`],
  ['  =1', `'  =1`],
  ['\r\n=1', `"'\r\n=1"`],
  ['＝1', `'＝1`],
  ['=HYPERLINK("https://evil.example";"x")', `"'=HYPERLINK(""https://evil.example"";""x"")"`],
] as const) {
  test(`X4 the text ${JSON.stringify(text)} is no formula in a spreadsheet`, () => {
    assert.equal(csvLine([text]), `${expected}\r\n`)
  })
}

test('a decimal that is none is a bug, not a cell', () => {
  assert.throws(() => csvLine([{ decimal: '=1' }]), /a decimal is digits/)
})

test('a line has as many fields as cells, and ends as RFC 4180 says', () => {
  assert.equal(csvLine(['a', null, 'c', 1]), 'a,,c,1\r\n')
})
