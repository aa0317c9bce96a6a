import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountProblem, accountRefusal } from './account-words.ts'

test('fields are checked in words', () => {
  assert.equal(accountProblem('name', ' ', true), 'What should we call you?')
  assert.equal(accountProblem('email', 'a@b', false), 'That is not a whole address yet, like ananya@example.com.')
  assert.equal(accountProblem('email', ' ananya@example.com ', false), null)
  assert.equal(accountProblem('password', '1234567', true), 'Eight letters or more, please. This has 7.')
  assert.equal(accountProblem('password', '12345678', true), null)
  assert.equal(accountProblem('password', '  1234567  ', true), 'Eight letters or more, please. This has 7.')
  assert.equal(accountProblem('password', '1234567', false), null)
  assert.equal(accountProblem('password', '', false), 'Your password, please.')
})

test('FX11 refusals are told apart, and none tells who has an account', () => {
  const rows: [{ code: string; status: number; message?: string } | null, boolean, string][] = [
    [null, false, 'The shop did not answer. Please try again.'],
    [{ code: 'network', status: 0 }, false, 'The shop did not answer. Please try again.'],
    [
      { code: 'INVALID_EMAIL_OR_PASSWORD', status: 401 },
      false,
      'This e-mail and this password do not belong together.',
    ],
    [
      { code: 'unauthenticated', status: 401 },
      true,
      'You could not be signed in with this. If you have an account with this e-mail already, use its password.',
    ],
    [
      {
        code: 'validation_failed',
        status: 400,
        message: 'password: is among those that are guessed first: take another',
      },
      true,
      'Your password is among those that are guessed first: take another.',
    ],
    [{ code: 'rate_limited', status: 429 }, false, 'Too many tries. Wait a minute, then try again.'],
    [{ code: 'unreadable', status: 500 }, true, 'The shop did not answer. Please try again.'],
    [{ code: 'INVALID_NAME', status: 400 }, true, 'The shop did not take this. Look at the fields again.'],
  ]
  for (const [error, isNew, words] of rows) {
    assert.equal(accountRefusal(error === null ? null : { message: 'Refused.', ...error }, isNew), words)
  }
})
