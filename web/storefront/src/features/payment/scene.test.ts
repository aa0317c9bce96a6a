import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IDLE, type PaymentStep } from '../../../../../client/payment-machine.ts'
import { PAYMENT_OUTCOMES, type PaymentOutcome } from '../../../../../client/payment-outcome.ts'
import type { Order } from '../../../../../client/shapes.ts'
import { sceneOf, shownScene, type Scene } from './scene.ts'

const STEPS = {
  idle: IDLE,
  opening: { step: 'opening' },
  open: { step: 'open', declined: null },
  openDeclined: { step: 'open', declined: 'No.' },
  telling: { step: 'telling', attempt: 2, waitMs: 4_000 },
  told: { step: 'told' },
  checking: { step: 'checking' },
  left: { step: 'left', declined: null, isAnswered: true },
  leftDeclined: { step: 'left', declined: 'No.', isAnswered: true },
  noWindow: { step: 'stuck', problem: { code: 'script', message: '' }, claimed: false },
  paidMeanwhile: { step: 'stuck', problem: { code: 'order_already_paid', message: '' }, claimed: false },
  reviewedMeanwhile: { step: 'stuck', problem: { code: 'payment_under_review', message: '' }, claimed: false },
  refusedClaim: { step: 'stuck', problem: { code: 'invalid_signature', message: '' }, claimed: true },
  unheardClaim: { step: 'stuck', problem: { code: 'unauthenticated', message: '' }, claimed: true },
} as const satisfies Record<string, PaymentStep>

const ROWS: [PaymentOutcome | undefined, keyof typeof STEPS, Scene][] = [
  [undefined, 'idle', 'asking'],
  [undefined, 'opening', 'paying'],
  [undefined, 'telling', 'confirming'],
  [undefined, 'checking', 'checking'],
  [undefined, 'unheardClaim', 'signed_out'],
  ['unpaid', 'idle', 'unpaid'],
  ['unpaid', 'opening', 'paying'],
  ['unpaid', 'open', 'paying'],
  ['unpaid', 'telling', 'confirming'],
  ['unpaid', 'checking', 'checking'],
  ['unpaid', 'left', 'left'],
  ['unpaid', 'leftDeclined', 'declined'],
  ['unpaid', 'noWindow', 'unreachable'],
  ['unpaid', 'paidMeanwhile', 'unpaid'],
  ['unpaid', 'reviewedMeanwhile', 'unpaid'],
  ['unpaid', 'refusedClaim', 'confirming'],
  ['unpaid', 'unheardClaim', 'signed_out'],
  ['undecided', 'idle', 'undecided'],
  ['undecided', 'checking', 'checking'],
  ['undecided', 'left', 'undecided'],
  ['undecided', 'open', 'paying'],
  ['again', 'idle', 'again'],
  ['again', 'left', 'again'],
  ['again', 'open', 'paying'],
  ['again', 'noWindow', 'unreachable'],
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
  test(`M6 M9 server says ${outcome ?? 'nothing yet'}, browser is ${step}: ${scene}`, () => {
    assert.equal(sceneOf(outcome, STEPS[step]), scene)
  })
}

test("M1 what the server says about captured money is shown whatever this browser's window does", () => {
  const outcomes = ['confirmed', 'under_review', 'not_gone_back', 'going_back', 'gone_back', 'stays'] as const
  for (const outcome of outcomes) {
    for (const step of Object.values(STEPS)) assert.equal(sceneOf(outcome, step), outcome)
  }
})

test('nothing in the browser alone makes the page say paid', () => {
  for (const outcome of [undefined, ...PAYMENT_OUTCOMES].filter((one) => one !== 'confirmed')) {
    for (const step of Object.values(STEPS)) assert.notEqual(sceneOf(outcome, step), 'confirmed')
  }
})

test('M9 whoever was signed out is asked to sign in, whatever was known before', () => {
  for (const outcome of [undefined, ...PAYMENT_OUTCOMES]) {
    for (const step of Object.values(STEPS)) assert.equal(sceneOf(outcome, step, true), 'signed_out')
  }
})

test('an unpaid order whose time is over is shown as ended, and nothing else is', () => {
  const over = { canPay: false, expiresAt: '2026-11-20T09:31:00.000Z' } as Order
  const now = Date.parse(over.expiresAt ?? '')
  assert.equal(shownScene('left', over, now + 1), 'ended')
  assert.equal(shownScene('left', over, now), 'left')
  assert.equal(shownScene('left', { ...over, canPay: true }, now + 1), 'left')
  assert.equal(shownScene('left', undefined, now + 1), 'left')
  for (const scene of ['undecided', 'under_review', 'confirming', 'again', 'not_gone_back'] as const) {
    assert.equal(shownScene(scene, over, now + 1), scene)
  }
})

test('R3 of an order that was given back before it was sent, where the money is comes first', () => {
  const sums = { currency: 'INR', captured: 500 } as Order['money'][number]
  const back = (money: Partial<Order['money'][number]>, status: Order['status'] = 'confirmed') =>
    ({ status, isGivenBack: true, money: [{ ...sums, ...money }], canPay: false, expiresAt: null }) as Order
  assert.equal(shownScene('confirmed', back({ goneBack: 500 }), 0), 'gone_back')
  assert.equal(shownScene('confirmed', back({ goingBack: 500 }), 0), 'going_back')
  assert.equal(shownScene('confirmed', back({ failedToGoBack: 500 }), 0), 'not_gone_back')
  assert.equal(shownScene('confirmed', back({ goneBack: 500 }, 'shipped'), 0), 'confirmed')
})
