/** Lines that are given back: each unit once, each for what it is worth, and of no other line's money. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, pay, providerTimePasses, verify, written } from '../buyer.ts'
import { deskOf, type Desk } from '../reviews.ts'
import { orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'

let shop: Shop
let admin: { id: string; authorization: string }
let desk: Desk
let pepper: string
let shopId: string

before(async () => {
  ;({ shop, admin, productId: pepper, shopId } = await stockedShop({ price: 10_000, stock: 10_000 }))
  desk = deskOf(shop, admin)
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

async function product(price: number, of = shopId): Promise<string> {
  const body = { title: `Thing for ${price}`, price, currency: 'INR', shopId: of, stock: 10_000, taxRateBps: 500 }
  return (await shop.call('POST', '/api/admin/products', { as: admin, body })).body.data.product.id
}

async function madeShop(fields: Record<string, unknown>): Promise<string> {
  return (await shop.call('POST', '/api/admin/shops', { as: admin, body: fields })).body.data.shop.id
}

interface Bought {
  orderId: string
  providerPaymentId: string
  lines: { id: string; title: string }[]
}

/** An order that was paid, with its lines in the order in which they were asked for. */
async function bought(...items: [productId: string, quantity: number][]): Promise<Bought> {
  const body = { ...orderBody(pepper), items: items.map(([productId, quantity]) => ({ productId, quantity })) }
  const answer = await shop.call('POST', '/api/orders', { body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  const { order, payment, guestToken } = answer.body.data
  const { sandbox, ...brought } = await pay(shop, { providerOrderId: payment.providerOrderId })
  await verify(shop, { orderId: order.id, guestToken }, brought)
  await atRest(shop)
  return { orderId: order.id, providerPaymentId: sandbox.paymentId, lines: order.items }
}

function refund(order: Bought, body: Record<string, unknown>, key?: string): Promise<Answer> {
  return shop.call('POST', '/api/payments/refund', {
    as: admin,
    body: { orderId: order.orderId, reason: 'Broken', ...body },
    ...(key === undefined ? {} : { key }),
  })
}

/** Refunds units of the lines at these places. */
function refundLines(order: Bought, units: [at: number, quantity: number][], more: Record<string, unknown> = {}) {
  return refund(order, { items: units.map(([at, quantity]) => ({ itemId: order.lines[at]?.id, quantity })), ...more })
}

async function refunded(answer: Promise<Answer>): Promise<number> {
  const { status, body } = await answer
  assert.equal(status, 202, JSON.stringify(body))
  return body.data.refund.amount
}

/** What was given back of each line: units, money. */
async function givenBack({ orderId }: Bought): Promise<string[]> {
  const { body } = await shop.call('GET', `/api/orders/${orderId}`, { as: admin })
  return body.data.order.items.map(
    (item: { returnedQuantity: number; quantity: number; returnedAmount: number }) =>
      `${item.returnedQuantity}/${item.quantity} for ${item.returnedAmount}`,
  )
}

/** What each account has of an order, but for the order's own funds and the provider's. */
async function shares({ orderId }: Bought): Promise<Record<string, number>> {
  const rows = await shop.db.many<{ account: string; amount: number }>(
    'test.shares',
    sql`select side.account, sum(side.amount)::bigint as amount from ledger_transfers t cross join lateral (values
          (t.credit_account_id, t.amount), (t.debit_account_id, -t.amount)) as side (account, amount)
        where t.order_id = ${orderId} and side.account ~ '^(seller_payable|commission|delivery|tax|discounts):'
        group by 1 having sum(side.amount) <> 0 order by 1`,
  )
  return Object.fromEntries(rows.map(({ account, amount }) => [account.replace(/:INR$/, ''), amount]))
}

describe('a unit', () => {
  test('R1 is given back once: who asks again is told which line it is, and nothing changes', async () => {
    const order = await bought([pepper, 1], [await product(90_000), 1])
    assert.equal(await refunded(refundLines(order, [[0, 1]])), 10_000)
    const before = await written(shop.db, order.orderId)
    for (const more of [{}, { restock: true }, { amount: 100 }]) {
      const again = await refundLines(order, [[0, 1]], more)
      assert.deepEqual([again.status, again.body.error.code], [409, 'refund_exceeds_captured'])
      assert.deepEqual(again.body.error.details, {
        refundable: 0,
        itemId: order.lines[0]?.id,
        fields: [{ field: 'items.0.itemId', message: 'was given back already' }],
      })
      assert.match(again.body.error.message, /Tellicherry pepper/)
    }
    // Beside a line that is there, too: all of a request, or nothing of it.
    const beside = await refundLines(order, [
      [1, 1],
      [0, 1],
    ])
    assert.deepEqual([beside.status, beside.body.error.details.itemId], [409, order.lines[0]?.id])
    assert.deepEqual(await written(shop.db, order.orderId), before)
    await atRest(shop)
    assert.deepEqual(await givenBack(order), ['1/1 for 10000', '0/1 for 0'])
    assert.equal(await refunded(refundLines(order, [[1, 1]])), 90_000)
    await atRest(shop)
    assert.equal((await written(shop.db, order.orderId)).order, 'confirmed/refunded')
  })

  test('R17 of which ten ask at once under ten keys goes to one', async () => {
    const order = await bought([pepper, 1], [await product(90_000), 1])
    const items = [{ itemId: order.lines[0]?.id, quantity: 1 }]
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => refund(order, { items, restock: at % 2 === 0 }, `${order.orderId}-${at}`)),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [202, ...Array.from({ length: 9 }, () => 409)])
    await atRest(shop)
    assert.deepEqual((await written(shop.db, order.orderId)).refunds, ['processed 10000 Broken'])
    assert.deepEqual(await givenBack(order), ['1/1 for 10000', '0/1 for 0'])
  })

  test('R17 of a line of three of which ten ask at once: three get one each, and together what the line costs', async () => {
    const order = await bought([await product(10_001), 3], [pepper, 5])
    const answers = await Promise.all(Array.from({ length: 10 }, () => refundLines(order, [[0, 1]])))
    assert.equal(answers.filter(({ status }) => status === 202).length, 3)
    await atRest(shop)
    assert.deepEqual(await givenBack(order), ['3/3 for 30003', '0/5 for 0'])
  })

  test('R16 whose refund failed stays given back: only the answer to the question sends its money again', async () => {
    const order = await bought([pepper, 1], [await product(90_000), 1])
    await shop.control('POST', '/razorpay/_sandbox/faults', {
      match: 'POST .*/refund$',
      kind: 'error',
      status: 400,
      code: 'BAD_REQUEST_ERROR',
      description: 'No.',
    })
    await refunded(refundLines(order, [[0, 1]]))
    await atRest(shop)
    const item = await desk.theOpen(order.orderId, 'refund_failed')
    const again = await refundLines(order, [[0, 1]])
    assert.deepEqual([again.status, again.body.error.details.itemId], [409, order.lines[0]?.id])
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    assert.deepEqual((await written(shop.db, order.orderId)).refunds, ['failed 10000 Broken', 'processed 10000 Broken'])
    assert.deepEqual(await givenBack(order), ['1/1 for 10000', '0/1 for 0'])
    assert.deepEqual((await written(shop.db, order.orderId)).attempts, ['captured kept 100000/10000'])
    const late = await refundLines(order, [[0, 1]])
    assert.equal(late.status, 409)
  })

  test('R16 whose refund came back days later stays given back, and is owed', async () => {
    const order = await bought([pepper, 2])
    await refunded(refundLines(order, [[0, 1]]))
    await atRest(shop)
    const books = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
    const made = books.body.refunds.find((each: { payment_id: string }) => each.payment_id === order.providerPaymentId)
    await shop.control('POST', `/razorpay/_sandbox/refunds/${made.id}/advance`, { to: 'failed' })
    await providerTimePasses(shop, 7_000)
    await atRest(shop)
    assert.deepEqual(await givenBack(order), ['1/2 for 10000'])
    const item = await desk.theOpen(order.orderId, 'refund_failed')
    assert.equal(await refunded(refundLines(order, [[0, 1]])), 10_000, 'the other unit is its own')
    await atRest(shop)
    await desk.decided(item.id, { action: 'paid_back_elsewhere', reference: `UTR ${order.orderId}` })
    assert.equal((await written(shop.db, order.orderId)).order, 'confirmed/refunded')
  })
})

