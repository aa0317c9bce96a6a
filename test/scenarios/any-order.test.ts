/**
 * A consistent set of facts ends in the same rows in whatever order, how often and how concurrently it is told. Facts
 * are signed webhooks and returns, sent over HTTP; fast-check draws the tellings and prints the seed of one that fails.
 * TELLINGS=200 draws more of them.
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from '../../server/platform/database.ts'
import type { Pass } from '../../server/platform/passes.ts'
import { place, written, type Placed } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { stockedShop, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed, type PaymentEntity, type RefundEntity } from '../webhooks.ts'

/** Three units, and what it costs to bring them: more than one line, so that it is seen which of them gives back what. */
const [UNIT, UNITS, DELIVERY] = [8_000, 3, 500]
const PRICE = 24_500
const TELLINGS = Number(process.env['TELLINGS'] ?? 12)

/** One piece of news about an order; `event` is the same bytes under the same id each time. */
type News =
  | { kind: 'payment'; name: string; payment: Omit<PaymentEntity, 'orderId'> }
  | { kind: 'refund'; name: string; payment: Omit<PaymentEntity, 'orderId'>; refund: RefundEntity }
  | { kind: 'return'; paymentId: string }

const authorized = (id: string, amount = PRICE): News => ({
  kind: 'payment',
  name: 'payment.authorized',
  payment: { id, amount, status: 'authorized' },
})
const captured = (id: string, amount = PRICE): News => ({
  kind: 'payment',
  name: 'payment.captured',
  payment: { id, amount, status: 'captured', fee: 578 },
})
const paid = (id: string): News => ({
  kind: 'payment',
  name: 'order.paid',
  payment: { id, amount: PRICE, status: 'captured', fee: 578 },
})
const failed = (id: string): News => ({
  kind: 'payment',
  name: 'payment.failed',
  payment: { id, amount: PRICE, status: 'failed' },
})
const refund = (id: string, paymentId: string, amount: number, status: RefundEntity['status']): News => {
  const back = status === 'failed' ? 0 : amount
  return {
    kind: 'refund',
    name: status === 'pending' ? 'refund.created' : `refund.${status}`,
    payment: {
      id: paymentId,
      amount: PRICE,
      status: back === PRICE ? 'refunded' : 'captured',
      captured: true,
      amountRefunded: back,
      fee: 578,
    },
    refund: { id, paymentId, amount, status },
  }
}
const givenBack = (paymentId: string): News => ({
  kind: 'refund',
  name: 'refund.processed',
  payment: { id: paymentId, amount: PRICE, status: 'refunded', captured: false, amountRefunded: PRICE },
  refund: { id: `${paymentId}_back`, paymentId, amount: PRICE, status: 'processed' },
})

/** What happened at the provider, in the order in which it happened. Ids are made unique for each telling. */
const STORIES: Readonly<Record<string, readonly News[]>> = {
  'paid at once': [{ kind: 'return', paymentId: 'a' }, authorized('a'), captured('a'), paid('a')],
  'declined, then paid by another attempt': [
    failed('a'),
    { kind: 'return', paymentId: 'b' },
    authorized('b'),
    captured('b'),
    paid('b'),
  ],
  'declined, then authorized late and captured': [failed('a'), authorized('a'), captured('a'), paid('a')],
  'paid twice': [authorized('a'), captured('a'), paid('a'), authorized('b'), captured('b')],
  'paid short, then in full': [captured('a', PRICE - 100), authorized('b'), captured('b'), paid('b')],
  'paid in full, then a little more': [authorized('a'), captured('a'), paid('a'), captured('b', 100)],
  'paid, part of it sent back by hand': [
    captured('a'),
    paid('a'),
    refund('r', 'a', 500, 'pending'),
    refund('r', 'a', 500, 'processed'),
  ],
  'paid, sent back by hand in two parts': [
    captured('a'),
    refund('r', 'a', 500, 'processed'),
    refund('s', 'a', PRICE - 500, 'processed'),
  ],
  'paid, sent back by hand in three parts that leave something': [
    captured('a'),
    refund('r', 'a', 777, 'processed'),
    refund('s', 'a', 1_003, 'processed'),
    refund('t', 'a', 6_661, 'processed'),
  ],
  'paid, sent back by hand until one paisa of it is left': [
    captured('a'),
    refund('r', 'a', PRICE - 5_001, 'processed'),
    refund('s', 'a', 5_000, 'processed'),
  ],
  'paid, sent back, and the refund returned days later': [
    captured('a'),
    refund('r', 'a', PRICE, 'pending'),
    refund('r', 'a', PRICE, 'processed'),
    refund('r', 'a', PRICE, 'failed'),
  ],
  'authorized and given back, then paid': [authorized('a'), givenBack('a'), authorized('b'), captured('b'), paid('b')],
}

let shop: Shop
let productId: string
let inbox: Pass
let told = 0

