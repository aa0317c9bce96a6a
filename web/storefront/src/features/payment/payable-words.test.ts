import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../../../client/shapes.ts'
import { payableWords } from './payable-words.ts'
import type { Facts } from './result-facts.ts'

/** What stands below the buttons when a try of `triedAt` was declined. */
function aside(triedAt: string, currency = 'INR'): string {
  const attempt = { status: 'failed', method: 'upi', createdAt: triedAt, errorDescription: null }
  const facts = {
    order: { number: 'H-1', currency, canPay: false, payments: [{ attempts: [attempt] }] } as unknown as Order,
    state: undefined,
    step: { step: 'idle' },
    now: new Date(triedAt).getTime() + 60_000,
  } as unknown as Facts
  const words = payableWords(facts, 'declined', 'Razorpay').aside ?? []
  return words.map((part) => (typeof part === 'object' && 'strong' in part ? part.strong : part)).join('')
}

for (const [triedAt, date] of [
  // A Monday, a Friday and a Saturday in India; the last one is a Friday still in London.
  ['2026-11-30T10:00:00+05:30', 'Mon 7 Dec'],
  ['2026-12-04T23:00:00+05:30', 'Fri 11 Dec'],
  ['2026-12-05T02:00:00+05:30', 'Fri 11 Dec'],
] as const) {
  test(`a debit of ${triedAt} that never reached us is back by ${date}: five working days of its bank`, () => {
    assert.equal(
      aside(triedAt),
      `Do you see a charge at your bank? Banks sometimes hold money for a declined payment. If it never reaches us, your bank must return it by ${date}. If it does arrive here, we confirm your order or send it back, by itself. Quote H-1.`,
    )
  })
}

test('banks elsewhere are held to no date that we know', () => {
  assert.equal(
    aside('2026-11-30T10:00:00+05:30', 'USD'),
    'Do you see a charge at your bank? Banks sometimes hold money for a declined payment. If it never reaches us, your bank lets it go. If it does arrive here, we confirm your order or send it back, by itself. Quote H-1.',
  )
})
