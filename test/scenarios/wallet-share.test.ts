/**
 * Orders of which the customer's wallet pays a share. Nothing offers that in the checkout yet, so an order's shares are
 * written here as they will be when it is placed; everything after that is the system's own.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { lockMoney } from '../../server/payments/change.ts'
import { BOUND, insertBound } from '../../server/payments/by-hand/payment-by-hand.ts'
import { WALLET } from '../../server/payments/money/shares.ts'
import { settle } from '../../server/payments/settle.ts'
import { inTransaction, sql, violatedConstraint } from '../../server/platform/database.ts'
import { insertEvents } from '../../server/timeline/queries.ts'
import { NOT_OVERDRAWN } from '../../server/wallet/queries.ts'
import { atRest, pay, placedBy, verify, written, type Placed } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { attemptFact } from '../make.ts'
import { orderBody, stockedShop, type Shop } from '../shop.ts'
import type { SignedIn } from '../people.ts'

const PRICE = 10_000
const SHARE = 4_000
const REST = PRICE - SHARE

let shop: Shop
let admin: SignedIn
let customer: SignedIn
let productId: string

before(async () => {
  ;({ shop, admin, productId } = await stockedShop({ price: PRICE, stock: 1_000 }))
  customer = await shop.signedIn({ role: 'customer' })
})
afterEach(async () => assert.deepEqual(await checkInvariants(shop.db), []))
after(() => shop.close())

/** Places an order in the name of the customer. */
async function place(): Promise<Placed> {
  return placedBy(await shop.call('POST', '/api/orders', { as: customer, body: orderBody(productId) }))
}

/** Fills the wallet: the money of orders that were paid and given back into it. */
async function fill(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const placed = await place()
    await verify(shop, placed, await pay(shop, placed))
    await atRest(shop)
    const answer = await shop.call('POST', '/api/payments/refund', {
      as: admin,
      body: { orderId: placed.orderId, destination: 'wallet', reason: 'for the wallet' },
    })
    assert.equal(answer.status, 202)
  }
}

async function balance(): Promise<number> {
  const { body } = await shop.call('GET', '/api/wallet', { as: customer })
  return body.data.wallet.balances[0]?.balance ?? 0
}

/** Cuts an order's price between the wallet and the rest, and opens the wallet's payment. */
async function cut({ orderId, paymentId }: Placed): Promise<string> {
  return inTransaction(shop.deps.db, 'test.cut', async (tx) => {
    tx.send('test.cutOrder', sql`update orders set wallet_amount = ${SHARE} where id = ${orderId}`)
    tx.send('test.cutRest', sql`update payments set amount = ${REST} where id = ${paymentId}`)
    const payment = insertBound(shop.deps, tx, await lockMoney(tx, orderId), WALLET, `wallet of ${orderId}`)
    const opened = { orderId, type: 'payment.abandoned', subject: 'payment', subjectId: payment.id, ...BOUND } as const
    insertEvents(tx, [{ ...opened, actor: 'system' }], payment.created_at)
    return payment.id
  })
}

function payFromWallet(orderId: string, paymentId: string) {
  const fact = attemptFact({
    provider: WALLET,
    of: { paymentId },
    providerPaymentId: paymentId,
    amount: SHARE,
    method: WALLET,
  })
  return settle(shop.deps, shop.deps.policy, [fact], {}, orderId)
}

async function placedWithShare(): Promise<Placed> {
  const placed = await place()
  await payFromWallet(placed.orderId, await cut(placed))
  return placed
}

function payRest({ orderId, providerOrderId }: Placed) {
  const of = { providerOrderId }
  const fact = attemptFact({ of, providerPaymentId: `pay_${providerOrderId}`, amount: REST })
  return settle(shop.deps, shop.deps.policy, [fact], {}, orderId)
}

