/**
 * Razorpay's JSON → our facts, from payloads as Razorpay writes them: refund events with
 * sorted keys, `notes` as `[]`, and fields that come and go. One row per payload; the expected facts in full.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { AttemptFact, PaymentFact, RefundFact } from '../../money/payment.ts'
import { UnreadableEvent } from '../provider.ts'
import {
  attemptFact,
  collectionItems,
  readOrder,
  refundFact,
  settlementLine,
  UnreadableEntity,
  unreadPayment,
  webhookContent,
} from './facts.ts'

/** What a fact says beside its time and what has gone back, which have a test of their own. */
type Said<T> = Omit<T, 'providerCreatedAt' | 'refundedAmount'>

const OF = { providerOrderId: 'order_R7kPfT3vYc8NdJ' }

const CAPTURED: Said<AttemptFact> = {
  kind: 'attempt',
  provider: 'razorpay',
  of: OF,
  source: 'webhook',
  reference: null,
  providerPaymentId: 'pay_R7kQ2mXw9LpZ4t',
  status: 'captured',
  amount: 49_900,
  currency: 'INR',
  method: 'upi',
  methodDetail: 'ananya@okbank',
  fee: 1_178,
  tax: 180,
  errorCode: null,
  errorDescription: null,
}

const FAILED: Said<AttemptFact> = {
  ...CAPTURED,
  providerPaymentId: 'pay_R7kPz1HfWq5MuC',
  status: 'failed',
  fee: null,
  tax: null,
  errorCode: 'payment_failed',
  errorDescription: 'Your payment was not successful as your bank declined it. Try another way to pay.',
}

const REFUND: Said<RefundFact> = {
  kind: 'refund',
  provider: 'razorpay',
  of: OF,
  source: 'webhook',
  reference: null,
  providerPaymentId: 'pay_R7kQ2mXw9LpZ4t',
  providerRefundId: 'rfnd_R7pB8nVd3KsX6q',
  ourRefundId: '0199a1d7-44aa-7c21-9f0e-5d2b7a6c8e31',
  status: 'processed',
  amount: 10_000,
  currency: 'INR',
}

const NOTHING_CAPTURED = { fee: null, tax: null }

const EVENTS: readonly {
  fixture: string
  type: string
  facts: readonly (Said<AttemptFact> | Said<RefundFact>)[]
  why?: string
}[] = [
  { fixture: 'payment-captured', type: 'payment.captured', facts: [CAPTURED] },
  {
    fixture: 'payment-authorized',
    type: 'payment.authorized',
    facts: [{ ...CAPTURED, ...NOTHING_CAPTURED, status: 'authorized', method: 'card', methodDetail: 'Visa •••• 1007' }],
  },
  { fixture: 'payment-failed', type: 'payment.failed', facts: [FAILED] },
  { fixture: 'order-paid', type: 'order.paid', facts: [CAPTURED] },
  { fixture: 'refund-created', type: 'refund.created', facts: [CAPTURED, { ...REFUND, status: 'processing' }] },
  { fixture: 'refund-processed', type: 'refund.processed', facts: [CAPTURED, REFUND] },
  { fixture: 'refund-failed', type: 'refund.failed', facts: [CAPTURED, { ...REFUND, status: 'failed' }] },
  {
    fixture: 'refund-dashboard',
    type: 'refund.processed',
    facts: [CAPTURED, { ...REFUND, providerRefundId: 'rfnd_R7qC4mTz8LwY1n', ourRefundId: null, amount: 49_900 }],
    why: 'a receipt that is not an id of ours is not taken for one; the capture stays a capture',
  },
  {
    fixture: 'refund-uncaptured',
    type: 'refund.processed',
    facts: [
      { ...CAPTURED, status: 'refunded', fee: 0, tax: 0 },
      { ...REFUND, providerRefundId: 'rfnd_R9aD7kPx2NvB5h', ourRefundId: null, amount: 49_900 },
    ],
    why: 'an authorization that was given back was never captured',
  },
  { fixture: 'dispute-created', type: 'payment.dispute.created', facts: [], why: 'a dispute moves no payment' },
  { fixture: 'downtime-started', type: 'payment.downtime.started', facts: [] },
  { fixture: 'settlement-processed', type: 'settlement.processed', facts: [] },
  {
    fixture: 'payment-without-order',
    type: 'payment.authorized',
    facts: [],
    why: 'without an order it is none of ours, and Razorpay gives it back by itself',
  },
]

