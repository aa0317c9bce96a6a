/** What buyers and tests of buying do, over HTTP; and what is then written down, in few words. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql, type Db } from '../server/platform/database.ts'
import type { OrderMoney } from '../shared/contract/payments.ts'
import { checkInvariants, compareWithProvider, type ProviderBooks } from './invariants.ts'
import { orderBody, type Answer, type Shop } from './shop.ts'
import { until } from './until.ts'

export interface Placed {
  orderId: string
  paymentId: string
  providerOrderId: string
  guestToken: string
  total: number
}

/** What the provider's window hands to the page. */
export interface Brought {
  razorpay_payment_id: string
  razorpay_order_id: string
  razorpay_signature: string
}

/** Places an order as a guest. */
export async function place(shop: Shop, productId: string, quantity = 1, key?: string): Promise<Placed> {
  const answer = await shop.call('POST', '/api/orders', {
    body: orderBody(productId, quantity),
    ...(key === undefined ? {} : { key }),
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return placedBy(answer)
}

/** What an accepted order's answer says. */
export function placedBy(answer: Answer): Placed {
  const { order, payment, guestToken } = answer.body.data
  return {
    orderId: order.id,
    paymentId: payment.paymentId,
    providerOrderId: payment.providerOrderId,
    guestToken,
    total: order.total,
  }
}

/** Plays a scenario at the provider and gives what the shopper's page received. */
export async function pay(
  shop: Shop,
  placed: Pick<Placed, 'providerOrderId'>,
  outcome = 'captured',
  more: Record<string, unknown> = {},
): Promise<Brought & { sandbox: { paymentId: string; paymentIds: string[] } }> {
  const answer = await shop.control('POST', '/razorpay/_sandbox/pay', {
    orderId: placed.providerOrderId,
    outcome,
    ...more,
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

/** The provider's id of an order that somebody made there with our keys, and not through us. */
export async function strayOrder(
  { url, keys }: Pick<Shop['sandbox'], 'url' | 'keys'>,
  amount: number,
): Promise<string> {
  const credentials = Buffer.from(`${keys.razorpay.keyId}:${keys.razorpay.keySecret}`).toString('base64')
  const made = await fetch(`${url}/razorpay/v1/orders`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: JSON.stringify({ amount, currency: 'INR' }),
  })
  return ((await made.json()) as { id: string }).id
}

/** Brings back what the window handed over. */
export function verify(shop: Shop, placed: Pick<Placed, 'orderId' | 'guestToken'>, brought: Brought): Promise<Answer> {
  return shop.call('POST', '/api/payments/verify', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId, ...brought },
  })
}

/** What verify answers for an order that is paid, as it costs where nothing else is said: the price of a stocked shop. */
export function paidAnswer(orderId: string, total = 24_500) {
  return {
    orderId,
    status: 'paid',
    orderStatus: 'confirmed',
    paymentStatus: 'paid',
    isConfirmed: true,
    money: [sums({ captured: total, kept: total })],
  }
}

/** What became of an order's money, in rupees where nothing else is said. */
export function sums(changes: Partial<OrderMoney>): OrderMoney {
  return {
    currency: 'INR',
    captured: 0,
    kept: 0,
    heldForReview: 0,
    goingBack: 0,
    goneBack: 0,
    failedToGoBack: 0,
    authorized: 0,
    ...changes,
  }
}

export interface Written {
  /** status/payment_status, and why it was cancelled. */
  order: string
  /** status captured/refunded */
  payments: string[]
  /** status disposition captured/refunded */
  attempts: string[]
  /** status amount reason */
  refunds: string[]
  /** kind and whether it is open */
  reviews: string[]
  /** kind amount currency, sorted */
  ledger: string[]
}

/** What is written down of an order, in the words of the tables. */
export async function written(db: Db, orderId: string): Promise<Written> {
  const [order, payments, attempts, refunds, reviews, ledger] = await Promise.all([
    db.one<{ text: string }>(
      'test.order',
      sql`select status || '/' || payment_status || coalesce(' ' || cancel_reason, '') as text from orders where id = ${orderId}`,
    ),
    texts(
      db,
      sql`select status || ' ' || captured_amount || '/' || refunded_amount as text from payments
          where order_id = ${orderId} order by id`,
    ),
    texts(
      db,
      sql`select status || ' ' || disposition || ' ' || captured_amount || '/' || refunded_amount as text
          from payment_attempts where order_id = ${orderId} order by 1`,
    ),
    texts(
      db,
      sql`select status || ' ' || amount || ' ' || reason as text from refunds where order_id = ${orderId} order by 1`,
    ),
    texts(
      db,
      sql`select kind || case when resolved_at is null then ' open' else ' resolved' end as text from review_items
          where order_id = ${orderId} order by 1`,
    ),
    texts(
      db,
      sql`select kind || ' ' || amount || ' ' || currency as text from ledger_transfers where order_id = ${orderId} order by 1`,
    ),
  ])
  return { order: order.text, payments, attempts, refunds, reviews, ledger }
}

/** An order that was paid once and kept. */
export function paidOnce(total: number): Written {
  return {
    order: 'confirmed/paid',
    payments: [`paid ${total}/0`],
    attempts: [`captured kept ${total}/0`],
    refunds: [],
    reviews: [],
    ledger: [`capture ${total} INR`, `sale ${total} INR`],
  }
}

/** An order that was paid, and all of whose money went back: it was cancelled, or stands and was refunded. */
export function paidAndSentBack(total: number, order: string, reason: string): Written {
  return {
    order,
    payments: [`refunded ${total}/${total}`],
    attempts: [`refunded kept ${total}/${total}`],
    refunds: [`processed ${total} ${reason}`],
    reviews: [],
    ledger: [
      `capture ${total} INR`,
      `refund ${total} INR`,
      `refund_owed ${total} INR`,
      `sale ${total} INR`,
      `sale_reversed ${total} INR`,
    ],
  }
}

/** An order as it was placed: nothing has come of it yet. */
export function unpaid(): Written {
  return { order: 'pending/pending', payments: ['created 0/0'], attempts: [], refunds: [], reviews: [], ledger: [] }
}

/** A cancelled order whose captured money went back. */
export function sentBack(total: number, cancelReason: string, refundReason: string): Written {
  return {
    order: `cancelled/refunded ${cancelReason}`,
    payments: [`refunded ${total}/${total}`],
    attempts: [`refunded surplus ${total}/${total}`],
    refunds: [`processed ${total} ${refundReason}`],
    reviews: [],
    ledger: [`capture ${total} INR`, `refund ${total} INR`, `refund_owed ${total} INR`],
  }
}

/** The units of a product: on hand and reserved. */
export async function stockOf(db: Db, productId: string): Promise<{ onHand: number; reserved: number }> {
  const row = await db.one<{ on_hand: number; reserved: number }>(
    'test.stock',
    sql`select on_hand, reserved from inventory where product_id = ${productId}`,
  )
  return { onHand: row.on_hand, reserved: row.reserved }
}

export async function count(db: Db, what: ReturnType<typeof sql>): Promise<number> {
  return (await db.one<{ count: number }>('test.count', sql`select count(*) as count from ${what}`)).count
}

/** The counts of every table that placing, paying or cancelling writes: equal before and after means nothing happened. */
export async function rowCounts(db: Db): Promise<Record<string, number>> {
  return db.one(
    'test.rowCounts',
    sql`select (select count(*) from orders) as orders, (select count(*) from order_items) as order_items,
          (select count(*) from payments) as payments, (select count(*) from payment_attempts) as attempts,
          (select count(*) from refunds) as refunds, (select count(*) from ledger_transfers) as transfers,
          (select count(*) from inventory_movements) as movements, (select sum(reserved)::bigint from inventory) as reserved,
          (select count(*) from webhook_events) as webhook_events, (select count(*) from review_items) as reviews,
          (select count(*) from events) as events`,
  )
}

/** Lets everything that is on its way arrive, and time pass that makes rows due. */
export async function atRest(shop: Shop, aheadMs = 0): Promise<void> {
  await shop.settled()
  shop.clock.aheadMs += aheadMs
  await shop.work()
  await shop.settled()
}

/** Fails when any invariant is broken or our books differ from the provider's. */
export async function assertAllWell(shop: Shop, providers?: readonly string[]): Promise<void> {
  assert.deepEqual(await checkInvariants(shop.db), [])
  const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
  assert.deepEqual(await compareWithProvider(shop.db, body as ProviderBooks, providers), [])
}

/** Lets the provider's own clock run, and waits until it has done what fell due. */
export async function providerTimePasses(shop: Shop, ms: number): Promise<void> {
  const advanced = await shop.control('POST', '/_sandbox/clock/advance', { ms })
  assert.equal(advanced.status, 200)
  // Its timer rings in a later turn, also for what is overdue.
  await sleep(10)
  await until('the provider does what was due', async () => {
    const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1')
    return body.planned.every((step: { dueAt: number }) => step.dueAt > advanced.body.now)
  })
}

async function texts(db: Db, statement: ReturnType<typeof sql>): Promise<string[]> {
  return (await db.many<{ text: string }>('test.texts', statement)).map((row) => row.text)
}
