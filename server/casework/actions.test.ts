import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReviewAction } from '../../shared/contract/reviews.ts'
import { actionsFor, holdsMoney, isAnswered, type CaseFacts } from './actions.ts'

type Change = Partial<Omit<CaseFacts, 'capture' | 'refund'>> & {
  capture?: Partial<NonNullable<CaseFacts['capture']>> | null
  refund?: Partial<NonNullable<CaseFacts['refund']>> | null
}

/** A capture of 245.00 that waits, for a pending order of a guest, at a provider that answers; changed as a row says. */
function facts({ capture = {}, refund = null, ...rest }: Change): CaseFacts {
  return {
    order: { status: 'pending', hasExpired: false },
    hasWallet: false,
    providerIsHere: true,
    isSendable: true,
    capture:
      capture === null
        ? null
        : { disposition: 'review', held: 24_500, owed: 24_500, isComparable: true, isOrderPaid: false, ...capture },
    refund: refund === null ? null : { status: 'failed', approval: 'none', requested_by: null, ...refund },
    decision: null,
    isWaiting: false,
    isAskedElsewhere: false,
    suspense: 0,
    isBound: false,
    isUndecided: false,
    ...rest,
  }
}

const confirmed = { status: 'confirmed', hasExpired: false } as const
const cancelled = { status: 'cancelled', hasExpired: false } as const
const expired = { status: 'cancelled', hasExpired: true } as const
const nothingHeld = { disposition: 'surplus', held: 0, owed: 0 } as const
const soldAgain = { disposition: 'kept', held: 24_500, owed: 0 } as const