test('what the wallet pays waits for the rest, and the order is confirmed with that', async () => {
  await fill(1)
  const before = await balance()
  const placed = await placedWithShare()
  assert.equal(await balance(), before - SHARE)
  assert.deepEqual(await written(shop.db, placed.orderId), {
    order: 'pending/pending',
    payments: ['created 0/0', `paid ${SHARE}/0`],
    attempts: [`captured kept ${SHARE}/0`],
    refunds: [],
    reviews: [],
    ledger: [`capture ${SHARE} INR`],
  })
  assert.deepEqual(await checkInvariants(shop.db), [])
  await payRest(placed)
  assert.deepEqual(await written(shop.db, placed.orderId), {
    order: 'confirmed/paid',
    payments: [`paid ${REST}/0`, `paid ${SHARE}/0`],
    attempts: [`captured kept ${SHARE}/0`, `captured kept ${REST}/0`],
    refunds: [],
    reviews: [],
    ledger: [`capture ${SHARE} INR`, `capture ${REST} INR`, `sale ${PRICE} INR`],
  })
})

test('a refund is one decision over both, and the wallet has its own at once', async () => {
  await fill(1)
  const placed = await placedWithShare()
  await payRest(placed)
  const before = await balance()
  const body = { orderId: placed.orderId, amount: 2_500, reason: 'A gesture' }
  const [key] = [crypto.randomUUID()]
  const answer = await shop.call('POST', '/api/payments/refund', { as: admin, body, key })
  assert.equal(answer.status, 202)
  const { refund, refunds } = answer.body.data
  assert.deepEqual(
    refunds.map((row: { amount: number; status: string; destination: string }) => [
      row.amount,
      row.status,
      row.destination,
    ]),
    [
      [1_500, 'requested', 'source'],
      [1_000, 'processed', 'wallet'],
    ],
  )
  assert.equal(refund.id, refunds[0].id)
  assert.equal(await balance(), before + 1_000)
  const again = await shop.call('POST', '/api/payments/refund', { as: admin, body, key })
  assert.deepEqual(again.body.data, answer.body.data)
  assert.equal(await balance(), before + 1_000)
})

test('cancelled before it is paid, and when its time passes, the wallet has its own again; what comes later goes back', async () => {
  await fill(1)
  for (const end of ['shopper', 'expired'] as const) {
    const before = await balance()
    const placed = await placedWithShare()
    if (end === 'shopper') {
      const answer = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: customer, body: {} })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    } else {
      shop.clock.aheadMs += 3_600_000
      await shop.work()
    }
    assert.equal(await balance(), before)
    assert.deepEqual(await written(shop.db, placed.orderId), {
      order: `cancelled/refunded ${end}`,
      payments: [end === 'expired' ? 'created 0/0' : 'created 0/0', `refunded ${SHARE}/${SHARE}`],
      attempts: [`refunded kept ${SHARE}/${SHARE}`],
      refunds: [`processed ${SHARE} order_cancelled`],
      reviews: [],
      ledger: [`capture ${SHARE} INR`, `refund_owed ${SHARE} INR`, `refund_to_wallet ${SHARE} INR`],
    })
    const paid = await shop.call('POST', `/api/payments/${placed.paymentId}/resolve`, {
      as: admin,
      body: { status: 'paid', reference: `UTR ${end}`, reason: 'seen at the bank' },
    })
    assert.equal(
      paid.body.error.code,
      end === 'shopper' ? 'order_cancelled' : 'part_returned',
      JSON.stringify(paid.body),
    )
    await payRest(placed)
    const { order, refunds } = await written(shop.db, placed.orderId)
    assert.equal(
      order,
      end === 'shopper' ? 'cancelled/partially_refunded shopper' : 'cancelled/partially_refunded late_payment',
    )
    assert.deepEqual(refunds, [
      `processed ${SHARE} order_cancelled`,
      `requested ${REST} ${end === 'shopper' ? 'order_cancelled' : 'part_returned'}`,
    ])
  }
})

test('A9 many orders at once pay from one wallet, and none takes what is not there', async () => {
  const orders = await Promise.all(Array.from({ length: 12 }, () => place()))
  const wallets = await Promise.all(orders.map(cut))
  const before = await balance()
  const affordable = Math.floor(before / SHARE)
  assert.ok(affordable > 0 && affordable < orders.length, `${before} in the wallet`)
  const ends = await Promise.allSettled(orders.map(({ orderId }, at) => payFromWallet(orderId, wallets[at] ?? '')))
  assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, affordable)
  for (const end of ends) {
    if (end.status === 'rejected') assert.equal(violatedConstraint(end.reason), NOT_OVERDRAWN)
  }
  assert.equal(await balance(), before - affordable * SHARE)
})