describe('P22 P25 a webhook', () => {
  for (const { fixture, type, facts, why } of EVENTS) {
    test(`${fixture} says ${facts.length} facts${why === undefined ? '' : `: ${why}`}`, () => {
      const content = webhookContent(raw(`webhook-${fixture}`))
      assert.deepEqual({ type: content.type, facts: said(content.facts) }, { type, facts })
    })
  }

  test('of a name that we do not know says nothing, whatever it carries', () => {
    const event = { ...json('webhook-payment-captured'), event: 'subscription.charged' }
    assert.deepEqual(webhookContent(Buffer.from(JSON.stringify(event))), { type: 'subscription.charged', facts: [] })
  })

  test('with fields that are new to us says the same', () => {
    const event = json('webhook-payment-captured')
    entityOf(event)['quantum_state'] = { spin: 'up' }
    assert.deepEqual(said(webhookContent(Buffer.from(JSON.stringify({ ...event, version: 9 }))).facts), [CAPTURED])
  })

  test('without payload says nothing', () => {
    const { payload: _payload, ...event } = json('webhook-payment-captured')
    assert.deepEqual(webhookContent(Buffer.from(JSON.stringify(event))).facts, [])
  })

  for (const field of ['id', 'status', 'amount', 'currency']) {
    for (const value of [undefined, null, '', 7.5, {}]) {
      test(`whose payment has ${field} = ${JSON.stringify(value) ?? 'nothing'} is unreadable`, () => {
        const event = json('webhook-payment-captured')
        entityOf(event)[field] = value
        assert.throws(
          () => webhookContent(Buffer.from(JSON.stringify(event))),
          (error) =>
            error instanceof UnreadableEvent &&
            error.type === 'payment.captured' &&
            error.cause instanceof UnreadableEntity,
        )
      })
    }
  }
})