const TABLE: readonly { kind: string; when: string; of: Change; viewer?: string; actions: ReviewAction[] }[] = [
  { kind: 'amount_differs', when: 'the order waits', of: {}, actions: ['confirm', 'refund', 'ask'] },
  {
    kind: 'amount_differs',
    when: 'the order of a customer waits',
    of: { hasWallet: true },
    actions: ['confirm', 'refund', 'refund_to_wallet', 'ask'],
  },
  {
    kind: 'amount_differs',
    when: 'the order has expired',
    of: { order: expired },
    actions: ['confirm', 'refund', 'write_off', 'ask'],
  },
  {
    kind: 'amount_differs',
    when: 'the order was cancelled',
    of: { order: cancelled },
    actions: ['refund', 'write_off', 'ask'],
  },
  {
    kind: 'amount_differs',
    when: 'another capture pays the order',
    of: { order: confirmed, capture: { isOrderPaid: true } },
    actions: ['refund', 'write_off', 'ask'],
  },
  {
    kind: 'amount_differs',
    when: 'another capture pays the order, whatever the order says of itself',
    of: { capture: { isOrderPaid: true } },
    actions: ['refund', 'ask'],
  },
  {
    kind: 'amount_differs',
    when: 'the order has expired, and another capture pays it',
    of: { order: expired, capture: { isOrderPaid: true } },
    actions: ['refund', 'write_off', 'ask'],
  },
  {
    kind: 'amount_differs',
    when: 'the order waits, and the capture waits no longer',
    of: { capture: { disposition: 'surplus' } },
    actions: ['refund', 'ask'],
  },
  {
    kind: 'amount_differs',
    when: 'the provider is set up no longer',
    of: { providerIsHere: false },
    actions: ['confirm', 'paid_back_elsewhere'],
  },
  { kind: 'amount_differs', when: 'it has gone back', of: { capture: nothingHeld }, actions: ['ask', 'dismiss'] },
  {
    kind: 'amount_differs',
    when: 'its refund failed, and another item asks about that: it holds money all the same',
    of: { order: cancelled, capture: { disposition: 'surplus' }, isAskedElsewhere: true },
    actions: ['refund', 'write_off', 'ask'],
  },
  {
    kind: 'unexpected_capture',
    when: 'the order stands without it',
    of: { order: confirmed, hasWallet: true },
    actions: ['refund', 'refund_to_wallet', 'write_off', 'ask'],
  },
  {
    kind: 'currency_differs',
    when: 'the order waits: it cannot pay it, nor be of use in a wallet',
    of: { hasWallet: true, capture: { isComparable: false } },
    actions: ['refund', 'ask'],
  },
  {
    kind: 'refund_failed',
    when: 'the money is owed',
    of: { order: cancelled, hasWallet: true, refund: {}, capture: { disposition: 'surplus' } },
    actions: ['refund', 'refund_to_wallet', 'paid_back_elsewhere', 'write_off', 'ask'],
  },
  {
    kind: 'refund_failed',
    when: 'the provider is gone',
    of: { order: cancelled, providerIsHere: false, refund: {}, capture: { disposition: 'surplus' } },
    actions: ['paid_back_elsewhere', 'write_off'],
  },
  {
    kind: 'refund_failed',
    when: 'the provider would not send so little',
    of: { order: cancelled, hasWallet: true, isSendable: false, refund: {}, capture: { disposition: 'surplus' } },
    actions: ['paid_back_elsewhere', 'refund_to_wallet', 'write_off', 'ask'],
  },
  {
    kind: 'refund_failed',
    when: 'a sale stands for all of it',
    of: { order: confirmed, refund: {}, capture: soldAgain },
    actions: ['dismiss', 'refund', 'paid_back_elsewhere', 'ask'],
  },
  {
    kind: 'refund_failed',
    when: 'nothing is held any more',
    of: { order: cancelled, refund: {}, capture: nothingHeld },
    actions: ['dismiss'],
  },
  {
    kind: 'refund_undecided',
    when: 'the provider may still make it: paying it back otherwise could pay it twice',
    of: { order: cancelled, hasWallet: true, refund: { status: 'processing' }, capture: nothingHeld },
    actions: ['ask'],
  },
  {
    kind: 'refund_by_hand',
    when: 'nobody but a person can make it',
    of: {
      order: cancelled,
      hasWallet: true,
      providerIsHere: false,
      refund: { status: 'processing' },
      capture: nothingHeld,
    },
    actions: ['paid_back_elsewhere', 'refund_to_wallet'],
  },
  {
    kind: 'refund_undecided',
    when: 'it was decided',
    of: { refund: { status: 'processed' }, capture: nothingHeld },
    actions: ['dismiss'],
  },
  {
    kind: 'refund_approval',
    when: 'a second person looks',
    of: { order: confirmed, refund: { status: 'requested', approval: 'pending', requested_by: 'first' } },
    viewer: 'second',
    actions: ['approve', 'decline'],
  },
  {
    kind: 'refund_approval',
    when: 'whoever asked for it looks',
    of: { order: confirmed, refund: { status: 'requested', approval: 'pending', requested_by: 'first' } },
    viewer: 'first',
    actions: [],
  },
  {
    kind: 'refund_approval',
    when: 'the order was cancelled meanwhile',
    of: { order: cancelled, refund: { status: 'requested', approval: 'pending', requested_by: 'first' } },
    viewer: 'second',
    actions: ['approve'],
  },
  {
    kind: 'decision_approval',
    when: 'FX6 a second person looks',
    of: { decision: { status: 'waiting', requested_by: 'first' } },
    viewer: 'second',
    actions: ['approve', 'decline'],
  },
  {
    kind: 'decision_approval',
    when: 'FX6 whoever asked for it looks: it can be taken back',
    of: { decision: { status: 'waiting', requested_by: 'first' } },
    viewer: 'first',
    actions: ['decline'],
  },
  {
    kind: 'decision_approval',
    when: 'FX6 it was decided',
    of: { decision: { status: 'made', requested_by: 'first' } },
    viewer: 'second',
    actions: ['dismiss'],
  },
  {
    kind: 'amount_differs',
    when: 'FX6 a decision about it waits for a second person',
    of: { hasWallet: true, isWaiting: true },
    actions: ['ask'],
  },
  {
    kind: 'refund_failed',
    when: 'FX6 a decision about it waits, and nobody can be asked',
    of: { providerIsHere: false, isWaiting: true, refund: {} },
    actions: [],
  },
  {
    kind: 'refund_approval',
    when: 'it was decided',
    of: { refund: { status: 'failed', approval: 'declined' } },
    actions: ['dismiss'],
  },
  { kind: 'payment_undecided', when: 'nothing came', of: { capture: null }, actions: ['ask', 'dismiss'] },
  { kind: 'payment_refused', when: 'ever', of: { capture: null }, actions: ['dismiss'] },
  {
    kind: 'capture_contradicts',
    when: 'a sale stands for the capture',
    of: { order: confirmed, capture: soldAgain },
    actions: ['ask', 'dismiss'],
  },
  {
    kind: 'capture_contradicts',
    when: 'the capture waits in another item',
    of: { isAskedElsewhere: true },
    actions: ['ask', 'dismiss'],
  },
  {
    kind: 'reconciliation_differs',
    when: 'money would be left without an answer',
    of: { order: cancelled, capture: { disposition: 'surplus' } },
    actions: ['ask', 'refund', 'write_off'],
  },
  {
    kind: 'refund_unknown_there',
    when: 'the refund is in our books alone',
    of: { order: cancelled, refund: { status: 'processed' }, capture: nothingHeld },
    actions: ['ask', 'dismiss'],
  },
  {
    kind: 'unknown_payment',
    when: 'its money is in suspense',
    of: { order: null, capture: null, suspense: 24_500 },
    actions: ['attach', 'write_off', 'ask'],
  },
  {
    kind: 'unknown_payment',
    when: 'it has gone back',
    of: { order: null, capture: null },
    actions: ['attach', 'ask', 'dismiss'],
  },
  {
    kind: 'unknown_payment',
    when: 'it belongs to an order by now',
    of: { order: null, capture: null, suspense: 24_500, isBound: true },
    actions: ['ask'],
  },
  {
    kind: 'unknown_payment',
    when: 'the provider is set up no longer',
    of: { order: null, capture: null, suspense: 24_500, providerIsHere: false },
    actions: ['write_off'],
  },
  {
    kind: 'settlement_unexplained',
    when: 'suspense has paid for nobody',
    of: { order: null, capture: null, suspense: -700, providerIsHere: false },
    actions: ['write_off', 'dismiss'],
  },
  {
    kind: 'settlement_differs',
    when: 'ever',
    of: { order: null, capture: null, providerIsHere: false },
    actions: ['dismiss'],
  },
  {
    kind: 'dispute_opened',
    when: 'the kind is not known and no money waits',
    of: { order: confirmed, capture: soldAgain },
    actions: ['dismiss'],
  },
  {
    kind: 'dispute_opened',
    when: 'the kind is not known and money waits',
    of: { order: cancelled, capture: { disposition: 'surplus' } },
    actions: ['refund', 'write_off'],
  },
  { kind: 'constructor', when: 'the kind is a word of the language', of: { capture: null }, actions: ['dismiss'] },
]

