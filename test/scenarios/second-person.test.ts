/**
 * FX6: every way by which money leaves on an admin's word waits for a second person above the limit, who agrees to that
 * very decision; what a rule decides waits for nobody. The table is that of docs/design.md, section 4.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { atRest, count, pay, place, strayOrder, written, type Placed } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { reconcile } from '../reconciling.ts'
import { credited, openReviewWorld, placeAs, PRICE, type ReviewWorld } from '../reviews.ts'
import type { Answer } from '../shop.ts'

/** In paise: less than the rupee by which the sandbox's captures differ. */
const LIMIT = 50

type Person = { id: string; authorization: string }

let world: ReviewWorld
/** Made an admin by the first one a moment ago; has a password that the first one has set. */
let fresh: Person
let handed: Person
let references = 0

before(async () => {
  world = await openReviewWorld()
  const { shop, admin } = world
  fresh = await shop.signedIn({ role: 'customer', email: 'fresh@example.test' })
  const made = await shop.call('PATCH', `/api/admin/users/${fresh.id}`, { as: admin, body: { role: 'admin' } })
  assert.equal(made.status, 200)
  const known = await shop.signedIn({ role: 'admin', email: 'handed@example.test' })
  const body = { userId: known.id, newPassword: 'told over the telephone' }
  assert.equal((await shop.call('POST', '/api/auth/admin/set-user-password', { as: admin, body })).status, 200)
  handed = await shop.signedIn({ role: 'admin', email: 'handed@example.test' })
})
after(() => world.shop.close())

/** Does something while nobody may decide about more than the limit alone. */
async function limited<T>(work: () => Promise<T>, limit = LIMIT): Promise<T> {
  const { policy } = world.shop.deps
  policy.refundApprovalAbove = limit
  try {
    return await work()
  } finally {
    policy.refundApprovalAbove = null
  }
}

async function paid(): Promise<Placed> {
  const placed = await placeAs(world.shop, world.customer, world.productId)
  await pay(world.shop, placed)
  await atRest(world.shop)
  return placed
}

function decide(id: string, action: string, more: Record<string, unknown> = {}, as: Person = world.admin) {
  return world.desk.decide(id, { action, ...more }, { as })
}

function reference(): string {
  references += 1
  return `UTR-${references}`
}

/** A thing that is about money: what a first admin asks for, and the order whose money it is. */
interface Case {
  orderId: string | null
  /** The amount that leaves, in paise. */
  amount: number
  ask(): Promise<Answer>
  /** The question that it answers, where it answers one. */
  item?: string
}

async function held(outcome: 'short_capture' | 'over_capture', action: string): Promise<Case> {
  const { placed, item } = await world.differing(outcome)
  const amount = action === 'confirm' ? 100 : (item.amount ?? 0)
  return { orderId: placed.orderId, amount, item: item.id, ask: () => decide(item.id, action) }
}

