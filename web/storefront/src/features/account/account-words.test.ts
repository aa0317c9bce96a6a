import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountProblem, accountRefusal } from './account-words.ts'

test('fields are checked in words', () => {
  assert.equal(accountProblem('name', ' ', true), 'What should we call you?')
  assert.equal(accountProblem('email', 'a@b', false), 'That is not a whole address yet, like ananya@example.com.')
  assert.equal(accountProblem('email', ' ananya@example.com ', false), null)
  assert.equal(accountProblem('password', '1234567', true), 'Eight letters or more, please. This has 7.')
  assert.equal(accountProblem('password', '12345678', true), null)
  assert.equal(accountProblem('password', '1234567', false), null)
  assert.equal(accountProblem('password', '', false), 'Your password, please.')
})

test('refusals are told apart', () => {
  const rows: [{ code: string; status: number } | null, boolean, string][] = [
    [null, false, 'The shop did not answer. Please try again.'],
    [{ code: 'network', status: 0 }, false, 'The shop did not answer. Please try again.'],
    [
      { code: 'INVALID_EMAIL_OR_PASSWORD', status: 401 },
      false,
      'This e-mail and this password do not belong together.',
    ],
    [
      { code: 'USER_ALREADY_EXISTS', status: 422 },
      true,
      'There is an account for this e-mail already. Sign in instead.',
    ],
    [{ code: 'rate_limited', status: 429 }, false, 'Too many tries. Wait a minute, then try again.'],
    [{ code: 'unreadable', status: 500 }, true, 'The shop did not answer. Please try again.'],
    [{ code: 'INVALID_NAME', status: 400 }, true, 'The shop did not take this. Look at the fields again.'],
  ]
  for (const [error, isNew, words] of rows) assert.equal(accountRefusal(error, isNew), words)
})
