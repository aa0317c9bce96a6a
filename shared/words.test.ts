import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chunksOf, wordsOf } from './words.ts'

describe('L1 words', () => {
  for (const [text, words] of [
    ['Ananya Deshpande', ['ananya', 'deshpande']],
    ['  ANANYA\tdeshpande.', ['ananya', 'deshpande']],
    // Vowel signs, viramas, nuktas: letters of the word.
    ['मीरा नायर', ['मीरा', 'नायर']],
    ['श्रीकृष्ण', ['श्रीकृष्ण']],
    ['ज़ोया', ['ज\u093Cोया']],
    ['க்ஷேத்ரா', ['க்ஷேத்ரா']],
    ['സുരേഷ് ർ', ['സുരേഷ്', 'ര്']],
    ['রবীন্দ্রনাথ', ['রবীন্দ্রনাথ']],
    // Without width: joiners between letters, marks of direction, a soft hyphen.
    ['क्\u200Dष \u202Aमीरा\u202C Shop\u00ADkeeper', ['क्ष', 'मीरा', 'shopkeeper']],
    ['Zoë Müller-Łukasz', ['zoe', 'muller', 'lukasz', 'mullerlukasz']],
    ['Straße ŒUVRE Søren Đặng', ['strasse', 'oeuvre', 'soren', 'dang']],
    ['İstanbul ISPARTA ısparta', ['istanbul', 'isparta', 'isparta']],
    ['ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['مُحَمَّد أحمد', ['محمد', 'احمد']],
    ['がく かく', ['か\u3099く', 'かく']],
    ['ＡＢＣ １２３ ﬁne', ['abc', '123', 'fine']],
    ['२४ १० ٣', ['24', '10', '3']],
    ['7KQ4-M2XD', ['7kq4', 'm2xd', '7kq4m2xd']],
    ['ananya.d@okbank', ['ananya', 'd', 'okbank']],
    ['— ’ - … 🎁', []],
    ['', []],
  ] as const) {
    test(JSON.stringify(text), () => assert.deepEqual(wordsOf(text), words))
  }

  test('composed and decomposed text are the same', () => {
    for (const text of ['Zoë Ångström', 'क़लम फ़िरोज़', 'ড়', 'ਗ਼', 'ொ', '김민수', 'ണ്'])
      assert.deepEqual(wordsOf(text.normalize('NFD')), wordsOf(text.normalize('NFC')), text)
  })

  test('every apostrophe and every hyphen joins, whichever was typed', () => {
    for (const joiner of ["'", '’', '‘', 'ʼ', '´', '`', 'ʹ', '＇']) {
      assert.deepEqual(wordsOf(`O${joiner}Brien`), ['o', 'brien', 'obrien'], joiner)
    }
    for (const joiner of ['-', '‐', '‑', '‒', '–', '—', '−', '－']) {
      assert.deepEqual(chunksOf(`Anne${joiner}Marie`), [['anne', 'marie']], joiner)
    }
  })

  test('a word of any length is cut at whole letters', () => {
    assert.deepEqual(wordsOf('𝒂'.repeat(100)), ['a'.repeat(40)])
    assert.deepEqual(wordsOf('𐐨'.repeat(100)), ['𐐨'.repeat(40)])
  })
})
