/** What the provider pays out: booked line by line, to the paisa, once; and what of it nothing of ours explains. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, count, pay, place, verify, strayOrder } from '../buyer.ts'
import { LATER_MS, providerBalances, questions, reconcile } from '../reconciling.ts'
import { stockedShop } from '../shop.ts'

const DAY_MS = 86_400_000
/** Two working days and a weekend. */
const UNTIL_SETTLED_MS = 5 * DAY_MS
const WINDOW_MS = 7 * DAY_MS
/** Two per cent of the price, and 18 % tax on that. */
const PRICE = 24_500
const FEE = 490
const TAX = 88
const PAID_OUT = PRICE - FEE - TAX

type World = Awaited<ReturnType<typeof stockedShop>>
let world: World

beforeEach(async () => {
  world = await stockedShop({ webhooks: false, price: PRICE })
})
afterEach(() => world.shop.close())

async function paidOrder() {
  const { shop, productId } = world
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed)
  assert.equal((await verify(shop, placed, brought)).status, 200)
  return { ...placed, ref: brought.sandbox.paymentId }
}

async function daysPass(): Promise<void> {
  const { shop } = world
  const advanced = await shop.control('POST', '/_sandbox/clock/advance', { ms: UNTIL_SETTLED_MS })
  assert.equal(advanced.status, 200)
  shop.clock.aheadMs = UNTIL_SETTLED_MS + LATER_MS
}

function reconcileAll() {
  return reconcile(world.shop, world.admin, WINDOW_MS)
}