describe('what an item offers', () => {
  for (const { kind, when, of, viewer, actions } of TABLE) {
    test(`${kind}, ${when}`, () => assert.deepEqual(actionsFor(kind, facts(of), viewer ?? null), actions))
  }

  test('is never the dismissal of an item that holds owed money', () => {
    for (const { kind, of } of TABLE) {
      const given = facts(of)
      if (!holdsMoney(kind) || given.capture?.owed === 0) continue
      assert.equal(actionsFor(kind, given, null).includes('dismiss'), false, kind)
    }
  })

  test('is at least one thing for somebody, so that no item stays open for ever', () => {
    for (const { kind, of } of TABLE) {
      // What waits for a second person is answered where that person is asked.
      const given = { ...facts(of), isWaiting: false }
      assert.notDeepEqual(actionsFor(kind, given, 'nobody yet'), [], kind)
    }
  })
})

describe('whether a look has answered it', () => {
  const rows: readonly { kind: string; of: Change; agrees: boolean; answered: boolean }[] = [
    { kind: 'amount_differs', of: {}, agrees: true, answered: false },
    { kind: 'amount_differs', of: { capture: nothingHeld }, agrees: false, answered: true },
    { kind: 'refund_failed', of: { refund: {}, capture: soldAgain, order: confirmed }, agrees: true, answered: false },
    { kind: 'refund_undecided', of: { refund: { status: 'processing' } }, agrees: true, answered: false },
    { kind: 'refund_undecided', of: { refund: { status: 'processed' } }, agrees: false, answered: true },
    { kind: 'payment_undecided', of: { capture: null, isUndecided: true }, agrees: true, answered: false },
    { kind: 'payment_undecided', of: { capture: null }, agrees: false, answered: true },
    { kind: 'unknown_payment', of: { capture: null, suspense: 100 }, agrees: true, answered: false },
    { kind: 'unknown_payment', of: { capture: null }, agrees: false, answered: false },
    { kind: 'unknown_payment', of: { capture: null }, agrees: true, answered: true },
    { kind: 'capture_contradicts', of: { order: confirmed, capture: soldAgain }, agrees: true, answered: true },
    { kind: 'capture_contradicts', of: { order: confirmed, capture: soldAgain }, agrees: false, answered: false },
    { kind: 'capture_contradicts', of: { order: cancelled }, agrees: true, answered: false },
  ]
  for (const { kind, of, agrees, answered } of rows) {
    test(`${kind} ${JSON.stringify(of)}, the books ${agrees ? 'agree' : 'do not agree'}: ${answered}`, () =>
      assert.equal(isAnswered(kind, facts(of), agrees), answered))
  }
})
