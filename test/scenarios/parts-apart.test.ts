/**
 * Parts of an order that go their own ways: one is sent while another waits, is rejected, cancelled or given back. The
 * order is always what its parts make of it, and of the money exactly theirs goes back that are not sent.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { orderAfter } from '../../server/orders/parts.ts'
import { listSaleLines } from '../../server/orders/queries.ts'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, rowCounts, stockOf, sums, written } from '../buyer.ts'
import { openGates } from '../gates.ts'
import { deskOf, type Desk } from '../reviews.ts'
import type { Answer, Shop } from '../shop.ts'
import { twoShops, type Bought, type TwoShops } from '../two-shops.ts'
import { until } from '../until.ts'

const PRICE = 10_000
/** What the careful shop's part of one thing costs. */
const STOLE = 20_000 + 4_900
const LIMIT = 30_000
const DAY = 86_400_000

const { points, holdNext } = openGates()
let world: TwoShops
let shop: Shop
let admin: TwoShops['admin']
let productId: string
let careful: TwoShops['careful']
let desk: Desk
/** Another admin. */
let second: { authorization: string }

before(async () => {
  world = await twoShops({ price: PRICE, refundApprovalAbove: LIMIT, points })
  ;({ shop, admin, productId, careful } = world)
  desk = deskOf(shop, admin)
  second = await shop.signedIn({ role: 'admin' })
  // Who was made an admin today does not agree to anything yet.
  shop.clock.aheadMs += DAY
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

/** An order of both shops, of which the first has sent its part. */
async function halfSent(stoles = 1): Promise<Bought> {
  const order = await world.bought([productId, 1], [careful.productId, stoles])
  assert.equal((await world.put(order, 'shipped')).status, 200)
  assert.equal(await world.states(order), 'confirmed awaiting_acceptance shipped')
  return order
}

const stock = async () => [await stockOf(shop.db, productId), await stockOf(shop.db, careful.productId)]
const isDone = (answer: Answer) => assert.equal(answer.status, 200, JSON.stringify(answer.body))

/** What the events of parts say of why they ended. */
async function reasons({ orderId }: Bought): Promise<Record<string, unknown>[]> {
  const rows = await shop.db.many<{ data: Record<string, unknown> }>(
    'test.reasons',
    sql`select data from events where order_id = ${orderId} and type in ('shop_order.cancelled', 'shop_order.rejected') order by seq`,
  )
  return rows.map(({ data }) => data)
}

describe('while a part is on its way', () => {
  test('the shopper cancels: the other part ends, what it cost goes back, and the order is on its way', async () => {
    const order = await world.bought([productId, 1], [careful.productId, 1])
    assert.equal(order.total, PRICE + STOLE)
    isDone(await world.put(order, 'shipped'))
    const before = await stock()
    const cancelled = await world.cancel(order)
    isDone(cancelled)
    const { status, canCancel, cancelReason } = cancelled.body.data.order
    assert.deepEqual([status, canCancel, cancelReason], ['shipped', false, null])
    assert.equal(await world.states(order), 'shipped cancelled shipped')
    assert.deepEqual((await world.moves(order)).slice(-2), [
      'order.shipped: confirmed → shipped by system',
      'shop_order.cancelled: awaiting_acceptance → cancelled by shopper',
    ])
    assert.deepEqual(await reasons(order), [{ reason: 'shopper' }])
    await atRest(shop)
    const end = await written(shop.db, order.orderId)
    assert.deepEqual([end.order, end.refunds], ['shipped/partially_refunded', [`processed ${STOLE} part_cancelled`]])
    assert.deepEqual(end.ledger, [
      `capture ${PRICE + STOLE} INR`,
      'delivery 4900 INR',
      'delivery_reversed 4900 INR',
      `refund ${STOLE} INR`,
      `refund_owed ${STOLE} INR`,
      `sale ${PRICE} INR`,
      'sale 20000 INR',
      'sale_reversed 20000 INR',
    ])
    assert.deepEqual(await stock(), [before[0], { ...before[1], onHand: (before[1]?.onHand ?? 0) + 1 }])
    const { money, payments } = await world.shown(order)
    assert.deepEqual(money, [sums({ captured: PRICE + STOLE, kept: PRICE, goneBack: STOLE })])
    assert.deepEqual(
      payments[0].refunds.map(({ cause, text }: { cause: string; text: string }) => [cause, text]),
      [['cancelled', 'A part of the order was cancelled.']],
    )
    isDone(await world.put(order, 'delivered'))
    assert.equal(await world.states(order), 'delivered cancelled delivered')
  })

  test('twice is refused the second time, and nothing more goes back', async () => {
    const order = await halfSent()
    isDone(await world.cancel(order))
    await atRest(shop)
    const before = await rowCounts(shop.db)
    for (const again of [await world.cancel(order), await world.put(order, 'cancelled')]) {
      assert.deepEqual([again.status, again.body.error.code], [409, 'invalid_transition'])
      assert.deepEqual(again.body.error.details, { from: 'shipped', to: 'cancelled' })
    }
    for (const what of ['accept', 'reject'] as const) {
      const late = await world.answer(order, what)
      assert.deepEqual([late.status, late.body.error.code], [409, 'invalid_transition'])
    }
    assert.deepEqual(await rowCounts(shop.db), before)
  })

  test('an admin cancels: the reason is kept with the part that ends', async () => {
    const order = await halfSent()
    const cancelled = await world.put(order, 'cancelled', 'The loom broke')
    isDone(cancelled)
    assert.equal(cancelled.body.data.order.status, 'shipped')
    assert.deepEqual(await reasons(order), [{ reason: 'admin', note: 'The loom broke' }])
    await atRest(shop)
    const { refunds } = await written(shop.db, order.orderId)
    assert.deepEqual(refunds, [`processed ${STOLE} part_cancelled`])
    const { body } = await shop.call('GET', `/api/orders/${order.orderId}/events`, { guestToken: order.guestToken })
    const told = body.data.events.find(({ type }: { type: string }) => type === 'shop_order.cancelled')
    assert.deepEqual(told.data, { reason: 'admin' }, 'and the note is for colleagues')
  })

  test('a part of which some was given back gives back the rest, and none of the other', async () => {
    const order = await halfSent(2)
    const [, item] = order.items
    assert.equal((await world.refund(order, { items: [{ itemId: item?.id, quantity: 1 }] })).status, 202)
    await atRest(shop)
    isDone(await world.cancel(order))
    await atRest(shop)
    const { refunds } = await written(shop.db, order.orderId)
    assert.deepEqual(refunds.toSorted(), ['processed 20000 Broken', 'processed 24900 part_cancelled'])
    assert.equal(await world.states(order), 'shipped cancelled shipped')
  })

  test('a part that money was given back for is undone whole, out of what is kept', async () => {
    const order = await halfSent()
    // For no line in particular: less is kept than the part that is cancelled would cost by itself.
    assert.equal((await world.refund(order, { amount: PRICE + STOLE - 8_000 })).status, 202)
    await atRest(shop)
    const before = await stockOf(shop.db, careful.productId)
    isDone(await world.cancel(order))
    await atRest(shop)
    const { lines } = await shop.db.one<{ lines: string }>(
      'test.lines',
      sql`select string_agg(concat_ws(' ', i.kind, i.returned_quantity, i.total + i.tax - i.returned_amount, i.restocked), ', '
            order by i.position) as lines from order_items i where i.order_id = ${order.orderId}`,
    )
    assert.match(lines, /^product 0 \d+ 0, product 1 0 1, delivery 1 0 0$/)
    assert.notDeepEqual(await stockOf(shop.db, careful.productId), before)
    assert.equal(await world.states(order), 'shipped cancelled shipped')
  })

  test('more than one person may decide: a second agrees to that part, and to nothing else', async () => {
    const order = await halfSent(2)
    const amount = 2 * 20_000 + 4_900
    const asked = await world.put(order, 'cancelled', 'Cannot be woven')
    assert.deepEqual([asked.status, asked.body.data.waitsFor.amount], [202, amount])
    assert.equal(await world.states(order), 'confirmed awaiting_acceptance shipped')
    // Meanwhile the part is sent after all: what was asked for is not what it would be.
    const other = await halfSent(2)
    const { reviewItemId } = (await world.put(other, 'cancelled')).body.data.waitsFor
    isDone(await world.answer(other, 'accept'))
    isDone(await world.put(other, 'shipped'))
    const late = await desk.decide(reviewItemId, { action: 'approve' }, { as: second })
    assert.deepEqual([late.status, late.body.error.code], [409, 'invalid_transition'])
    assert.equal(await world.states(other), 'shipped shipped shipped')
    isDone(await desk.decide(reviewItemId, { action: 'decline' }))

    isDone(await desk.decide(asked.body.data.waitsFor.reviewItemId, { action: 'approve' }, { as: second }))
    assert.equal(await world.states(order), 'shipped cancelled shipped')
    await atRest(shop)
    assert.deepEqual((await written(shop.db, order.orderId)).refunds, [`processed ${amount} part_cancelled`])
  })

  test('its shop can still accept the other part, which is sent after it', async () => {
    const order = await halfSent()
    isDone(await world.put(order, 'delivered'))
    assert.equal(await world.states(order), 'confirmed awaiting_acceptance delivered')
    isDone(await world.answer(order, 'accept'))
    isDone(await world.put(order, 'shipped'))
    assert.equal(await world.states(order), 'shipped delivered shipped')
    isDone(await world.put(order, 'delivered'))
    assert.deepEqual((await world.moves(order)).slice(-7), [
      'shop_order.shipped: accepted → shipped by admin',
      'shop_order.delivered: shipped → delivered by admin',
      'shop_order.accepted: awaiting_acceptance → accepted by seller',
      'order.shipped: confirmed → shipped by admin',
      'shop_order.shipped: accepted → shipped by admin',
      'order.delivered: shipped → delivered by admin',
      'shop_order.delivered: shipped → delivered by admin',
    ])
  })

  test('its shop rejects the other part: the order is on its way, or has arrived, with what is left', async () => {
    const order = await halfSent()
    isDone(await world.answer(order, 'reject'))
    assert.equal(await world.states(order), 'shipped rejected shipped')
    assert.deepEqual(await reasons(order), [{ reason: 'The loom broke' }])
    const arrived = await halfSent()
    isDone(await world.put(arrived, 'delivered'))
    isDone(await world.answer(arrived, 'reject'))
    assert.equal(await world.states(arrived), 'delivered delivered rejected')
    assert.deepEqual((await world.moves(arrived)).slice(-2), [
      'order.delivered: confirmed → delivered by system',
      'shop_order.rejected: awaiting_acceptance → rejected by seller',
    ])
    await atRest(shop)
    assert.deepEqual((await written(shop.db, arrived.orderId)).refunds, [`processed ${STOLE} part_rejected`])
  })
})

describe('a part that is given back before it is sent', () => {
  const itsUnits = (order: Bought, quantity: number) => ({ items: [{ itemId: order.items[1]?.id, quantity }] })

  test('is not waited for any more: the order is on its way with the rest', async () => {
    const order = await halfSent()
    assert.equal((await world.refund(order, itsUnits(order, 1))).status, 202)
    assert.equal(await world.states(order), 'shipped awaiting_acceptance shipped')
    assert.equal((await world.moves(order)).at(-1), 'order.shipped: confirmed → shipped by system')
    await atRest(shop)
    isDone(await world.put(order, 'delivered'))
    assert.equal(await world.states(order), 'delivered awaiting_acceptance delivered')
  })

  for (const to of ['shipped', 'delivered'] as const) {
    test(`stands again when a second person declines: the order that was ${to} is to be sent once more`, async () => {
      const order = await halfSent(2)
      // Above the limit of one person.
      const asked = await world.refund(order, itsUnits(order, 2))
      assert.equal(asked.body.data.refund.approval, 'pending')
      if (to === 'delivered') isDone(await world.put(order, to))
      assert.equal(await world.states(order), `${to} awaiting_acceptance ${to}`)
      const item = await desk.theOpen(order.orderId, 'refund_approval')
      isDone(await desk.decide(item.id, { action: 'decline' }, { as: second }))
      assert.equal((await world.moves(order)).at(-1), `order.reopened: ${to} → confirmed by system`)
      isDone(await world.answer(order, 'accept'))
      isDone(await world.put(order, 'shipped'))
      isDone(await world.put(order, 'delivered'))
      assert.equal(await world.states(order), 'delivered delivered delivered')
    })
  }

  test('and is then rejected, or cancelled: a refund of it that waits cannot be declined, because its money goes back', async () => {
    const rejected = await halfSent(2)
    const asked = await world.refund(rejected, itsUnits(rejected, 2))
    assert.equal(asked.body.data.refund.approval, 'pending')
    // What is to come of it is on its way, so that nobody cancels it; its shop can still say no.
    assert.equal((await world.cancel(rejected)).status, 409)
    isDone(await world.answer(rejected, 'reject'))
    assert.equal(await world.states(rejected), 'shipped rejected shipped')

    const cancelled = await halfSent(3)
    assert.equal((await world.refund(cancelled, itsUnits(cancelled, 2))).body.data.refund.approval, 'pending')
    isDone(await world.cancel(cancelled))
    assert.equal(await world.states(cancelled), 'shipped cancelled shipped')
    for (const [order, words] of [
      [rejected, /^Its shop has rejected that part: /],
      [cancelled, /^That part was cancelled: /],
    ] as const) {
      const waiting = await desk.theOpen(order.orderId, 'refund_approval')
      const refused = await desk.decide(waiting.id, { action: 'decline' }, { as: second })
      assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
      assert.match(refused.body.error.message, words)
      isDone(await desk.decide(waiting.id, { action: 'approve' }, { as: second }))
      await atRest(shop)
    }
    assert.deepEqual((await written(shop.db, cancelled.orderId)).refunds.toSorted(), [
      `processed ${STOLE} part_cancelled`,
      'processed 40000 Broken',
    ])
  })
})

test('S4 whatever happens to two parts in whatever order, the order is what they make of it', async () => {
  const steps = {
    accept: (order: Bought) => world.answer(order, 'accept'),
    reject: (order: Bought) => world.answer(order, 'reject'),
    ship: (order: Bought) => world.put(order, 'shipped'),
    deliver: (order: Bought) => world.put(order, 'delivered'),
    cancel: (order: Bought) => world.cancel(order),
    'give back one': (order: Bought) => world.refund(order, { items: [{ itemId: order.items[1]?.id, quantity: 1 }] }),
    'give back the other': (order: Bought) =>
      world.refund(order, { items: [{ itemId: order.items[0]?.id, quantity: 1 }], restock: true }),
  }
  const reached = new Set<string>()
  const walk = fc.array(fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])), {
    minLength: 6,
    maxLength: 6,
  })
  await fc.assert(
    fc.asyncProperty(walk, async (names) => {
      const order = await world.bought([productId, 1], [careful.productId, 1])
      for (const name of names) {
        const before = await world.states(order)
        const answer = await steps[name](order)
        assert.ok([200, 202, 409].includes(answer.status), JSON.stringify(answer.body))
        const after = await world.states(order)
        if (answer.status === 409) assert.equal(after, before, name)
        const [status] = after.split(' ')
        assert.equal(
          status,
          orderAfter(await listSaleLines(shop.db, order.orderId), []),
          `${names.join(', ')}: ${after}`,
        )
        reached.add(after)
      }
      await atRest(shop)
    }),
    { numRuns: 16, seed: 8, endOnFailure: true },
  )
  assert.ok(reached.size > 8, [...reached].sort().join('; '))
})

