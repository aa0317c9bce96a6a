import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aCall, anAttempt, anEvent, anOrder, aStory, at, aWebhook, fixtureIds as ids } from './story-fixture.ts'
import { latestRefund } from '../../../../../shared/bank-days.ts'
import { filterStory, spokenMark, type StoryRow } from './story-row.ts'
import { tellStory } from './tell-story.ts'

const line = (row: StoryRow) => {
  const mark = 'at' in row.mark ? row.mark.at : `${row.mark.from}>${row.mark.to}`
  return `${mark} ${row.tone}: ${row.title}`
}
/** An order of which nothing is still expected. */
const settled = () =>
  anOrder({ shopOrders: [], payments: anOrder().payments.map((each) => ({ ...each, refunds: [] })) })
const nothing = {
  events: [],
  providerCalls: [],
  webhookEvents: [],
  ledger: [],
  reviewItems: [],
  older: null,
  refundableAlone: null,
  leastRefunds: {},
}

test('the whole story is one list in the order in which it happened, the promises last', () => {
  assert.deepEqual(tellStory(anOrder(), aStory()).map(line), [
    'shopper>hundi message: Order placed',
    'hundi>provider message: Payment opened at Razorpay',
    'provider>hundi refusal: Card •••• 4242 declined',
    'shopper>hundi claim: Shopper came back with a signature',
    'hundi>provider lost: Asked Razorpay what became of the payment, no answer',
    'provider>hundi fact: Razorpay says captured',
    'hundi effect: Order confirmed, in the same commit',
    'hundi>shops message: Three shops told',
    'provider>hundi message: Razorpay says it again: captured',
    'shops>hundi message: Malabar Pepper House accepted',
    'shops>hundi refusal: Pahadi Rasoi rejected its part',
    'hundi refund: Refund begun by itself',
    'hundi>provider refund: Razorpay took the refund',
    'provider>hundi coming: Refund reaches the bank',
    'shops>hundi coming: Rann Karigar answers',
  ])
})

test('only what the provider says makes money arrive: the claim carries no amount, the capture does', () => {
  const rows = tellStory(anOrder(), aStory())
  const claim = rows.find((row) => row.tone === 'claim')
  const fact = rows.find((row) => row.tone === 'fact')
  assert.equal(claim?.money, null)
  assert.deepEqual(fact?.money, { amount: 270900, currency: 'INR' })
  assert.deepEqual(fact?.detail, ['UPI, ananya@okbank. Signed webhook.', ' Amount and currency equal.'])
})

test('nothing is lost: each event, call and webhook is a row or lies folded under one', () => {
  const story = aStory()
  const text = JSON.stringify(tellStory(anOrder(), story))
  for (const event of story.webhookEvents) assert.ok(text.includes(event.eventId), event.eventId)
  for (const reply of ['order_RhT8Wx0aPzK3nB', 'rfnd_RhTiB2yQ0w']) assert.ok(text.includes(reply), reply)
  assert.ok(text.includes('payment: verified to paid (provider, by webhook)'))
  assert.ok(text.includes('order payment: verified to paid (provider, by webhook)'))
  assert.ok(text.includes('7 changes'))
})