describe('a line', () => {
  test('R17 gives back what its units are worth, or what an amount has left of it', async () => {
    const order = await bought([pepper, 1], [await product(90_000), 1])
    assert.equal(await refunded(refund(order, { amount: 50_000 })), 50_000)
    await atRest(shop)
    assert.deepEqual(await givenBack(order), ['0/1 for 5000', '0/1 for 45000'])
    assert.equal(await refunded(refundLines(order, [[0, 1]])), 5_000)
    assert.equal(await refunded(refundLines(order, [[1, 1]], { amount: 40_000 })), 40_000)
    await atRest(shop)
    assert.deepEqual(await givenBack(order), ['1/1 for 10000', '1/1 for 85000'])
    assert.equal(await refunded(refund(order, {})), 5_000)
    await atRest(shop)
    assert.deepEqual(await givenBack(order), ['1/1 for 10000', '1/1 for 90000'])
  })

  test('of which all money is gone gives back nothing more, and says so; the last money of all brings all units', async () => {
    const order = await bought([pepper, 3], [await product(10_000), 1])
    assert.equal(await refunded(refund(order, { amount: 20_000 })), 20_000)
    assert.equal(await refunded(refundLines(order, [[0, 2]])), 15_000)
    const spent = await refundLines(order, [[0, 1]])
    assert.deepEqual([spent.status, spent.body.error.code], [409, 'refund_exceeds_captured'])
    assert.match(spent.body.error.message, /^All that “Tellicherry pepper” cost was given back already/)
    assert.deepEqual(await givenBack(order), ['2/3 for 30000', '0/1 for 5000'], 'one is still to be sent')
    assert.equal(await refunded(refundLines(order, [[1, 1]])), 5_000)
    assert.deepEqual(await givenBack(order), ['3/3 for 30000', '1/1 for 10000'])
    await atRest(shop)
  })

  test('cannot give more than its units are worth, nor the units of other money', async () => {
    const order = await bought([pepper, 2])
    const more = await refundLines(order, [[0, 1]], { amount: 10_001 })
    assert.deepEqual(more.body.error.details.fields, [
      { field: 'amount', message: 'must not be above 10000, which is what these lines give back' },
    ])
    const many = await refundLines(order, [[0, 3]])
    assert.deepEqual(many.body.error.details.fields, [{ field: 'items.0.quantity', message: 'must not be above 2' }])
    const twice = await refundLines(order, [
      [0, 1],
      [0, 1],
    ])
    assert.deepEqual(twice.body.error.details.fields, [{ field: 'items.1.itemId', message: 'is named twice' }])
    assert.deepEqual(await givenBack(order), ['0/2 for 0'])
  })

  test('R18 of one of two shops takes nothing of the delivery, nor of what the other has earned', async () => {
    const kutch = await madeShop({ name: 'Kutch Looms', commissionBps: 1_000, deliveryFee: 4_900 })
    const pahadi = await madeShop({ name: 'Pahadi Pantry', commissionBps: 1_250, deliveryFee: 3_900 })
    const order = await bought([await product(80_001, kutch), 2], [await product(9_000, pahadi), 3])
    const whole = {
      'commission:hundi': 16_000 + 3_375,
      [`delivery:${kutch}`]: 4_900,
      [`delivery:${pahadi}`]: 3_900,
      [`seller_payable:${kutch}`]: 160_002 - 16_000,
      [`seller_payable:${pahadi}`]: 27_000 - 3_375,
    }
    assert.deepEqual(await shares(order), whole)
    await refunded(refundLines(order, [[1, 1]]))
    const one = {
      ...whole,
      'commission:hundi': 16_000 + 2_250,
      [`seller_payable:${pahadi}`]: 18_000 - 2_250,
    }
    assert.deepEqual(await shares(order), one)
    await refunded(refundLines(order, [[1, 2]]))
    const left = {
      'commission:hundi': 16_000,
      [`delivery:${kutch}`]: 4_900,
      [`delivery:${pahadi}`]: 3_900,
      [`seller_payable:${kutch}`]: 144_002,
    }
    assert.deepEqual(await shares(order), left)
    // What is for no line is taken of all that is left: 18 957 of the goods, 581 and 462 of the deliveries.
    await refunded(refund(order, { amount: 20_000 }))
    assert.deepEqual(await shares(order), {
      'commission:hundi': 14_104,
      [`delivery:${kutch}`]: 4_319,
      [`delivery:${pahadi}`]: 3_438,
      [`seller_payable:${kutch}`]: 126_941,
    })
    await refunded(refund(order, {}))
    assert.deepEqual(await shares(order), {})
    await atRest(shop)
  })
})

