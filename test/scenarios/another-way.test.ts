/** A shopper who chooses another provider: the open payment is closed first, where its provider can do that, and here. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Closing, PaymentProvider, Reply } from '../../server/payments/providers/provider.ts'
import { sql } from '../../server/platform/database.ts'
import { anotherProvider } from '../another-provider.ts'
import { assertAllWell, pay, place, written, type Placed } from '../buyer.ts'
import { stockedShop, type Answer, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const OTHER = 'otherpay'

let shop: Shop
let productId: string
let razorpay: PaymentProvider
/** What Razorpay says when it is asked to close an order. */
let close: PaymentProvider['close']
let closed: string[]

before(async () => {
  ;({ shop, productId } = await stockedShop({ stock: 1_000 }))
  const providers = shop.deps.providers as Map<string, PaymentProvider>
  const real = providers.get('razorpay') as PaymentProvider
  razorpay = {
    ...real,
    close(providerOrderId) {
      closed.push(providerOrderId)
      return close(providerOrderId)
    },
  }
  providers.set('razorpay', razorpay)
  providers.set(OTHER, anotherProvider(OTHER, real))
  closed = []
})
afterEach(async () => {
  closed = []
  await assertAllWell(shop, ['razorpay', OTHER])
})
after(() => shop.close())

const said = (value: Closing): Reply<Closing> => ({ outcome: 'accepted', httpStatus: 200, reply: null, value })

function choose({ orderId, guestToken }: Placed, provider?: string): Promise<Answer> {
  return shop.call('POST', '/api/payments/create', { guestToken, body: { orderId, ...(provider && { provider }) } })
}

/** Status, provider and amount of each payment of an order, oldest first. */
async function payments({ orderId }: Placed): Promise<string[]> {
  const rows = await shop.db.many<{ text: string }>(
    'test.payments',
    sql`select provider || ' ' || status || ' ' || captured_amount as text from payments where order_id = ${orderId} order by id`,
  )
  return rows.map(({ text }) => text)
}

async function captureElsewhere(placed: Placed, providerOrderId: string, provider: string): Promise<void> {
  const { sandbox } = await pay(shop, { providerOrderId }, 'captured_webhook_lost')
  const payment = { id: sandbox.paymentId, orderId: providerOrderId, amount: placed.total, status: 'captured' } as const
  assert.equal((await deliver(shop, signed(shop, paymentEvent('payment.captured', payment)), provider)).status, 200)
  await shop.receiver.idle()
}

for (const ending of ['closed', 'cannot'] as const) {
  test(`${ending}: the open payment is closed, another is opened, and choosing it again changes nothing`, async () => {
    close = async () => said({ ending })
    const placed = await place(shop, productId)
    const answer = await choose(placed, OTHER)
    assert.deepEqual([answer.status, answer.body.data.provider], [201, OTHER], JSON.stringify(answer.body))
    assert.deepEqual(closed, [placed.providerOrderId])
    assert.deepEqual(await payments(placed), ['razorpay abandoned 0', `${OTHER} created 0`])

    for (const provider of [OTHER, undefined]) {
      const again = await choose(placed, provider)
      assert.deepEqual([again.status, again.body.data.paymentId], [200, answer.body.data.paymentId])
    }
    await captureElsewhere(placed, answer.body.data.providerOrderId, OTHER)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
    // And back again is too late.
    const late = await choose(placed, 'razorpay')
    assert.deepEqual([late.status, late.body.error.code], [409, 'order_already_paid'])
  })
}

test('paid in the old window all the same, after the new one: one is kept, the other goes back', async () => {
  close = async () => said({ ending: 'cannot' })
  const placed = await place(shop, productId)
  const answer = await choose(placed, OTHER)
  await captureElsewhere(placed, answer.body.data.providerOrderId, OTHER)
  await captureElsewhere(placed, placed.providerOrderId, 'razorpay')
  const { order, refunds } = await written(shop.db, placed.orderId)
  assert.deepEqual([order, refunds], ['confirmed/paid', [`requested ${placed.total} second_capture`]])
  await shop.work()
  await shop.settled()
  await shop.work()
})

test('it had been paid meanwhile: that is settled, and nothing is opened', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'captured_webhook_lost')
  close = async (providerOrderId) => {
    const fetched = await razorpay.fetchOrderPayments(providerOrderId)
    assert.ok(fetched.outcome === 'accepted')
    const [first, ...rest] = fetched.value
    assert.ok(first)
    return said({ ending: 'paid', facts: [first, ...rest] })
  }
  const answer = await choose(placed, OTHER)
  assert.deepEqual([answer.status, answer.body.error.code], [409, 'order_already_paid'])
  assert.deepEqual(await payments(placed), [`razorpay paid ${placed.total}`])
})

test('no answer: nothing is opened and nobody is sent to the old one; the next who comes goes on', async () => {
  close = async () => ({ outcome: 'unknown', httpStatus: null, reply: null, message: 'no answer' })
  const placed = await place(shop, productId)
  const answer = await choose(placed, OTHER)
  assert.deepEqual([answer.status, answer.body.error.code], [409, 'payment_state_unknown'])
  assert.deepEqual(await payments(placed), ['razorpay created 0'])
  const untold = await choose(placed)
  assert.deepEqual([untold.status, untold.body.error.code], [409, 'payment_state_unknown'])
  close = async () => said({ ending: 'closed' })
  const next = await choose(placed)
  assert.deepEqual([next.status, next.body.data.provider], [201, 'razorpay'])
  assert.notEqual(next.body.data.providerOrderId, placed.providerOrderId)
  assert.deepEqual(await payments(placed), ['razorpay abandoned 0', 'razorpay created 0'])
})

test('who is not there, and money that is under way: nothing is closed', async () => {
  close = () => assert.fail('nobody is to be asked')
  const placed = await place(shop, productId)
  const nobody = await choose(placed, 'nobody')
  assert.deepEqual([nobody.status, nobody.body.error.details.fields[0].field], [400, 'provider'])
  await shop.deps.db.alone.run(
    'test.verified',
    sql`update payments set status = 'verified' where id = ${placed.paymentId}`,
  )
  const underWay = await choose(placed, OTHER)
  assert.deepEqual([underWay.status, underWay.body.error.code], [409, 'payment_state_unknown'])
  await shop.deps.db.alone.run(
    'test.created',
    sql`update payments set status = 'created' where id = ${placed.paymentId}`,
  )
  assert.deepEqual(await payments(placed), ['razorpay created 0'])
})

test('many choose at once, one way and the other: one payment is open in the end', async () => {
  close = async () => said({ ending: 'cannot' })
  const placed = await place(shop, productId)
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, at) => choose(placed, at % 2 === 0 ? OTHER : 'razorpay')),
  )
  for (const { status, body } of answers) {
    // Somebody else closed it while it was being opened: the order is kept, and the next try opens one.
    const isOvertaken = status === 502 && body.error.code === 'provider_unavailable'
    assert.ok(status === 200 || status === 201 || isOvertaken, JSON.stringify(body))
  }
  const ends = await payments(placed)
  assert.equal(ends.filter((row) => row.includes(' created ')).length, 1, ends.join())
  assert.ok(
    ends.every((row) => / (created|abandoned) 0$/.test(row)),
    ends.join(),
  )
})
