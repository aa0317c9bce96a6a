import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { passwordProblem } from './passwords.ts'

const OWN = ['Ananya.Rao@saat-dabbe.example', 'Ananya Deshpande Rao', 'Saat Dabbe']
const SHORT = 'must have 8 characters or more, blanks at its ends not counted'
const SAME = 'must have 4 different characters or more'
const COMMON = 'is among those that are guessed first: take another'
const THEIR_OWN = "must not be your e-mail address, your name or the shop's name"

describe('FX11 a password', () => {
  for (const [password, problem] of [
    ['        ', SHORT],
    ['   seven7   ', SHORT],
    ['सात डब्बे', SHORT],
    ['aaaaaaaa', SAME],
    ['11112222', SAME],
    ['ab ab ab ab', SAME],
    ['password', COMMON],
    ['  password  ', COMMON],
    ['PassWord', COMMON],
    ['ｐａｓｓｗｏｒｄ', COMMON],
    ['p-a-s-s-w-o-r-d', COMMON],
    ['password@2026', COMMON],
    ['12345678', COMMON],
    ['1234567890', COMMON],
    ['qwertyuiop', COMMON],
    ['Welcome@123', COMMON],
    ['2026sunshine!', COMMON],
    ['seven-brass-tins', COMMON],
    ['Seven Brass Tins', COMMON],
    ['saat dabbe', THEIR_OWN],
    ['SaatDabbe123', THEIR_OWN],
    ['ananya.rao@saat-dabbe.example', THEIR_OWN],
    ['ananyarao', THEIR_OWN],
    ['ananya.rao@1999', THEIR_OWN],
    ['Ananya Deshpande Rao', THEIR_OWN],
    ['hundi-2026', THEIR_OWN],
    ['a long enough password', undefined],
    ['correct horse', undefined],
    ['मेरी नानी का घर', undefined],
    ['tr0ub4dor&3x', undefined],
    ['84739201', undefined],
    ['ananya has seven tins', undefined],
    ['🫖🥭🌶️🧂🍯🪔🛕🚂', undefined],
  ] as const) {
    test(`${JSON.stringify(password)} ${problem ?? 'is taken'}`, () => {
      assert.equal(passwordProblem(password, OWN), problem)
    })
  }
})