describe('S4 at the same moment', () => {
  const somebodyWaits = () =>
    until('a connection waits for another one’s lock', async () => {
      const waiting = sql`pg_stat_activity
        where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`
      return (await count(shop.db, waiting)) > 0
    })
  const ship = { commit: 'changeStatus', does: (order: Bought) => world.put(order, 'shipped') }
  const deliver = { commit: 'changeStatus', does: (order: Bought) => world.put(order, 'delivered') }
  const cancel = { commit: 'cancelOrder', does: (order: Bought) => world.cancel(order) }
  const accept = { commit: 'acceptPart', does: (order: Bought) => world.answer(order, 'accept') }
  const reject = { commit: 'rejectPart', does: (order: Bought) => world.answer(order, 'reject') }
  const giveBack = {
    commit: 'refundByHand',
    does: (order: Bought) =>
      world.refund(order, { items: [{ itemId: order.items[1]?.id, quantity: 1 }], restock: true }),
  }
  const whole = () => world.bought([productId, 1], [careful.productId, 1])
  const arriving = async () => {
    const order = await halfSent()
    isDone(await world.put(order, 'delivered'))
    return order
  }

  /** Who comes first, who second, what each is answered, and where it ends. */
  const RACES = [
    ['ship × cancel', whole, ship, cancel, [200, 200], 'shipped cancelled shipped', STOLE],
    ['cancel × ship', whole, cancel, ship, [200, 409], 'cancelled cancelled cancelled', PRICE + STOLE],
    ['accept × cancel', whole, accept, cancel, [200, 200], 'cancelled cancelled cancelled', PRICE + STOLE],
    ['cancel × accept', whole, cancel, accept, [200, 409], 'cancelled cancelled cancelled', PRICE + STOLE],
    ['accept × cancel, beside what is sent', halfSent, accept, cancel, [200, 200], 'shipped cancelled shipped', STOLE],
    ['cancel × accept, beside what is sent', halfSent, cancel, accept, [200, 409], 'shipped cancelled shipped', STOLE],
    ['deliver × refund', halfSent, deliver, giveBack, [200, 202], 'delivered awaiting_acceptance delivered', 20_000],
    ['refund × deliver', halfSent, giveBack, deliver, [202, 200], 'delivered awaiting_acceptance delivered', 20_000],
    ['reject × ship', whole, reject, ship, [200, 200], 'shipped rejected shipped', STOLE],
    ['ship × reject', whole, ship, reject, [200, 200], 'shipped rejected shipped', STOLE],
    [
      'reject × cancel, beside what has arrived',
      arriving,
      reject,
      cancel,
      [200, 409],
      'delivered delivered rejected',
      STOLE,
    ],
    [
      'cancel × reject, beside what has arrived',
      arriving,
      cancel,
      reject,
      [200, 409],
      'delivered cancelled delivered',
      STOLE,
    ],
  ] as const
  for (const [what, prepared, first, second, answers, end, back] of RACES) {
    test(`S4 ${what}: the second waits for the first, and is answered by what that has left`, async () => {
      const before = await stock()
      const order = await prepared()
      const gate = holdNext(`tx:${first.commit}:commit`)
      const one = first.does(order)
      await gate.arrived
      const other = second.does(order)
      await somebodyWaits()
      gate.release()
      assert.deepEqual([(await one).status, (await other).status], answers)
      assert.equal(await world.states(order), end)
      await atRest(shop)
      const { money } = await world.shown(order)
      assert.equal(money[0].goneBack, back)
      assert.equal(money[0].kept, order.total - back)
      if (end.startsWith('cancelled')) assert.deepEqual(await stock(), before)
    })
  }

  test('S4 all at once, again and again: one of the ends that they have one after the other', async () => {
    const ends = new Set([
      'cancelled cancelled cancelled',
      'cancelled cancelled rejected',
      'shipped cancelled shipped',
      'shipped rejected shipped',
      // Accepted, and sent with the other, before anybody could say no.
      'shipped shipped shipped',
    ])
    for (let round = 0; round < 6; round += 1) {
      const order = await whole()
      const answers = await Promise.all([ship, cancel, accept, reject].map(({ does }) => does(order)))
      for (const { status } of answers) assert.ok(status === 200 || status === 409)
      assert.ok(answers.some(({ status }) => status === 200))
      // Whoever came last with a word that moves nothing more has left it to be sent.
      if ((await world.shown(order)).canCancel) isDone(await world.cancel(order))
      assert.ok(ends.has(await world.states(order)), await world.states(order))
      await atRest(shop)
    }
  })
})