const WAYS: readonly { way: string; prepare(): Promise<Case> }[] = [
  {
    way: 'cancelling a paid order',
    async prepare() {
      const { orderId } = await paid()
      const body = { reason: 'Sold out' }
      const ask = () => world.shop.call('POST', `/api/orders/${orderId}/cancel`, { as: world.admin, body })
      return { orderId, amount: PRICE, ask }
    },
  },
  {
    way: 'moving a paid order to cancelled',
    async prepare() {
      const { orderId } = await paid()
      const body = { status: 'cancelled', reason: 'Sold out' }
      const ask = () => world.shop.call('PUT', `/api/orders/${orderId}/status`, { as: world.admin, body })
      return { orderId, amount: PRICE, ask }
    },
  },
  {
    way: 'saying that money came by bank transfer',
    async prepare() {
      const { orderId, paymentId } = await placeAs(world.shop, world.customer, world.productId)
      const body = { status: 'paid', reason: 'Seen on the statement', reference: reference() }
      const ask = () => world.shop.call('POST', `/api/payments/${paymentId}/resolve`, { as: world.admin, body })
      return { orderId, amount: PRICE, ask }
    },
  },
  { way: 'confirming what is short, which writes the rest off', prepare: () => held('short_capture', 'confirm') },
  { way: 'confirming what is over, which goes back', prepare: () => held('over_capture', 'confirm') },
  { way: 'sending held money back', prepare: () => held('short_capture', 'refund') },
  { way: 'putting held money into a wallet', prepare: () => held('short_capture', 'refund_to_wallet') },
  {
    way: 'writing held money off',
    async prepare() {
      const { placed, item } = await world.differing('short_capture')
      await world.cancel(placed)
      return {
        orderId: placed.orderId,
        amount: item.amount ?? 0,
        item: item.id,
        ask: () => decide(item.id, 'write_off'),
      }
    },
  },
  {
    way: 'sending again what failed',
    async prepare() {
      const { placed, item } = await world.refundRefused()
      return { orderId: placed.orderId, amount: PRICE, item: item.id, ask: () => decide(item.id, 'refund') }
    },
  },
  {
    way: 'having paid back elsewhere what failed',
    async prepare() {
      const { placed, item } = await world.refundRefused()
      const more = { reference: reference() }
      const ask = () => decide(item.id, 'paid_back_elsewhere', more)
      return { orderId: placed.orderId, amount: PRICE, item: item.id, ask }
    },
  },
  {
    way: 'having paid back elsewhere what a rule sends back and nobody else can',
    async prepare() {
      const placed = await paidByTransfer()
      const cancelled = await world.shop.call('POST', `/api/orders/${placed.orderId}/cancel`, {
        as: world.customer,
        body: {},
      })
      assert.equal(cancelled.status, 200)
      await atRest(world.shop)
      const item = await world.desk.theOpen(placed.orderId, 'refund_by_hand')
      const more = { reference: reference() }
      const ask = () => decide(item.id, 'paid_back_elsewhere', more)
      return { orderId: placed.orderId, amount: PRICE, item: item.id, ask }
    },
  },
  {
    way: 'writing off money of nobody',
    async prepare() {
      const { shop } = world
      const stray = { providerOrderId: await strayOrder(shop.sandbox, 7_000) }
      const { sandbox } = await pay(shop, stray)
      await reconcile(shop, world.admin)
      const { body } = await shop.call('GET', '/api/admin/reviews?kind=unknown_payment', { as: world.admin })
      const item = body.data.items.find((each: { providerRef: string }) => each.providerRef === sandbox.paymentId)
      return { orderId: null, amount: 7_000, item: item.id, ask: () => decide(item.id, 'write_off') }
    },
  },
]

async function paidByTransfer(): Promise<Placed> {
  const placed = await placeAs(world.shop, world.customer, world.productId)
  const body = { status: 'paid', reason: 'Seen on the statement', reference: reference() }
  const answer = await world.shop.call('POST', `/api/payments/${placed.paymentId}/resolve`, { as: world.admin, body })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return placed
}

/** All of an order that is about money, and what suspense and wallets hold; without the questions. */
async function moneyOf(orderId: string | null): Promise<unknown> {
  const { db } = world.shop
  const suspense = await credited(db, 'suspense:razorpay:INR')
  const wallet = await db.many('test.wallets', sql`select user_id, balance from wallets order by 1`)
  if (orderId === null) return { suspense, wallet }
  const { reviews: _, ...rest } = await written(db, orderId)
  return { ...rest, suspense, wallet }
}

/** What changed of an order's money, for comparing two that went the same way. */
async function endOf(orderId: string | null): Promise<unknown> {
  if (orderId === null) return null
  const { reviews: _, ...rest } = await written(world.shop.db, orderId)
  return rest
}

const decisionOf = (id: string) =>
  world.shop.db.one<Record<string, unknown>>(
    'test.decision',
    sql`select status, requested_by, decided_by, amount, currency from money_decisions where id = ${id}`,
  )