describe('R5 less than the provider sends back', () => {
  test('R5 is refused before it is asked, by the field that says how much', async () => {
    const order = await bought([pepper, 1], [await product(1), 3])
    for (const amount of [1, 50, 99]) {
      const answer = await refund(order, { amount })
      assert.deepEqual([answer.status, answer.body.error.code], [400, 'validation_failed'])
      const message = 'Razorpay sends back no less than INR 1.00 at once'
      assert.deepEqual(answer.body.error.details, { fields: [{ field: 'amount', message }], minimum: 100 })
    }
    const line = await refundLines(order, [[1, 3]])
    assert.deepEqual([line.status, line.body.error.details.fields[0].field], [400, 'items'])
    assert.deepEqual((await written(shop.db, order.orderId)).refunds, [])
    assert.equal(await refunded(refund(order, { amount: 100 })), 100)
    await atRest(shop)
  })

  test('R5 what leaves less is sent, with a warning; the rest is refused, until it goes another way', async () => {
    const order = await bought([pepper, 1])
    const answer = await refund(order, { amount: 9_950 })
    assert.equal(answer.status, 202)
    assert.deepEqual(answer.body.data.refund.warning, {
      code: 'rest_too_small',
      message:
        'Razorpay sends back no less than INR 1.00 at once: what is left can only go to a wallet, or by a transfer of ours.',
      rest: 50,
      minimum: 100,
    })
    await atRest(shop)
    const rest = await refund(order, {})
    assert.deepEqual([rest.status, rest.body.error.details.fields[0].field], [400, 'amount'])
    const enough = await bought([pepper, 1])
    assert.equal((await refund(enough, { amount: 9_900 })).body.data.refund.warning, undefined)
    assert.equal((await refund(enough, {})).body.data.refund.warning, undefined)
    await atRest(shop)
    // A rule has no choice: nobody is asked in vain, and a person finds another way.
    await shop.call('POST', `/api/orders/${order.orderId}/cancel`, { as: admin, body: {} })
    await atRest(shop)
    const item = await desk.theOpen(order.orderId, 'refund_failed')
    assert.deepEqual(item.actions, ['paid_back_elsewhere', 'write_off', 'ask'])
    const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
    const asked = body.refunds.filter((each: { payment_id: string }) => each.payment_id === order.providerPaymentId)
    assert.equal(asked.length, 1)
    await desk.decided(item.id, { action: 'paid_back_elsewhere', reference: `UTR ${order.orderId}` })
    assert.equal((await written(shop.db, order.orderId)).order, 'cancelled/refunded admin')
  })
})
