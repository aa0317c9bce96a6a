/**
 * S1: a server is killed at every point of what an admin asks it to do with money: refund, capture, mark, attach. The
 * same request again, sent to another server, gives the one answer; each order ends as if nothing had happened, once.
 * The servers are real processes; see test/crash-world.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { paidOnce, unpaid, type Written, strayOrder } from '../buyer.ts'
import { callOf, commitOf, openCrashWorld, paid, PRICE, ROUNDS, type CrashWorld } from '../crash-world.ts'
import type { ServerProcess } from '../server-process.ts'
import type { Answer } from '../shop.ts'

const PART = 4_500

let world: CrashWorld

before(async () => {
  world = await openCrashWorld()
})
after(() => world.close())

/** Asks a server that dies of it, then another one, and that one once more. */
async function askedAgain(point: string, path: string, body: Record<string, unknown>, status: number): Promise<Answer> {
  const { admin, steady } = world
  const key = world.freshKey()
  const ask = (server: ServerProcess) =>
    server.call('POST', path, { as: admin, key, body: { reason: 'As agreed by phone', ...body } })
  const mortal = await world.start('api', point)
  await assert.rejects(ask(mortal), TypeError)
  await mortal.crashed()
  await world.hoursPass()
  const answer = await ask(steady)
  assert.equal(answer.status, status, JSON.stringify(answer.body))
  const repeated = await ask(steady)
  assert.deepEqual(repeated.body, answer.body)
  assert.equal(repeated.headers.get('idempotency-replayed'), 'true')
  return answer
}

async function refunding(point: string): Promise<void> {
  const { orderId, paymentId } = await world.placeAndPay()
  await askedAgain(point, '/api/payments/refund', { paymentId, amount: PART }, 202)
  const once = paidOnce(PRICE)
  world.expected.set(orderId, {
    ...once,
    order: 'confirmed/partially_refunded',
    payments: [`partially_refunded ${PRICE}/${PART}`],
    attempts: [`captured kept ${PRICE}/${PART}`],
    refunds: [`processed ${PART} As agreed by phone`],
    ledger: [
      `capture ${PRICE} INR`,
      `refund ${PART} INR`,
      `refund_owed ${PART} INR`,
      `sale ${PRICE} INR`,
      `sale_reversed ${PART} INR`,
    ],
  })
}

async function capturing(point: string): Promise<void> {
  const placed = await world.place()
  await world.pay(placed, 'authorized')
  await askedAgain(point, `/api/payments/${placed.paymentId}/capture`, {}, 200)
  world.expected.set(placed.orderId, paid())
}

/** A payment that the bank has authorized, and the answer to our capture is lost. */
async function capturingUnanswered(point: string): Promise<void> {
  const { orderId, paymentId, providerOrderId } = await world.place()
  const { razorpay_payment_id: id } = await world.pay({ providerOrderId }, 'authorized')
  await world.control('POST', '/faults', { match: `POST /v1/payments/${id}/capture$`, kind: 'effect-then-drop' })
  await askedAgain(point, `/api/payments/${paymentId}/capture`, {}, 200)
  world.expected.set(orderId, paid())
}

let references = 0

async function markingPaid(point: string): Promise<void> {
  const { orderId, paymentId } = await world.place()
  references += 1
  await askedAgain(point, `/api/payments/${paymentId}/resolve`, { status: 'paid', reference: `UTR-${references}` }, 200)
  world.expected.set(orderId, withClosedPayment(paid()))
}

async function abandoning(point: string): Promise<void> {
  const { orderId, paymentId } = await world.place()
  await askedAgain(point, `/api/payments/${paymentId}/resolve`, { status: 'abandoned' }, 200)
  world.expected.set(orderId, { ...unpaid(), payments: ['abandoned 0/0'] })
}

async function attaching(point: string): Promise<void> {
  const placed = await world.place()
  const providerPaymentId = await strayPayment()
  const stray = { provider: 'razorpay', providerPaymentId, orderId: placed.orderId }
  await askedAgain(point, '/api/admin/payments/attach', stray, 200)
  world.expected.set(placed.orderId, withOpenPayment(paid()))
}

/** A payment on an order that was made elsewhere with the shop's keys. */
async function strayPayment(): Promise<string> {
  return (await world.pay({ providerOrderId: await strayOrder(world.sandbox, PRICE) })).razorpay_payment_id
}

/** The payment that the order was placed with was closed, as another one has paid it. */
function withClosedPayment(end: Written): Written {
  return { ...end, payments: ['abandoned 0/0', ...end.payments] }
}

function withOpenPayment(end: Written): Written {
  return { ...end, payments: ['created 0/0', ...end.payments] }
}

const DEATHS: readonly { what: string; points: readonly string[]; die(point: string): Promise<void> }[] = [
  {
    what: 'refunding by hand',
    points: ['sql:idempotency_keys.claim', ...commitOf('refundByHand'), 'sql:idempotency_keys.finish'],
    die: refunding,
  },
  {
    what: 'capturing by hand',
    points: [
      ...commitOf('captureByHand'),
      ...callOf('capture'),
      ...commitOf('settle').map((point) => `${point}#2`),
      'sql:idempotency_keys.finish',
    ],
    die: capturing,
  },
  {
    what: 'capturing by hand without an answer',
    points: ['provider:razorpay.capture:answered', 'provider:razorpay.fetchOrderPayments#2'],
    die: capturingUnanswered,
  },
  {
    what: 'marking a payment as paid',
    points: [...commitOf('markPaid'), 'sql:idempotency_keys.finish'],
    die: markingPaid,
  },
  {
    what: 'closing a payment by hand',
    points: [...commitOf('markAbandoned'), 'sql:idempotency_keys.finish'],
    die: abandoning,
  },
  {
    what: 'attaching a payment',
    points: [...commitOf('attachPayment'), 'sql:idempotency_keys.finish'],
    die: attaching,
  },
]

for (const round of ROUNDS) {
  for (const { what, points, die } of DEATHS) {
    describe(`S1 killed while ${what}${round}`, () => {
      for (const point of points) test(point, () => die(point))
    })
  }
}

test('S1 a worker brings all of them to their end', () => world.bringToEnd())