/** Where the answer says that it waits. */
function waitsFor(answer: Answer): { reviewItemId: string; amount: number; currency: string } {
  return answer.body.data.waitsFor ?? answer.body.data.item.waitsFor
}

describe('FX6 above the limit waits for a second person:', () => {
  for (const { way, prepare } of WAYS) {
    test(way, async () => {
      const { shop, admin, second, desk } = world
      // As one person does it alone where there is no limit.
      const twin = await prepare()
      assert.equal((await twin.ask()).status, 200)
      await atRest(shop)

      const of = await prepare()
      const untouched = await moneyOf(of.orderId)
      const asked = await limited(of.ask)
      const waiting = waitsFor(asked)
      assert.equal(asked.status, of.item === undefined ? 202 : 200, JSON.stringify(asked.body))
      assert.deepEqual([waiting.amount, waiting.currency], [of.amount, 'INR'])
      assert.deepEqual(await moneyOf(of.orderId), untouched)
      // Asked once more it waits where it waits; the question that it answers offers nothing else meanwhile.
      if (of.item === undefined) assert.deepEqual(waitsFor(await limited(of.ask)), waiting)
      else {
        const { item } = await desk.detail(of.item)
        assert.deepEqual([item.resolvedAt, item.actions.filter((action) => action !== 'ask')], [null, []])
        const again = await limited(of.ask)
        assert.deepEqual([again.status, again.body.error.code], [409, 'second_person_needed'])
        assert.equal(again.body.error.details.reviewItemId, waiting.reviewItemId)
      }
      const question = (await desk.detail(waiting.reviewItemId)).item
      assert.deepEqual(
        [question.kind, question.amount, question.actions],
        ['decision_approval', of.amount, ['decline']],
      )

      // Neither whoever asked, nor a second account that may be his, can agree.
      for (const person of [admin, fresh, handed]) {
        const refused = await limited(() => decide(waiting.reviewItemId, 'approve', {}, person))
        assert.deepEqual([refused.status, refused.body.error.code], [409, 'second_person_needed'])
      }
      assert.deepEqual(await moneyOf(of.orderId), untouched)
      assert.deepEqual(await decisionOf(waiting.reviewItemId), {
        status: 'waiting',
        requested_by: admin.id,
        decided_by: null,
        amount: of.amount,
        currency: 'INR',
      })

      const agreed = await limited(() => decide(waiting.reviewItemId, 'approve', { reason: 'Seen it' }, second))
      assert.equal(agreed.status, 200, JSON.stringify(agreed.body))
      assert.equal(agreed.body.data.item.resolution, 'approve')
      assert.equal(agreed.body.data.item.resolvedBy.id, second.id)
      await atRest(shop)
      assert.deepEqual(await endOf(of.orderId), await endOf(twin.orderId))
      const { status, decided_by: decidedBy } = await decisionOf(waiting.reviewItemId)
      assert.deepEqual([status, decidedBy], ['made', second.id])
      if (of.item !== undefined) {
        const { item } = await desk.detail(of.item)
        assert.deepEqual([item.resolvedBy?.id, item.waitsFor], [admin.id, null])
      }
      // Once.
      const twice = await limited(() => decide(waiting.reviewItemId, 'approve', {}, second))
      assert.deepEqual([twice.status, twice.body.error.code], [409, 'already_resolved'])
      assert.deepEqual(await checkInvariants(shop.db), [])
    })
  }

  test('the shopper reads nothing of it, and admins read who asked and what became of it', async () => {
    const { shop, admin, second, customer } = world
    const { orderId } = await paid()
    const cancel = () => shop.call('POST', `/api/orders/${orderId}/cancel`, { as: admin, body: { reason: 'Sold out' } })
    const { reviewItemId } = waitsFor(await limited(cancel))
    await decide(reviewItemId, 'decline', { reason: 'There is one left' }, second)
    const events = async (as: Person) => {
      const { body } = await shop.call('GET', `/api/orders/${orderId}/events`, { as })
      return body.data.events.filter(({ type }: { type: string }) => type.startsWith('decision.'))
    }
    assert.deepEqual(await events(customer), [])
    assert.deepEqual(
      (await events(admin)).map(({ type, actor, data }: Record<string, unknown>) => ({ type, actor, data })),
      [
        {
          type: 'decision.requested',
          actor: 'admin',
          data: { action: 'cancel', amount: PRICE, currency: 'INR', note: 'Sold out' },
        },
        {
          type: 'decision.declined',
          actor: 'admin',
          data: { action: 'cancel', amount: PRICE, currency: 'INR', note: 'There is one left' },
        },
      ],
    )
  })

  test('declined, nothing of it was done, and it can be decided anew', async () => {
    const { admin, second, desk } = world
    for (const person of [second, admin]) {
      for (const { prepare } of WAYS.filter(({ way }) => /^(cancelling|sending held|saying)/.test(way))) {
        const of = await prepare()
        const untouched = await moneyOf(of.orderId)
        const { reviewItemId } = waitsFor(await limited(of.ask))
        const answer = await decide(reviewItemId, 'decline', { reason: 'Not yet' }, person)
        assert.equal(answer.body.data.item.resolution, 'decline', JSON.stringify(answer.body))
        assert.deepEqual(await moneyOf(of.orderId), untouched)
        const { status, decided_by: decidedBy } = await decisionOf(reviewItemId)
        assert.deepEqual([status, decidedBy], ['declined', person.id])
        const late = await decide(reviewItemId, 'approve', {}, second)
        assert.deepEqual([late.status, late.body.error.code], [409, 'already_resolved'])
        if (of.item !== undefined) assert.ok((await desk.detail(of.item)).item.actions.includes('refund'))
        assert.notEqual(waitsFor(await limited(of.ask)).reviewItemId, reviewItemId)
      }
    }
  })

  test('what a second person agrees to must still be what was asked for', async () => {
    const { shop, admin, second } = world
    const placed = await paid()
    const cancel = () => shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    const { reviewItemId } = waitsFor(await limited(cancel))
    const body = { orderId: placed.orderId, amount: 4_500, reason: 'A gesture' }
    assert.equal((await shop.call('POST', '/api/payments/refund', { as: admin, body })).status, 202)
    await atRest(shop)
    const untouched = await moneyOf(placed.orderId)
    const changed = await limited(() => decide(reviewItemId, 'approve', {}, second))
    assert.deepEqual([changed.status, changed.body.error.code], [409, 'invalid_transition'])
    assert.deepEqual(changed.body.error.details, { asked: PRICE, now: PRICE - 4_500, currency: 'INR' })
    assert.deepEqual(await moneyOf(placed.orderId), untouched)
    assert.equal((await decide(reviewItemId, 'decline', {}, second)).status, 200)
  })

  test('what it would have answered was answered meanwhile: it can only be declined', async () => {
    const { shop, second, desk } = world
    const { placed, sandboxId, item } = await world.differing('short_capture')
    const { reviewItemId } = waitsFor(await limited(() => decide(item.id, 'refund_to_wallet')))
    // Somebody gives it back at the provider, and asking finds that out.
    await shop.control('POST', `/razorpay/_sandbox/payments/${sandboxId}/refund`, {})
    await atRest(shop)
    assert.equal((await decide(item.id, 'ask')).body.data.item.resolution, 'ask')
    const untouched = await moneyOf(placed.orderId)
    const late = await limited(() => decide(reviewItemId, 'approve', {}, second))
    assert.deepEqual([late.status, late.body.error.code], [409, 'invalid_transition'])
    assert.deepEqual(await moneyOf(placed.orderId), untouched)
    assert.equal((await decide(reviewItemId, 'decline', {}, second)).status, 200)
    assert.deepEqual(await desk.openOf(placed.orderId), [])
    assert.deepEqual(await checkInvariants(shop.db), [])
  })

  test('two second persons agree at once, or one agrees while the other declines: one word counts', async () => {
    const { shop, second } = world
    const third = await shop.signedIn({ role: 'admin', email: 'third@example.test' })
    for (const other of ['approve', 'decline']) {
      for (let round = 0; round < 3; round += 1) {
        const placed = await paid()
        const cancel = () => shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: world.admin, body: {} })
        await limited(async () => {
          const { reviewItemId } = waitsFor(await cancel())
          const answers = await Promise.all([
            decide(reviewItemId, 'approve', {}, second),
            decide(reviewItemId, other, {}, third),
          ])
          assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
          const won = answers.find(({ status }) => status === 200)?.body.data.item.resolution
          await atRest(shop)
          const { order, refunds } = await written(shop.db, placed.orderId)
          assert.deepEqual(
            [order, refunds],
            won === 'approve'
              ? ['cancelled/refunded admin', [`processed ${PRICE} order_cancelled`]]
              : ['confirmed/paid', []],
          )
          const { status } = await decisionOf(reviewItemId)
          assert.equal(status, won === 'approve' ? 'made' : 'declined')
        })
      }
    }
    assert.deepEqual(await checkInvariants(shop.db), [])
  })
})

