/**
 * S1: a server is killed at every point of what an admin asks it to do with money: refund, capture, mark, attach, cancel.
 * The same request again, sent to another server, gives the one answer; each order ends as if nothing had happened, once.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { paidAndSentBack, paidOnce, strayOrder, unpaid, type Written } from '../buyer.ts'
import { paid, PRICE, type Server } from '../crash-trade.ts'
import { openMortalWorld, walk, type MortalWorld, type Occasion } from '../mortal-world.ts'

const PART = 4_500

let world: MortalWorld

before(async () => {
  world = await openMortalWorld()
})
after(() => world.close())

/** Asks a server that dies of it, then another one, and that one once more. */
function asked(path: string, body: Record<string, unknown>, status: number): Occasion {
  const { admin, steady } = world
  const key = world.freshKey()
  const ask = (server: Server) =>
    server.call('POST', path, { as: admin, key, body: { reason: 'As agreed by phone', ...body } })
  return {
    die: ask,
    async after() {
      await world.hoursPass()
      const answer = await ask(steady)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      const repeated = await ask(steady)
      assert.deepEqual(repeated.body, answer.body)
      assert.equal(repeated.headers.get('idempotency-replayed'), 'true')
    },
  }
}

async function refunding(): Promise<Occasion> {
  const { orderId, paymentId } = await world.placeAndPay()
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
  return asked('/api/payments/refund', { paymentId, amount: PART }, 202)
}

/** A line goes back, money and units. */
async function refundingLines(): Promise<Occasion> {
  const { orderId, guestToken } = await world.placeAndPay()
  const { body } = await world.steady.call('GET', `/api/orders/${orderId}`, { guestToken })
  const items = [{ itemId: body.data.order.items[0].id, quantity: 1 }]
  world.expected.set(orderId, paidAndSentBack(PRICE, 'confirmed/refunded', 'As agreed by phone'))
  return asked('/api/payments/refund', { orderId, items, restock: true }, 202)
}

async function capturing(): Promise<Occasion> {
  const placed = await world.place()
  await world.pay(placed, 'authorized')
  world.expected.set(placed.orderId, paid())
  return asked(`/api/payments/${placed.paymentId}/capture`, {}, 200)
}

/** A payment that the bank has authorized, and the answer to our capture is lost. */
async function capturingUnanswered(): Promise<Occasion> {
  const { orderId, paymentId, providerOrderId } = await world.place()
  const { razorpay_payment_id: id } = await world.pay({ providerOrderId }, 'authorized')
  await world.fault({ match: `POST /v1/payments/${id}/capture$`, kind: 'effect-then-drop' })
  world.expected.set(orderId, paid())
  return asked(`/api/payments/${paymentId}/capture`, {}, 200)
}

let references = 0

async function markingPaid(): Promise<Occasion> {
  const { orderId, paymentId } = await world.place()
  references += 1
  world.expected.set(orderId, withClosedPayment(paid()))
  return asked(`/api/payments/${paymentId}/resolve`, { status: 'paid', reference: `UTR-${references}` }, 200)
}

async function abandoning(): Promise<Occasion> {
  const { orderId, paymentId } = await world.place()
  world.expected.set(orderId, { ...unpaid(), payments: ['abandoned 0/0'] })
  return asked(`/api/payments/${paymentId}/resolve`, { status: 'abandoned' }, 200)
}

async function attaching(): Promise<Occasion> {
  const placed = await world.place()
  const providerPaymentId = await strayPayment()
  world.expected.set(placed.orderId, withOpenPayment(paid()))
  return asked('/api/admin/payments/attach', { provider: 'razorpay', providerPaymentId, orderId: placed.orderId }, 200)
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

walk('S1 killed while refunding by hand', () => world, refunding)
walk('S1 killed while refunding a line by hand', () => world, refundingLines)
walk('S1 killed while capturing by hand', () => world, capturing)
walk('S1 killed while capturing by hand without an answer', () => world, capturingUnanswered)
walk('S1 killed while marking a payment as paid', () => world, markingPaid)
walk('S1 killed while closing a payment by hand', () => world, abandoning)
walk('S1 killed while attaching a payment', () => world, attaching)

test('S1 a worker brings all of them to their end', () => world.bringToEnd())