describe('a settlement', () => {
  test('takes captures to the bank and to the fees, to the paisa, and once', async () => {
    const { shop } = world
    const first = await paidOrder()
    await paidOrder()
    await daysPass()
    const ran = await reconcileAll()
    assert.deepEqual(ran.outcomes, [`payment matched 2 ${2 * PRICE} INR`, `settlement booked 2 ${2 * PRICE} INR`])
    assert.deepEqual(ran.lines, [])
    const balances = { bank: 2 * PAID_OUT, provider_fee_tax: 2 * TAX, provider_fees: 2 * FEE }
    assert.deepEqual(await providerBalances(shop.db), balances)
    const {
      count: lines,
      net,
      checked,
    } = await shop.db.one<{ count: number; net: number; checked: number }>(
      'test.lines',
      sql`select count(*) as count, sum(credit - debit)::bigint as net,
            (select sum(amount)::bigint from settlements where amount = lines_amount) as checked
          from settlement_lines where utr is not null and order_id is not null and attempt_id is not null`,
    )
    assert.deepEqual({ lines, net, checked }, { lines: 2, net: 2 * PAID_OUT, checked: 2 * PAID_OUT })
    const line = await shop.db.one<{ order_id: string }>(
      'test.line',
      sql`select order_id from settlement_lines where entity_id = ${first.ref}`,
    )
    assert.equal(line.order_id, first.orderId)

    const again = await reconcileAll()
    assert.deepEqual(again.outcomes, [`payment matched 2 ${2 * PRICE} INR`, `settlement matched 2 ${2 * PRICE} INR`])
    assert.deepEqual(await providerBalances(shop.db), balances)
    await assertAllWell(shop)
  })

  test('P20 takes refunds and lost disputes from the bank', async () => {
    const { shop } = world
    const refunded = await paidOrder()
    const disputed = await paidOrder()
    await shop.control('POST', `/razorpay/_sandbox/payments/${refunded.ref}/refund`, { amount: 10_000 })
    const opened = await shop.control('POST', `/razorpay/_sandbox/payments/${disputed.ref}/dispute`, { amount: 5_000 })
    await shop.control('POST', `/razorpay/_sandbox/disputes/${opened.body.id}/advance`, { to: 'lost' })
    await daysPass()
    const ran = await reconcileAll()
    assert.deepEqual(ran.outcomes, [
      `payment healed 1 ${PRICE} INR`,
      `payment matched 1 ${PRICE} INR`,
      'refund matched 1 10000 INR',
      `settlement booked 4 ${2 * PRICE + 10_000 + 5_000} INR`,
    ])
    assert.deepEqual(await providerBalances(shop.db), {
      bank: 2 * PAID_OUT - 10_000 - 5_000,
      chargebacks: 5_000,
      provider_fee_tax: 2 * TAX,
      provider_fees: 2 * FEE,
    })
    await assertAllWell(shop)
  })

  test('proves a capture that nobody told us of, however old', async () => {
    const { shop, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    await daysPass()
    // Only the last day: the payment itself lies before it.
    const ran = await reconcile(shop, world.admin, UNTIL_SETTLED_MS - LATER_MS)
    assert.deepEqual(ran.outcomes, [`settlement healed 1 ${PRICE} INR`])
    assert.deepEqual(ran.lines, [`settlement healed ${sandbox.paymentId} null/${PRICE}`])
    const order = await shop.db.one<{ status: string }>('test.order', sql`select status from orders`)
    assert.equal(order.status, 'confirmed')
    assert.deepEqual(await providerBalances(shop.db), { bank: PAID_OUT, provider_fee_tax: TAX, provider_fees: FEE })
  })

  test('of a capture that is not ours leaves it in suspense, and asks once', async () => {
    const { shop, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    await shop.db.alone.run('test.forget', sql`truncate orders, payments, payment_attempts, refunds cascade`)
    await daysPass()
    const ran = await reconcileAll()
    assert.deepEqual(ran.lines, [
      `payment unknown_here ${sandbox.paymentId} null/${PRICE} asked`,
      `settlement unknown_here ${sandbox.paymentId} null/${PRICE} asked`,
    ])
    assert.deepEqual(await providerBalances(shop.db), {
      bank: PAID_OUT,
      provider_fee_tax: TAX,
      provider_fees: FEE,
      suspense: -PRICE,
    })
    assert.deepEqual(await questions(shop.db), [`unknown_payment ${sandbox.paymentId} ${PRICE}`])
  })

  test('of a capture that was attached to its order meanwhile is of that order', async () => {
    const { shop, admin, productId } = world
    const { sandbox } = await pay(shop, { providerOrderId: await strayOrder(shop.sandbox, PRICE) })
    const placed = await place(shop, productId)
    await reconcileAll()
    const item = await shop.db.one<{ id: string }>('test.item', sql`select id from review_items`)
    const attached = await shop.call('POST', `/api/admin/reviews/${item.id}/actions`, {
      as: admin,
      body: { action: 'attach', orderId: placed.orderId, reason: 'the shopper showed the receipt' },
    })
    assert.equal(attached.status, 200, JSON.stringify(attached.body))
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE })
    await daysPass()
    const ran = await reconcileAll()
    assert.deepEqual(ran.outcomes, [`payment matched 1 ${PRICE} INR`, `settlement booked 1 ${PRICE} INR`])
    assert.deepEqual(await providerBalances(shop.db), { bank: PAID_OUT, provider_fee_tax: TAX, provider_fees: FEE })
    const line = await shop.db.one<{ order_id: string }>(
      'test.line',
      sql`select order_id from settlement_lines where entity_id = ${sandbox.paymentId}`,
    )
    assert.equal(line.order_id, placed.orderId)
    await assertAllWell(shop)
  })

  test('P24 with a dispute about nothing of ours is taken from suspense, and a person is asked', async () => {
    const { shop, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    const opened = await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/dispute`, {
      amount: 5_000,
    })
    await shop.control('POST', `/razorpay/_sandbox/disputes/${opened.body.id}/advance`, { to: 'lost' })
    await shop.db.alone.run('test.forget', sql`truncate orders, payments, payment_attempts, refunds cascade`)
    await daysPass()
    await reconcileAll()
    const adjustment = `adj_${opened.body.id.slice('disp_'.length)}`
    assert.deepEqual(await questions(shop.db), [
      `settlement_unexplained ${adjustment} 5000`,
      `unknown_payment ${sandbox.paymentId} ${PRICE}`,
    ])
    assert.deepEqual(await providerBalances(shop.db), {
      bank: PAID_OUT - 5_000,
      provider_fee_tax: TAX,
      provider_fees: FEE,
      suspense: 5_000 - PRICE,
    })
  })

  test('that contradicts our capture is booked as it came, and a person is asked', async () => {
    const { shop } = world
    const { ref } = await paidOrder()
    await daysPass()
    await shop.db.alone.run(
      'test.spoil',
      sql`update payment_attempts set captured_amount = captured_amount - 100, amount = amount - 100`,
    )
    const ran = await reconcileAll()
    assert.ok(ran.lines.includes(`settlement differs ${ref} ${PRICE - 100}/${PRICE} asked`), ran.lines.join('\n'))
    assert.ok((await questions(shop.db)).includes(`settlement_differs ${ref} ${PRICE}`))
    assert.deepEqual(await providerBalances(shop.db), { bank: PAID_OUT, provider_fee_tax: TAX, provider_fees: FEE })
  })

  test('whose transfer is another than its lines come to is a question', async () => {
    const { shop } = world
    await paidOrder()
    await daysPass()
    await shop.control('POST', '/razorpay/_sandbox/faults', {
      kind: 'effect-then-alter',
      match: 'GET /v1/settlements/setl_',
      set: { amount: 1 },
    })
    const ran = await reconcileAll()
    const { settlement_id: id } = await shop.db.one<{ settlement_id: string }>(
      'test.settlement',
      sql`select settlement_id from settlements`,
    )
    assert.deepEqual(ran.lines, [`settlement differs ${id} ${PAID_OUT}/1 asked`])
    assert.deepEqual(await questions(shop.db), [`settlement_differs ${id} 1`])
    // It is asked again, and this time the provider says otherwise.
    const again = await reconcileAll()
    assert.deepEqual(again.lines, [])
    assert.equal(await count(shop.db, sql`settlements where amount = lines_amount`), 1)
  })
})