describe('FX6 within the limit', () => {
  test('each way counts together with every other, refunds by hand among them', async () => {
    const { shop, admin, desk } = world
    const placed = await paid()
    const refund = (amount: number) =>
      shop.call('POST', '/api/payments/refund', {
        as: admin,
        body: { orderId: placed.orderId, amount, reason: 'A gesture' },
      })
    const cancel = () => shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    await limited(async () => {
      assert.equal((await refund(400)).body.data.refund.approval, 'none')
      assert.equal((await refund(PRICE - 1_000)).body.data.refund.approval, 'none')
      // 600 are left of the order, and 599 that one person may let go.
      assert.deepEqual(waitsFor(await cancel()).amount, 600)
    }, PRICE - 1)

    // What was confirmed short counts too, although nothing was sent.
    const { placed: short, item } = await world.differing('short_capture')
    await limited(async () => {
      assert.equal((await decide(item.id, 'confirm')).body.data.item.resolution, 'confirm')
      const body = { orderId: short.orderId, reason: 'A gesture' }
      const of = (amount: number) => shop.call('POST', '/api/payments/refund', { as: admin, body: { ...body, amount } })
      const story = await shop.call('GET', `/api/admin/orders/${short.orderId}/story`, { as: admin })
      assert.equal(story.body.data.story.refundableAlone, 900)
      assert.equal((await of(900)).body.data.refund.approval, 'none')
      assert.equal((await of(1_000)).body.data.refund.approval, 'pending')
    }, 1_000)
    assert.equal((await desk.openOf(short.orderId)).length, 1)

    // Money that is said to have come counts as money that goes.
    const byTransfer = await limited(paidByTransfer, PRICE)
    const asked = await limited(
      () => shop.call('POST', `/api/orders/${byTransfer.orderId}/cancel`, { as: admin, body: {} }),
      PRICE,
    )
    assert.equal(waitsFor(asked).amount, PRICE)
  })

  test('what two have decided, or what was declined, takes nothing from what one may let go alone', async () => {
    const { shop, admin, second } = world
    const left = async (orderId: string) => {
      const story = await shop.call('GET', `/api/admin/orders/${orderId}/story`, { as: admin })
      return story.body.data.story.refundableAlone
    }
    const placed = await placeAs(shop, world.customer, world.productId)
    const body = { status: 'paid', reason: 'Seen on the statement', reference: reference() }
    const mark = () => shop.call('POST', `/api/payments/${placed.paymentId}/resolve`, { as: admin, body })
    await limited(async () => {
      const declined = waitsFor(await mark())
      assert.equal((await decide(declined.reviewItemId, 'decline', {}, second)).status, 200)
      assert.equal(await left(placed.orderId), LIMIT)
      const asked = waitsFor(await mark())
      assert.equal(await left(placed.orderId), LIMIT, 'while it waits nothing has gone')
      assert.equal((await decide(asked.reviewItemId, 'approve', {}, second)).status, 200)
      assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
      assert.equal(await left(placed.orderId), LIMIT)
    })
  })

  test('one person cancels an order of which nothing would go back', async () => {
    const { shop, admin } = world
    const unpaid = await place(shop, world.productId)
    await limited(async () => {
      const answer = await shop.call('POST', `/api/orders/${unpaid.orderId}/cancel`, { as: admin, body: {} })
      assert.deepEqual([answer.status, answer.body.data.order.status], [200, 'cancelled'])
    })
    assert.equal(await count(shop.db, sql`money_decisions where order_id = ${unpaid.orderId}`), 0)
  })
})