test('a webhook is folded under the change it caused, and stands alone when it caused none', () => {
  const rows = tellStory(anOrder(), aStory())
  const fact = rows.find((row) => row.tone === 'fact')
  assert.equal(fact?.folds[0]?.label, 'Raw webhook')
  assert.match(fact?.folds[0]?.body ?? '', /^evt_\d+\n\{/)
  assert.equal(rows.filter((row) => row.key.startsWith('webhook-')).length, 1)
})

test('two webhooks at the same moment do not claim the same commit', () => {
  const story = {
    ...nothing,
    events: [anEvent(100, 'attempt', ids.upi, '>captured', 'provider', 'webhook')],
    webhookEvents: [aWebhook(90, 'payment.captured'), aWebhook(92, 'order.paid')],
  }
  const rows = tellStory(
    anOrder({ shopOrders: [], payments: anOrder().payments.map((p) => ({ ...p, refunds: [] })) }),
    story,
  )
  assert.deepEqual(rows.map(line), [
    'provider>hundi fact: Razorpay says captured',
    'provider>hundi message: Razorpay says the order is paid',
  ])
})

const captured = (source: string) => anEvent(100, 'attempt', ids.upi, '>captured', 'provider', source)

test('of two webhooks that could have caused a change, the one that speaks of it did', () => {
  const story = {
    ...nothing,
    events: [anEvent(100, 'attempt', ids.upi, 'authorized>captured', 'provider', 'webhook')],
    webhookEvents: [aWebhook(80, 'payment.authorized'), aWebhook(85, 'payment.captured')],
  }
  const rows = tellStory(settled(), story)
  assert.deepEqual(rows.map(line), [
    'provider>hundi fact: Razorpay says captured',
    'provider>hundi message: Razorpay says authorized',
  ])
  assert.match(rows[0]?.folds[0]?.body ?? '', /payment\.captured/)
})

test('a webhook of another provider, or a change learned by poll, is not taken for cause and effect', () => {
  const quiet = anOrder({ shopOrders: [], payments: anOrder().payments.map((p) => ({ ...p, refunds: [] })) })
  const polled = tellStory(quiet, {
    ...nothing,
    events: [captured('poll')],
    webhookEvents: [aWebhook(90, 'payment.captured')],
  })
  assert.equal(polled.length, 2)
  const foreign = tellStory(quiet, {
    ...nothing,
    events: [captured('webhook')],
    webhookEvents: [aWebhook(90, 'x', { provider: 'stripe' })],
  })
  assert.equal(foreign.length, 2)
})

test('one commit of a verify call is a claim, a fact and what followed from it', () => {
  const signature = {
    ...anEvent(200, 'attempt', ids.upi, '>', 'shopper', 'verify'),
    type: 'payment.signature_verified',
  }
  const story = {
    ...nothing,
    events: [
      signature,
      anEvent(200, 'attempt', ids.upi, 'authorized>captured', 'provider', 'verify'),
      anEvent(200, 'order', ids.order, 'pending>confirmed', 'system', 'verify'),
      anEvent(200, 'payment', ids.payment, 'authorized>paid', 'system'),
    ],
    providerCalls: [aCall(150, 'fetchOrderPayments', { durationMs: 13 })],
    webhookEvents: [aWebhook(190, 'payment.captured'), aWebhook(900, 'payment.captured')],
  }
  const rows = tellStory(settled(), story)
  assert.deepEqual(rows.map(line), [
    'hundi>provider message: Asked Razorpay what became of the payment',
    'shopper>hundi claim: Shopper came back with a signature',
    'provider>hundi fact: Razorpay says captured',
    'hundi effect: Order confirmed, in the same commit',
    'provider>hundi message: Razorpay says captured',
    'provider>hundi message: Razorpay says it again: captured',
  ])
  assert.match(String(rows[4]?.detail), /arrived at 14:31:52\.294\. Known by the time it was read/)
  assert.match(String(rows[5]?.detail), /Known already/)
  assert.equal(rows[1]?.folds[0]?.label, '4 changes')
})

test('a forged signature is a refusal that changed nothing', () => {
  const forged = { ...anEvent(0, 'payment', ids.payment, '>', 'shopper', 'verify'), type: 'payment.signature_refused' }
  assert.deepEqual(tellStory(settled(), { ...nothing, events: [forged] }).map(line), [
    'shopper>hundi refusal: A signature came that is not valid',
  ])
})

test('FX2 signatures that are not valid, one after another, bury nothing: they are one row', () => {
  const refused = (second: number) => ({
    ...anEvent(second, 'payment', ids.payment, '>', 'shopper', 'verify'),
    type: 'payment.signature_refused',
  })
  const events = [
    refused(1),
    refused(61),
    anEvent(90, 'attempt', ids.upi, '>captured', 'provider', 'poll'),
    refused(121),
  ]
  const rows = tellStory(settled(), { ...nothing, events })
  assert.deepEqual(
    rows.map((row) => row.title),
    ['A signature came that is not valid', rows[1]?.title, 'A signature came that is not valid'],
  )
  assert.match(rows[0]?.detail.join('') ?? '', /^2 times, last at /)
})

test('money under review: the question stands after the capture that raised it, and once', () => {
  const opened = { ...anEvent(29, 'payment', ids.payment, '>', 'system', 'webhook'), type: 'review.opened' }
  const rows = tellStory(settled(), {
    ...nothing,
    events: [
      anEvent(29, 'attempt', ids.upi, 'authorized>captured', 'provider', 'webhook'),
      opened,
      anEvent(29, 'payment', ids.payment, 'authorized>created', 'system'),
    ],
    reviewItems: [{ id: 'r', kind: 'amount_differs', summary: 'Differs.', createdAt: at(28), resolvedAt: null }],
  })
  assert.deepEqual(rows.map(line), [
    'provider>hundi fact: Razorpay says captured',
    'hundi review: A person has to look',
  ])
})

test('the same question asked again without news is one row with all its answers', () => {
  const rows = tellStory(settled(), {
    ...nothing,
    providerCalls: [
      aCall(0, 'fetchOrderPayments', { reply: { items: 'first' } }),
      aCall(60_000, 'fetchOrderPayments', { reply: { items: 'second' } }),
      aCall(120_000, 'fetchOrderPayments', { reply: { items: 'third' }, durationMs: 9 }),
      aCall(180_000, 'fetchOrderPayments', { outcome: 'unknown', httpStatus: null }),
    ],
  })
  assert.deepEqual(rows.map(line), [
    'hundi>provider message: Asked Razorpay what became of the payment',
    'hundi>provider lost: Asked Razorpay what became of the payment, no answer',
  ])
  assert.equal(rows[0]?.detail.join(''), '3 times, last at 14:33:52. Answered in 9 ms.')
  for (const answer of ['first', 'second', 'third']) assert.ok(rows[0]?.folds[0]?.body.includes(answer))
})

test('a call that ended unknown never looks like a refusal, and a refusal carries its reason', () => {
  const story = {
    ...nothing,
    providerCalls: [
      aCall(0, 'refund', { outcome: 'unknown', httpStatus: 503, durationMs: 812 }),
      aCall(1, 'refund', {
        outcome: 'refused',
        httpStatus: 400,
        durationMs: 90,
        reply: { error: { description: 'too late' } },
      }),
      aCall(2, 'capture', { outcome: 'pending', httpStatus: null, durationMs: null, reply: null }),
    ],
  }
  const rows = tellStory(anOrder({ shopOrders: [], payments: [] }), story)
  assert.deepEqual(
    rows.map((row) => [row.tone, row.detail.join('')]),
    [
      ['lost', 'HTTP 503 in 812 ms. Unknown, so nothing changed. It is asked again.'],
      ['refusal', 'HTTP 400 in 90 ms. Too late'],
      ['claim', 'Waiting for the answer.'],
    ],
  )
})

test('an amount that differs is said with the capture', () => {
  const order = anOrder()
  const payment = order.payments[0]
  assert.ok(payment)
  const short = { ...payment, refunds: [], attempts: [anAttempt({ status: 'captured', capturedAmount: 100 })] }
  const rows = tellStory(anOrder({ shopOrders: [], payments: [short] }), {
    ...nothing,
    events: [anEvent(0, 'attempt', ids.upi, '>captured', 'provider', 'webhook')],
    reviewItems: [
      { id: 'r', kind: 'amount_differs', summary: '₹1.00 of ₹2,709.00', createdAt: at(0), resolvedAt: at(5000) },
    ],
  })
  assert.deepEqual(rows.map(line), [
    'provider>hundi fact: Razorpay says captured',
    'hundi review: A person has to look',
    'hundi effect: Looked at and closed',
  ])
  assert.match(String(rows[0]?.detail.join('')), /not what we asked for/)
})

test('an event this panel does not know is told by its own name, on the side it came from', () => {
  const rows = tellStory(anOrder({ shopOrders: [], payments: [] }), {
    ...nothing,
    events: [
      { ...anEvent(0, 'payment', ids.payment, '>', 'shopper', 'verify'), type: 'payment.signature_invalid' },
      { ...anEvent(500, 'parcel', ids.payment, '>lost', 'provider'), type: 'parcel.lost_in_post' },
    ],
  })
  assert.deepEqual(rows.map(line), ['shopper>hundi refusal: Signature invalid', 'provider>hundi message: Lost in post'])
})

test('an unpaid order shows when it ends, a verified one that the provider has yet to confirm', () => {
  const open = { ...anOrder().payments[0], attempts: [], refunds: [] } as ReturnType<typeof anOrder>['payments'][number]
  const unpaid = anOrder({
    status: 'pending',
    paymentStatus: 'pending',
    shopOrders: [],
    expiresAt: at(1_800_000),
    payments: [{ ...open, status: 'created' }],
  })
  assert.deepEqual(
    tellStory(unpaid, nothing).map((row) => [line(row), row.at]),
    [['hundi coming: Order ends unless it is paid', at(1_800_000)]],
  )
  const verified = anOrder({
    status: 'pending',
    paymentStatus: 'verified',
    shopOrders: [],
    expiresAt: at(1),
    payments: [{ ...open, status: 'verified' }],
  })
  assert.deepEqual(tellStory(verified, nothing).map(line), ['provider>hundi coming: Razorpay confirms the money'])
})

test('filters leave money, or what was asked of the provider', () => {
  const rows = tellStory(anOrder(), aStory())
  assert.deepEqual(filterStory(rows, 'everything'), rows)
  assert.deepEqual(
    filterStory(rows, 'calls').map((row) => row.title),
    ['Payment opened at Razorpay', 'Asked Razorpay what became of the payment, no answer', 'Razorpay took the refund'],
  )
  const money = filterStory(rows, 'money').map((row) => row.title)
  assert.ok(money.includes('Razorpay says captured') && money.includes('Refund begun by itself'))
  assert.ok(!money.includes('Malabar Pepper House accepted'))
})

test('a screen reader hears who told whom', () => {
  assert.equal(spokenMark({ from: 'provider', to: 'hundi' }, 'Razorpay'), 'Razorpay to Hundi')
  assert.equal(spokenMark({ at: 'hundi' }, 'Razorpay'), 'Hundi')
})

test('the latest refund date counts working days of the way that was paid', () => {
  const friday = '2026-11-20T09:11:09.402Z'
  assert.equal(latestRefund(friday, 'upi').slice(0, 10), '2026-11-25')
  assert.equal(latestRefund(friday, 'card').slice(0, 10), '2026-12-01')
  assert.equal(latestRefund(friday, null).slice(0, 10), '2026-12-01')
})

test('an order that follows its parts is told by what moved them', () => {
  const told = (...events: ReturnType<typeof anEvent>[]) => tellStory(settled(), { ...nothing, events }).map(line)
  const partOf = (change: string, actor: string, data = {}) => ({
    ...anEvent(100, 'shop_order', ids.rann, change, actor, 'api'),
    data,
  })
  const whole = anOrder()
  const tell = (...events: ReturnType<typeof anEvent>[]) =>
    tellStory({ ...whole, payments: settled().payments }, { ...nothing, events })
      .filter((row) => row.tone !== 'coming')
      .map(line)
  assert.deepEqual(
    tell(
      anEvent(100, 'order', ids.order, 'confirmed>shipped', 'system', 'api'),
      partOf('accepted>cancelled', 'admin', { reason: 'admin', note: 'The loom broke' }),
    ),
    ['hundi effect: All that is to come is on its way', 'hundi refusal: An admin cancelled the part of Rann Karigar'],
  )
  assert.deepEqual(tell(partOf('accepted>shipped', 'admin')), [
    'hundi message: An admin marked the part of Rann Karigar shipped',
  ])
  assert.deepEqual(
    tell(partOf('accepted>shipped', 'admin'), {
      ...partOf('accepted>shipped', 'admin'),
      id: '2',
      subjectId: ids.malabar,
    }),
    [
      'hundi message: An admin marked the part of Rann Karigar shipped',
      'hundi message: An admin marked the part of Malabar Pepper House shipped',
    ],
  )
  assert.deepEqual(told(anEvent(100, 'order', ids.order, 'delivered>confirmed', 'system', 'api')), [
    'hundi effect: Order is to be shipped again',
  ])
})