describe('P22 P25 an API answer', () => {
  test('of all attempts gives one fact each, with what a person would know it by', () => {
    const facts = collectionItems(json('payments-of-order')).map((item) => attemptFact(item, 'poll'))
    const polled = { source: 'poll' as const }
    assert.deepEqual(said(facts), [
      { ...CAPTURED, ...polled },
      { ...FAILED, ...polled, method: 'card', methodDetail: 'MasterCard •••• 0007' },
      {
        ...FAILED,
        ...polled,
        providerPaymentId: 'pay_R7kPq4NbGd7JkE',
        method: 'netbanking',
        methodDetail: 'HDFC',
        errorCode: 'payment_cancelled',
      },
      {
        ...CAPTURED,
        ...NOTHING_CAPTURED,
        ...polled,
        providerPaymentId: 'pay_R7kPk2MvFs9HyA',
        status: 'created',
        method: 'wallet',
        methodDetail: 'paytm',
      },
    ])
  })

  test('tells when things began by its own clock, and what of a capture has gone back', () => {
    const [captured] = collectionItems(json('payments-of-order'))
    const payment = captured as Record<string, unknown>
    const fact = attemptFact({ ...payment, created_at: 1_787_923_803, amount_refunded: 20_000 }, 'poll')
    assert.deepEqual(
      [fact?.providerCreatedAt?.toISOString(), fact?.refundedAmount],
      ['2026-08-28T13:30:03.000Z', 20_000],
    )
    for (const created_at of [undefined, null, 'soon', -1, 1.5, 10 ** 12]) {
      assert.equal(attemptFact({ ...payment, created_at }, 'poll')?.providerCreatedAt, null)
    }
    const [refund] = collectionItems(json('refunds-of-payment')) as Record<string, unknown>[]
    const back = refundFact({ ...refund, created_at: 1_787_923_803 }, OF, 'poll')
    assert.equal(back?.providerCreatedAt?.toISOString(), '2026-08-28T13:30:03.000Z')
  })

  test('in a currency without decimals keeps the amount as it stands', () => {
    const fact = attemptFact(json('payment-yen'), 'poll')
    assert.deepEqual([fact?.amount, fact?.currency, fact?.methodDetail], [29_500, 'JPY', null])
  })

  test('of refunds gives their facts, bound to the order that was asked about', () => {
    const facts = collectionItems(json('refunds-of-payment')).map((item) => refundFact(item, OF, 'poll'))
    assert.deepEqual(said(facts), [
      { ...REFUND, source: 'poll' },
      {
        ...REFUND,
        source: 'poll',
        providerRefundId: 'rfnd_R7qC4mTz8LwY1n',
        ourRefundId: null,
        amount: 20_000,
        status: 'processing',
      },
    ])
  })

  test('of an order gives what binds it to our payment', () => {
    assert.deepEqual(readOrder(json('order')), {
      id: 'order_R7kPfT3vYc8NdJ',
      amount: 49_900,
      currency: 'INR',
      status: 'created',
      receipt: '0199a1c2-7b3d-7e4f-8a5b-6c7d8e9f0a1b',
    })
  })

  test('in a status word that is new to us gives no fact', () => {
    assert.equal(attemptFact({ ...json('payment-yen'), status: 'in_review' }, 'poll'), null)
    const [refund] = collectionItems(json('refunds-of-payment')) as Record<string, unknown>[]
    assert.equal(refundFact({ ...refund, status: 'initiated' }, OF, 'poll'), null)
  })

  test('that is no entity or collection is unreadable', () => {
    for (const value of [null, undefined, 'text', 7, [], true]) {
      assert.throws(() => attemptFact(value, 'poll'), UnreadableEntity)
      assert.throws(() => refundFact(value, OF, 'poll'), UnreadableEntity)
      assert.throws(() => readOrder(value), UnreadableEntity)
      assert.throws(() => collectionItems(value), UnreadableEntity)
    }
    for (const items of [undefined, null, {}, 'x']) assert.throws(() => collectionItems({ items }), UnreadableEntity)
  })

  for (const [field, value] of [
    ['fee', '1178'],
    ['fee', -1],
    ['tax', 1.5],
    ['fee', 290.4],
  ] as const) {
    test(`R12 with ${field} = ${JSON.stringify(value)} has none that we know, and is read all the same`, () => {
      const fact = attemptFact({ ...json('payment-yen'), [field]: value }, 'poll')
      assert.deepEqual(fact, { ...attemptFact(json('payment-yen'), 'poll'), [field]: null })
    })
  }
  test('R12 an unreadable fee of a settlement line is no fee of zero: the line is unreadable', () => {
    const line = { ...(json('settlement-lines')['items'] as Record<string, unknown>[])[0], fee: 290.4 }
    assert.throws(() => settlementLine(line), UnreadableEntity)
  })

  for (const [what, change] of [
    ['a word that we do not know', { status: 'levitating' }],
    ['cash on delivery, whatever its status', { status: 'created', method: 'cod' }],
    ['cash on delivery that is called pending', { status: 'pending', method: 'cod' }],
  ] as const) {
    test(`P22 ${what}: no fact about money, and a person hears of it`, () => {
      const entity: Record<string, unknown> = { ...json('payment-yen'), ...change }
      assert.equal(attemptFact(entity, 'poll'), null)
      const { of, providerPaymentId } = attemptFact(json('payment-yen'), 'poll') as AttemptFact
      assert.deepEqual(unreadPayment(entity, 'poll'), {
        kind: 'unread',
        provider: 'razorpay',
        source: 'poll',
        reference: null,
        of,
        providerPaymentId,
        providerRefundId: null,
        word: change.status,
        method: 'method' in change ? change.method : (entity['method'] as unknown),
      })
    })
  }
})

function said(facts: readonly (PaymentFact | null)[]) {
  return facts.map((fact) => {
    const { providerCreatedAt: _at, refundedAmount: _back, ...rest } = fact as AttemptFact
    return rest
  })
}

function raw(name: string): Buffer {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url))
}

function json(name: string): Record<string, unknown> {
  return JSON.parse(raw(name).toString('utf8'))
}

function entityOf(event: Record<string, unknown>): Record<string, unknown> {
  return (event['payload'] as { payment: { entity: Record<string, unknown> } }).payment.entity
}
