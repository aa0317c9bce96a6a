import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IDLE, isPaying, nextPaymentStep, type PaymentSignal, type PaymentStep } from './payment-machine.ts'

const problem = { code: 'invalid_signature', message: 'No.' }
const declined: PaymentSignal = { type: 'declined', reason: 'The bank declined this card.' }

function after(...signals: PaymentSignal[]): PaymentStep {
  return signals.reduce(nextPaymentStep, IDLE)
}

const OPEN: PaymentSignal[] = [{ type: 'pay' }, { type: 'opened' }]

test('from the button to the server having been told', () => {
  assert.deepEqual(after({ type: 'pay' }), { step: 'opening' })
  assert.deepEqual(after(...OPEN), { step: 'open', declined: null })
  assert.deepEqual(after(...OPEN, { type: 'approved' }), { step: 'telling', attempt: 1, waitMs: null })
  assert.deepEqual(after(...OPEN, { type: 'approved' }, { type: 'told' }), { step: 'told' })
})

test('a double click does not begin a second payment', () => {
  for (const signals of [[{ type: 'pay' }], OPEN, [...OPEN, { type: 'approved' }]] as PaymentSignal[][]) {
    const once = after(...signals)
    assert.ok(isPaying(once))
    assert.equal(nextPaymentStep(once, { type: 'pay' }), once)
  }
})

test('a broken connection while telling waits and tells again', () => {
  const approved: PaymentSignal[] = [...OPEN, { type: 'approved' }]
  assert.deepEqual(after(...approved, { type: 'retrying', attempt: 1, waitMs: 4_000 }), {
    step: 'telling',
    attempt: 1,
    waitMs: 4_000,
  })
  assert.deepEqual(after(...approved, { type: 'retrying', attempt: 1, waitMs: 4_000 }, { type: 'asking' }), {
    step: 'telling',
    attempt: 2,
    waitMs: null,
  })
})

test('leaving the window keeps the order payable, and what the bank said stays known', () => {
  assert.deepEqual(after(...OPEN, declined, { type: 'dismissed' }), {
    step: 'left',
    declined: 'The bank declined this card.',
    isAnswered: true,
  })
  assert.deepEqual(after(...OPEN, declined, { type: 'dismissed' }, { type: 'pay' }), { step: 'opening' })
})

test('a claim that could not be checked is asked about, and is none once the provider has answered', () => {
  const refused = after(...OPEN, { type: 'approved' }, { type: 'refused', problem })
  assert.deepEqual(refused, { step: 'stuck', problem, claimed: true })
  assert.deepEqual(nextPaymentStep(refused, { type: 'checked', isAnswered: true }), IDLE)
  assert.equal(nextPaymentStep(refused, { type: 'checked', isAnswered: false }), refused)
  const unheard = after(...OPEN, { type: 'approved' }, { type: 'refused', problem: { code: 'network', message: '' } })
  assert.equal(nextPaymentStep(unheard, { type: 'checked', isAnswered: true }), unheard)
})

test('M6 a window that is left without an answer: the provider is asked before anybody can pay again', () => {
  const left: PaymentSignal[] = [...OPEN, { type: 'dismissed' }]
  assert.deepEqual(after(...left), { step: 'checking' })
  assert.ok(isPaying(after(...left)))
  assert.deepEqual(after(...left, { type: 'pay' }), { step: 'checking' })
  assert.deepEqual(after({ type: 'pay' }, { type: 'dismissed' }), { step: 'checking' })
  for (const isAnswered of [true, false]) {
    const checked: PaymentSignal[] = [...left, { type: 'checked', isAnswered }]
    assert.deepEqual(after(...checked), { step: 'left', declined: null, isAnswered })
    assert.deepEqual(after(...checked, { type: 'pay' }), { step: 'opening' })
    assert.deepEqual(after(...checked, { type: 'ask' }), { step: 'checking' })
  }
  // A page that was only looked at can ask too; one that tells a claim must not be taken away from it.
  assert.deepEqual(after({ type: 'ask' }), { step: 'checking' })
  const telling = after(...OPEN, { type: 'approved' })
  assert.equal(nextPaymentStep(telling, { type: 'ask' }), telling)
  assert.equal(nextPaymentStep(telling, { type: 'checked', isAnswered: true }), telling)
})

test('a window that closes after success does not undo it', () => {
  const telling = after(...OPEN, { type: 'approved' })
  assert.equal(nextPaymentStep(telling, { type: 'dismissed' }), telling)
  assert.equal(nextPaymentStep(telling, declined), telling)
})

test('a success that arrives after the window was closed still counts', () => {
  assert.deepEqual(after(...OPEN, { type: 'dismissed' }, { type: 'approved' }), {
    step: 'telling',
    attempt: 1,
    waitMs: null,
  })
})

test('a failed try and then a good one in the same window end in success', () => {
  assert.deepEqual(after(...OPEN, declined, { type: 'approved' }, { type: 'told' }), { step: 'told' })
})

test('what could not begin can be begun again, what was claimed cannot', () => {
  const notBegun = after({ type: 'pay' }, { type: 'refused', problem })
  assert.deepEqual(notBegun, { step: 'stuck', problem, claimed: false })
  assert.deepEqual(nextPaymentStep(notBegun, { type: 'pay' }), { step: 'opening' })
  const claimed = after(...OPEN, { type: 'approved' }, { type: 'refused', problem })
  assert.deepEqual(claimed, { step: 'stuck', problem, claimed: true })
  assert.equal(nextPaymentStep(claimed, { type: 'pay' }), claimed)
})

test('told stays told, until the server says that it failed and the shopper pays again', () => {
  const told = after(...OPEN, { type: 'approved' }, { type: 'told' })
  const signals: PaymentSignal[] = [
    { type: 'opened' },
    declined,
    { type: 'dismissed' },
    { type: 'approved' },
    { type: 'retrying', attempt: 1, waitMs: 1 },
    { type: 'asking' },
    { type: 'told' },
  ]
  for (const signal of signals) assert.equal(nextPaymentStep(told, signal), told, signal.type)
  assert.equal(nextPaymentStep(told, { type: 'settled' }), IDLE)
  assert.deepEqual(nextPaymentStep(told, { type: 'pay' }), { step: 'opening' })
})