describe('FX6 a rule is no admin’s word:', () => {
  test('a shopper cancels, and all of it goes back', async () => {
    const placed = await paid()
    await limited(async () => {
      const answer = await world.shop.call('POST', `/api/orders/${placed.orderId}/cancel`, {
        as: world.customer,
        body: {},
      })
      assert.equal(answer.status, 200)
      await atRest(world.shop)
    })
    assert.equal((await written(world.shop.db, placed.orderId)).order, 'cancelled/refunded shopper')
  })

  test('a second capture goes back', async () => {
    const placed = await placeAs(world.shop, world.customer, world.productId)
    await limited(async () => {
      await pay(world.shop, placed, 'double_capture')
      await atRest(world.shop)
    })
    const { refunds } = await written(world.shop.db, placed.orderId)
    assert.deepEqual(refunds, [`processed ${PRICE} second_capture`])
  })

  test('a shop rejects its part', async () => {
    const { shop, seller, admin } = world
    const placed = await paid()
    const part = await shop.db.one<{ id: string; shop_id: string }>(
      'test.part',
      sql`update shop_orders set status = 'awaiting_acceptance' where order_id = ${placed.orderId} returning id, shop_id`,
    )
    await shop.call('PATCH', `/api/admin/users/${seller.id}`, { as: admin, body: { shopId: part.shop_id } })
    await limited(async () => {
      const body = { reason: 'None left' }
      const answer = await shop.call('POST', `/api/seller/orders/${part.id}/reject`, { as: seller, body })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      await atRest(shop)
    })
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/refunded seller')
  })
})

