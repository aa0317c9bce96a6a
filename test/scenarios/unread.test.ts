/** What a provider says and nobody can read: words that we do not know, and entries that do not say what they must. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, paidOnce, pay, place, unpaid, written } from '../buyer.ts'
import { questions, reconcile } from '../reconciling.ts'
import { stockedShop } from '../shop.ts'
import { deliver, paymentEntity, signed, type PaymentEntity } from '../webhooks.ts'

type World = Awaited<ReturnType<typeof stockedShop>>
let world: World

before(async () => {
  world = await stockedShop({ webhooks: false, stock: 1_000 })
})
after(() => world.shop.close())
beforeEach(() => world.shop.control('DELETE', '/razorpay/_sandbox/faults'))

/** An event about a payment, with these fields in it. */
function event(type: string, payment: PaymentEntity, set: Record<string, unknown>): string {
  const entity = { ...paymentEntity(payment), ...set }
  return JSON.stringify({ entity: 'event', event: type, contains: ['payment'], payload: { payment: { entity } } })
}

async function reviewsOf(orderId: string): Promise<string[]> {
  const rows = await world.shop.db.many<{ kind: string; summary: string }>(
    'test.reviews',
    sql`select kind, summary from review_items where order_id = ${orderId} and resolved_at is null order by id`,
  )
  return rows.map(({ kind, summary }) => `${kind}: ${summary}`)
}

async function alertsOf(kind: string): Promise<{ key: string; count: number }[]> {
  return world.shop.db.many(
    'test.alerts',
    sql`select key, count::int from alerts where kind = ${kind} and resolved_at is null order by key`,
  )
}

async function openedEvents(orderId: string): Promise<number> {
  const rows = await world.shop.db.many(
    'test.opened',
    sql`select 1 as one from events where order_id = ${orderId} and type = 'review.opened'`,
  )
  return rows.length
}

describe('P22 a word that we do not know, said of a payment of ours', () => {
  test('P22 cash on delivery taken in the provider’s window: nothing is paid, a person is asked once, and alerted', async () => {
    const { shop, productId } = world
    const placed = await place(shop, productId)
    const cod = {
      id: 'pay_CodInWindow01',
      orderId: placed.providerOrderId,
      amount: placed.total,
      status: 'created',
    } as const
    for (const id of ['evt_cod_1', 'evt_cod_2']) {
      const body = event('payment.pending', cod, { status: 'pending', method: 'cod' })
      assert.equal((await deliver(shop, signed(shop, body, id))).status, 200)
      await shop.settled()
    }
    assert.deepEqual(await reviewsOf(placed.orderId), [
      'unknown_status: razorpay took this as cash on delivery in its own window ("pending"). No money goes through razorpay: switch that way to pay off in your account there.',
    ])
    assert.deepEqual(await alertsOf('unknown_status'), [{ key: 'razorpay:pending', count: 1 }])
    assert.equal(await openedEvents(placed.orderId), 1)
    const { order, payments } = await written(shop.db, placed.orderId)
    assert.deepEqual([order, payments], ['pending/pending', unpaid().payments])
    await assertAllWell(shop)
  })

  test('P22 another status word, told by webhook and by asking: one question; the true word later is taken', async () => {
    const { shop, productId } = world
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'captured_webhook_lost')
    const ref = brought.razorpay_payment_id
    const strange = { id: ref, orderId: placed.providerOrderId, amount: placed.total, status: 'created' } as const
    assert.equal(
      (await deliver(shop, signed(shop, event('payment.frozen', strange, { status: 'frozen' })))).status,
      200,
    )
    await shop.settled()
    const { body } = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    const items = body.payments.map((payment: object) => ({ ...payment, status: 'frozen' }))
    const match = `GET /v1/orders/${placed.providerOrderId}/payments`
    await shop.control('POST', '/razorpay/_sandbox/faults', { match, kind: 'effect-then-alter', set: { items } })
    await atRest(shop, 61_000)
    assert.deepEqual(await reviewsOf(placed.orderId), [
      'unknown_status: razorpay says "frozen" of this payment, a word that we do not know.',
    ])
    assert.equal(await openedEvents(placed.orderId), 1)
    assert.equal((await written(shop.db, placed.orderId)).order, 'pending/pending')
    await atRest(shop, 121_000)
    const { reviews: _asked, ...end } = await written(shop.db, placed.orderId)
    const { reviews: _none, ...expected } = paidOnce(placed.total)
    assert.deepEqual(end, expected)
    await assertAllWell(shop)
  })
})

describe('R12 entries of a provider’s lists that cannot be read', () => {
  test('R12 a fee in fractions and a missing amount hold up nothing: the rest is healed, a person is asked', async () => {
    const { shop, admin, productId } = world
    const [first, second] = [await place(shop, productId), await place(shop, productId)]
    const [one, two] = [await pay(shop, first), await pay(shop, second)]
    const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
    const known = body.payments as Record<string, unknown>[]
    const foreign = known[0] ?? {}
    const items = [
      ...known.filter(({ id }) => id === one.sandbox.paymentId || id === two.sandbox.paymentId),
      {
        ...foreign,
        id: 'pay_ForeignFee001',
        order_id: 'order_Foreign0000001',
        status: 'captured',
        captured: true,
        amount: 9_900,
        fee: 290.4,
      },
      { ...foreign, id: 'pay_NoAmount00001', order_id: 'order_Foreign0000002', amount: undefined },
    ]
    const fault = {
      match: 'GET /v1/payments$',
      kind: 'effect-then-alter',
      set: { items, count: items.length },
      times: 1,
    }
    assert.equal((await shop.control('POST', '/razorpay/_sandbox/faults', fault)).status, 200)
    const ran = await reconcile(shop, admin)
    assert.deepEqual([ran.status, ran.error], ['completed', null])
    assert.deepEqual(
      ran.lines.filter((line) => /Foreign|NoAmount/.test(line)),
      [
        'payment unknown_here pay_ForeignFee001 null/9900 asked',
        'payment unreadable pay_NoAmount00001 null/null asked',
      ],
    )
    for (const placed of [first, second]) assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
    const asked = await questions(shop.db)
    assert.ok(
      asked.some((each) => each.startsWith('unreadable_record pay_NoAmount00001')),
      asked.join('\n'),
    )
  })
})
