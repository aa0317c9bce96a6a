import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { weaknessOf } from './secret-strength.ts'

describe('FX9 a secret that', () => {
  for (const [what, secret, problem] of [
    ['is short', 'k7Qz', /^must have 32 characters or more: /],
    ['is one letter', 'x'.repeat(40), /^can be guessed: /],
    ['is of few letters', 'abcbacbabccabacbabcbabcabcbabcabcba', /^can be guessed: /],
    ['is a word over and over', 'saatdabbe'.repeat(4), /^can be guessed: /],
    ['is a number over and over, cut off', '7391482650'.repeat(4).slice(0, 37), /^can be guessed: /],
    ['counts up', '0123456789abcdefghijklmnopqrstuvwxyz', /^can be guessed: /],
    ['counts down and up', 'zyxwvutsrqponmlkjihgfedcba0123456789', /^can be guessed: /],
    ['is from an example', 'change-me-7f1c0f0b5d3a4e6c9b8a0000', /^looks like one from an example: /],
    ['says what it is', 'my super secret key for Saat Dabbe 1', /^looks like one from an example: /],
    ['is typed along the keyboard', 'qwertyuiopasdfghjklzxcvbnm1234567890', /^looks like one from an example: /],
  ] as const) {
    test(`${what} is refused, and is not shown`, () => {
      const said = weaknessOf(secret, 32) ?? ''
      assert.match(said, problem)
      assert.ok(!said.includes(secret))
      assert.ok(!said.includes('\n'))
    })
  }

  test('looks random is taken, in whatever alphabet and of whatever length we ask for', () => {
    for (let round = 0; round < 2_000; round += 1) {
      // The same in every run.
      const bytes = createHash('sha256').update(`secret ${round}`).digest()
      for (const [encoding, length] of [
        ['hex', 6],
        ['hex', 16],
        ['base64', 9],
        ['base64url', 24],
        ['base64', 32],
      ] as const) {
        const secret = bytes.subarray(0, length).toString(encoding)
        assert.equal(weaknessOf(secret, 12), undefined, secret)
      }
    }
  })
})
