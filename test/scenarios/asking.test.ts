/** A shopper who has left the provider's window: who is asked, how often, and what a strange browser is told. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { returnTokenFor } from '../../server/orders/access.ts'
import {
  assertAllWell,
  atRest,
  paidOnce,
  pay,
  place,
  providerTimePasses,
  sums,
  written,
  type Placed,
} from '../buyer.ts'
import { ADDRESS, stockedShop, TEST_SECRET, type Answer, type CallOptions, type Shop } from '../shop.ts'

const PRICE = 24_500
const SECOND = 1_000

let shop: Shop
let productId: string

before(async () => {
  ;({ shop, productId } = await stockedShop({ price: PRICE }))
})
afterEach(async () => {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(shop)
})
after(() => shop.close())

const ask = (placed: Placed, who: CallOptions = { guestToken: placed.guestToken }): Promise<Answer> =>
  shop.call('POST', `/api/payments/${placed.orderId}/ask`, { ...who, body: {} })

describe('M6 the provider is asked while the shopper waits', () => {
  test('M6 nobody had told us: asking finds the money, and the order stands', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'never_told')
    const asked = await ask(placed)
    assert.equal(asked.status, 200, JSON.stringify(asked.body))
    const { hasAnswered, state } = asked.body.data
    assert.deepEqual(
      [hasAnswered, state.isConfirmed, state.paymentStatus, state.isUndecided, state.money],
      [true, true, 'paid', false, [sums({ captured: PRICE, kept: PRICE })]],
    )
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('M6 the bank has not decided: that is what is said, until it has', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'pending_then_captured')
    const asked = (await ask(placed)).body.data
    assert.deepEqual([asked.hasAnswered, asked.state.isUndecided, asked.state.canPay], [true, true, true])
    await providerTimePasses(shop, 61 * SECOND)
    const again = (await ask(placed)).body.data
    assert.deepEqual([again.state.isConfirmed, again.state.isUndecided], [true, false])
  })

  test('M6 nothing was begun: that is what is said', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'closed')
    const { hasAnswered, state } = (await ask(placed)).body.data
    assert.deepEqual([hasAnswered, state.isUndecided, state.status, state.money], [true, false, 'created', []])
  })

  test('M6 the provider does not answer: nothing is known to be different', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'never_told')
    await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'GET .*/payments$', kind: 'reset', times: 10 })
    const { hasAnswered, state } = (await ask(placed)).body.data
    assert.deepEqual([hasAnswered, state.isConfirmed, state.status], [false, false, 'created'])
    await shop.control('DELETE', '/razorpay/_sandbox/faults')
    await atRest(shop, 61 * SECOND)
  })

  test('M6 what the bank holds is captured, as a worker would', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'authorized')
    assert.equal((await ask(placed)).body.data.state.isConfirmed, true)
  })

  test('M6 a stranger cannot ask, and an owner a few times a minute', async () => {
    const limited = await stockedShop({ price: PRICE, perMinute: 60 })
    try {
      const placed = await place(limited.shop, limited.productId)
      const call = (who: CallOptions) =>
        limited.shop.call('POST', `/api/payments/${placed.orderId}/ask`, { ...who, body: {} })
      assert.equal((await call({})).status, 401)
      assert.equal((await call({ guestToken: 'somebody else' })).status, 403)
      const answers: number[] = []
      for (let time = 0; time < 8; time += 1) answers.push((await call({ guestToken: placed.guestToken })).status)
      // A minute may end between two of them.
      assert.ok(answers.slice(0, 6).every((status) => status === 200))
      assert.ok(answers.filter((status) => status === 429).length >= 1, answers.join(' '))
    } finally {
      await limited.shop.close()
    }
  })
})

describe('M10 a signed return lands in another browser', () => {
  const page = (placed: Placed) => `http://127.0.0.1:3000/orders/${placed.orderId}/result`

  function returned(placed: Placed, brought: object): Promise<Answer> {
    const fields = Object.entries(brought).filter((field): field is [string, string] => typeof field[1] === 'string')
    return shop.call('POST', `/api/payments/return/${placed.orderId}`, {
      raw: { content: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' },
    })
  }

  test('M10 it is told that the payment is in, and nothing about who ordered what', async () => {
    const placed = await place(shop, productId)
    const back = await returned(placed, await pay(shop, placed))
    const location = back.headers.get('location') ?? ''
    assert.equal(back.status, 303)
    assert.ok(location.startsWith(`${page(placed)}#returned=`), location)
    const headers = { 'x-return-token': location.slice(location.indexOf('=') + 1) }
    const state = await shop.call('GET', `/api/payments/${placed.orderId}/status`, { headers })
    assert.equal(state.status, 200, JSON.stringify(state.body))
    assert.deepEqual(
      [state.body.data.isConfirmed, state.body.data.money],
      [true, [sums({ captured: PRICE, kept: PRICE })]],
    )
    assert.match(state.body.data.orderNumber, /^H-/)
    const text = JSON.stringify(state.body)
    for (const secret of [ADDRESS.name, ADDRESS.city, ADDRESS.phone, 'ananya', 'Tellicherry']) {
      assert.ok(!text.includes(secret), secret)
    }
    // It may ask the provider, and nothing else.
    assert.equal((await ask(placed, { headers })).status, 200)
    for (const [method, path] of [
      ['GET', `/api/orders/${placed.orderId}`],
      ['GET', `/api/orders/${placed.orderId}/events`],
      ['GET', `/api/payments?orderId=${placed.orderId}`],
      ['POST', `/api/orders/${placed.orderId}/cancel`],
    ] as const) {
      const refused = await shop.call(method, path, { headers, ...(method === 'POST' ? { body: {} } : {}) })
      assert.equal(refused.status, 401, path)
    }
    assert.equal(
      (await shop.call('POST', '/api/payments/create', { headers, body: { orderId: placed.orderId } })).status,
      401,
    )
  })

  test('M10 without a valid signature it gets nothing', async () => {
    const placed = await place(shop, productId)
    const forged = { razorpay_payment_id: 'pay_x', razorpay_order_id: placed.providerOrderId, razorpay_signature: 'ab' }
    assert.equal((await returned(placed, forged)).headers.get('location'), page(placed))
    assert.equal((await returned(placed, {})).headers.get('location'), page(placed))
  })

  test('M10 its word is for one order, and lapses within the hour', async () => {
    const [mine, other] = [await place(shop, productId), await place(shop, productId)]
    const token = returnTokenFor(TEST_SECRET, mine.orderId, shop.deps.ports.clock.now())
    const told = async (placed: Placed, value: string) =>
      (
        await shop.call('GET', `/api/payments/${placed.orderId}/status`, {
          headers: { 'x-return-token': value },
        })
      ).status
    assert.equal(await told(mine, token), 200)
    assert.equal(await told(other, token), 401)
    const [until = '', mac = ''] = token.split('.')
    for (const wrong of ['', until, `${until}.`, `${Number(until) + 1}.${mac}`, `${until}.${mac}.x`, `.${mac}`]) {
      assert.equal(await told(mine, wrong), 401, wrong)
    }
    shop.clock.aheadMs += 3_601 * SECOND
    assert.equal(await told(mine, token), 401)
    await atRest(shop)
  })
})