test('FX6 a refund that waits is not agreed to by a new admin, nor by one with a password that was set, for a day', async () => {
  const { shop, admin, desk } = world
  const placed = await paid()
  const body = { orderId: placed.orderId, reason: 'Broken' }
  await limited(() => shop.call('POST', '/api/payments/refund', { as: admin, body }))
  const item = await desk.theOpen(placed.orderId, 'refund_approval')
  for (const person of [fresh, handed]) {
    const refused = await decide(item.id, 'approve', {}, person)
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'second_person_needed'])
    assert.match(refused.body.error.details.from, /^20\d\d-/)
  }
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`requested ${PRICE} Broken`])
  shop.clock.aheadMs += 24 * 3_600_000
  assert.equal((await decide(item.id, 'approve', {}, fresh)).status, 200)
  await atRest(shop)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} Broken`])
})

test('FX6 the database itself refuses a decision that its own asker has agreed to', async () => {
  const placed = await paid()
  const cancel = () => world.shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: world.admin, body: {} })
  const { reviewItemId } = waitsFor(await limited(cancel))
  await assert.rejects(
    world.shop.db.alone.run(
      'test.forge',
      sql`update money_decisions set status = 'made', decided_by = requested_by, decided_at = now() where id = ${reviewItemId}`,
    ),
    { constraint: 'money_decisions_second_person' },
  )
})
