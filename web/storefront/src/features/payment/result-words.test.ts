import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IDLE, type PaymentStep } from '../../../../../client/payment-machine.ts'
import { PAYMENT_OUTCOMES, type PaymentOutcome } from '../../../../../client/payment-outcome.ts'
import { askedSoFar, sceneOf, sceneTitle, tabTitle, type Scene } from './result-words.ts'

const STEPS = {
  idle: IDLE,
  opening: { step: 'opening' },
  open: { step: 'open', declined: null },
  openDeclined: { step: 'open', declined: 'No.' },
  telling: { step: 'telling', attempt: 2, waitMs: 4_000 },
  told: { step: 'told' },
  left: { step: 'left', declined: null },
  leftDeclined: { step: 'left', declined: 'No.' },
  noWindow: { step: 'stuck', problem: { code: 'script', message: '' }, claimed: false },
  paidMeanwhile: { step: 'stuck', problem: { code: 'order_already_paid', message: '' }, claimed: false },
  refusedClaim: { step: 'stuck', problem: { code: 'invalid_signature', message: '' }, claimed: true },
} as const satisfies Record<string, PaymentStep>

const ROWS: [PaymentOutcome | undefined, keyof typeof STEPS, Scene][] = [
  [undefined, 'idle', 'asking'],
  [undefined, 'opening', 'paying'],
  [undefined, 'telling', 'confirming'],
  ['unpaid', 'idle', 'unpaid'],
  ['unpaid', 'opening', 'paying'],
  ['unpaid', 'open', 'paying'],
  ['unpaid', 'telling', 'confirming'],
  ['unpaid', 'left', 'left'],
  ['unpaid', 'leftDeclined', 'declined'],
  ['unpaid', 'noWindow', 'unreachable'],
  ['unpaid', 'paidMeanwhile', 'unpaid'],
  ['unpaid', 'refusedClaim', 'confirming'],
  ['declined', 'idle', 'declined'],
  ['declined', 'open', 'paying'],
  ['declined', 'telling', 'confirming'],
  ['declined', 'left', 'declined'],
  ['declined', 'told', 'declined'],
  ['confirming', 'idle', 'confirming'],
  ['confirming', 'open', 'confirming'],
  ['confirming', 'left', 'confirming'],
  ['ended', 'left', 'ended'],
  ['ended', 'telling', 'confirming'],
]

for (const [outcome, step, scene] of ROWS) {
  test(`server says ${outcome ?? 'nothing yet'}, browser is ${step}: ${scene}`, () => {
    assert.equal(sceneOf(outcome, STEPS[step]), scene)
  })
}

test("what the server says about captured money is shown whatever this browser's window does", () => {
  for (const outcome of ['confirmed', 'going_back', 'gone_back'] as const) {
    for (const step of Object.values(STEPS)) assert.equal(sceneOf(outcome, step), outcome)
  }
})

test('nothing in the browser alone makes the page say paid', () => {
  for (const outcome of [undefined, ...PAYMENT_OUTCOMES].filter((one) => one !== 'confirmed')) {
    for (const step of Object.values(STEPS)) assert.notEqual(sceneOf(outcome, step), 'confirmed')
  }
})

test('the heading counts the shops', () => {
  assert.equal(sceneTitle('confirmed', 3), 'Paid. Three shops are packing your box.')
  assert.equal(sceneTitle('confirmed', 1), 'Paid. One shop is packing your box.')
  assert.equal(sceneTitle('confirmed', 0), 'Paid. Your order stands.')
  assert.equal(sceneTitle('confirmed', 2, true), 'Ordered. Two shops are packing your box.')
})

test('nobody is told that a payment failed or was not made because a window was closed', () => {
  assert.equal(sceneTitle('left', 1), 'You left the payment window')
  assert.equal(tabTitle('left', 'H-10482'), 'No payment seen yet, H-10482')
})

test('the tab says what the matter is', () => {
  assert.equal(tabTitle('confirming', 'H-10482'), 'Confirming your payment, H-10482')
  assert.equal(tabTitle('confirmed', 'H-10482'), 'Paid, H-10482')
  assert.equal(tabTitle('asking', undefined), 'Your order')
})

test('questions are counted in words', () => {
  assert.deepEqual([0, 1, 2, 3].map(askedSoFar), [
    'Asking now',
    'Asked once so far',
    'Asked twice so far',
    'Asked 3 times so far',
  ])
})