before(async () => {
  const stocked = await stockedShop({ price: UNIT, stock: 10_000, webhooks: false })
  ;({ shop, productId } = stocked)
  const fee = await shop.call('PATCH', `/api/admin/shops/${stocked.shopId}`, {
    as: stocked.admin,
    body: { deliveryFee: DELIVERY },
  })
  assert.equal(fee.status, 200, JSON.stringify(fee.body))
  // Only the inbox works here: the provider knows nothing of these payments, and refunds stay requested.
  inbox = shop.passes.find((pass) => pass.name === 'webhooks.process') as Pass
})
after(() => shop.close())

/** Tells the news in the given order, those of one round at the same moment, and gives what is written in the end. */
async function tell(story: readonly News[], rounds: readonly (readonly number[])[]): Promise<unknown> {
  told += 1
  const turn = told
  const placed = await place(shop, productId, UNITS)
  assert.equal(placed.total, PRICE)
  const senders = story.map((news, at) => senderOf(news, placed, (id) => `${id}_${turn}`, `evt_${turn}_${at}`))
  for (const round of rounds) await Promise.all(round.map((at) => senders[at]?.()))
  await shop.receiver.idle()
  shop.clock.aheadMs += 6_000
  for (let pass = 0; pass < 10 && (await inbox.runOnce()) > 0; pass += 1);
  return endOf(placed.orderId, (text) => text.replaceAll(`_${turn}`, ''))
}

function senderOf(news: News, placed: Placed, unique: (id: string) => string, eventId: string): () => Promise<void> {
  if (news.kind === 'return') {
    const paymentId = unique(news.paymentId)
    const signature = createHmac('sha256', shop.sandbox.keys.razorpay.keySecret)
      .update(`${placed.providerOrderId}|${paymentId}`)
      .digest('hex')
    return async () => {
      const answer = await shop.call('POST', '/api/payments/verify', {
        guestToken: placed.guestToken,
        body: { orderId: placed.orderId, razorpayPaymentId: paymentId, razorpaySignature: signature },
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    }
  }
  const payment = { ...news.payment, id: unique(news.payment.id), orderId: placed.providerOrderId }
  const back =
    news.kind === 'refund'
      ? { ...news.refund, id: unique(news.refund.id), paymentId: unique(news.refund.paymentId) }
      : undefined
  const event = signed(shop, paymentEvent(news.name, payment, back), eventId)
  return async () => assert.equal((await deliver(shop, event)).status, 200)
}

/** Everything that must be the same: the order and its money, who holds it, what is asked of a person. */
async function endOf(orderId: string, plain: (text: string) => string): Promise<unknown> {
  const { ledger: _transfers, ...rows } = await written(shop.db, orderId)
  const attempts = await shop.db.many<{ text: string }>(
    'test.attempts',
    sql`select concat_ws(' ', provider_payment_id, status, claimed, amount, currency, method, method_detail, fee,
          error_code) as text from payment_attempts where order_id = ${orderId} order by 1`,
  )
  // Which refund takes back which paisa of a line may differ; what is given back of each line may not.
  const lines = await shop.db.many<{ text: string }>(
    'test.lines',
    sql`select concat_ws(' ', i.kind, i.returned_quantity, i.returned_amount, i.restocked, o.given_back) as text
        from order_items i join orders o on o.id = i.order_id where i.order_id = ${orderId} order by i.position`,
  )
  const events = await shop.db.many<{ status: string; count: number }>(
    'test.inbox',
    sql`select status, count(*) as count from webhook_events where order_id = ${orderId} group by 1`,
  )
  // How money moved may differ (a refund that never arrived is not taken back); where it is may not.
  const balances = await shop.db.many<{ account: string; balance: number }>(
    'test.balances',
    sql`select account, sum(amount)::bigint as balance from (
          select debit_account_id as account, amount from ledger_transfers where order_id = ${orderId}
          union all select credit_account_id, -amount from ledger_transfers where order_id = ${orderId}
        ) entries group by 1 having sum(amount) <> 0 order by 1`,
  )
  return { ...rows, attempts: attempts.map((row) => plain(row.text)), kept: rows.attempts, lines, events, balances }
}

for (const [name, story] of Object.entries(STORIES)) {
  test(`W3 ${name}: any order, any repetition, one after another or at once`, async () => {
    const indices = story.map((_, at) => at)
    const natural = await tell(
      story,
      indices.map((at) => [at]),
    )
    const tellings = fc
      .tuple(
        fc.shuffledSubarray(indices, { minLength: indices.length, maxLength: indices.length }),
        fc.array(fc.nat(indices.length - 1), { maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(([shuffled, repeated, width]) => chunks([...shuffled, ...repeated], width))
    await fc.assert(
      fc.asyncProperty(tellings, async (rounds) => {
        assert.deepEqual(await tell(story, rounds), natural)
      }),
      { numRuns: TELLINGS, endOnFailure: false },
    )
    assert.deepEqual(await checkInvariants(shop.db), [])
  })
}

function chunks<T>(items: readonly T[], width: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / width) }, (_, at) => items.slice(at * width, (at + 1) * width))
}
