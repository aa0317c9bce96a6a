/** Several questions of one kind answered together: each by itself, whatever becomes of the others. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ReviewResult } from '../../shared/contract/reviews.ts'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, pay, strayOrder } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { reconcile } from '../reconciling.ts'
import { openReviewWorld, credited, PRICE, SHORT, type ReviewWorld } from '../reviews.ts'
import { stockedShop, type CallOptions } from '../shop.ts'

let world: ReviewWorld
before(async () => {
  world = await openReviewWorld()
})
after(async () => {
  await assertAllWell(world.shop)
  await world.shop.close()
})

const NOBODY = '00000000-0000-7000-8000-00000000dead'

function decideMany(body: Record<string, unknown>, more: Pick<CallOptions, 'as' | 'key'> = {}) {
  const asked = { reason: 'Looked into all of them', ...body }
  return world.shop.call('POST', '/api/admin/reviews/actions', { as: world.admin, body: asked, ...more })
}

async function results(body: Record<string, unknown>, more?: Pick<CallOptions, 'as' | 'key'>): Promise<ReviewResult[]> {
  const answer = await decideMany(body, more)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body.data.results
}

const told = (found: ReviewResult[]) =>
  found.map(({ item, error }) => error?.code ?? `${item?.resolution} by ${item?.resolvedBy?.name}`)

test('L7 eight payments of nothing of ours are written off with one decision', async (t) => {
  const { shop, admin } = await stockedShop({ webhooks: false })
  t.after(() => shop.close())
  for (let n = 0; n < 8; n += 1) await pay(shop, { providerOrderId: await strayOrder(shop.sandbox, PRICE) })
  await reconcile(shop, admin)
  const { body } = await shop.call('GET', '/api/admin/reviews?kind=unknown_payment', { as: admin })
  const ids: string[] = body.data.items.map((item: { id: string }) => item.id)
  assert.equal(ids.length, 8)
  assert.equal(await credited(shop.db, 'suspense:razorpay:INR'), 8 * PRICE)
  const reason = 'Paid to the shop that had this account before'
  const answer = await shop.call('POST', '/api/admin/reviews/actions', {
    as: admin,
    body: { ids, action: 'write_off', reason },
  })
  const found: ReviewResult[] = answer.body.data.results
  assert.deepEqual(
    found.map(({ id }) => id),
    ids,
  )
  assert.deepEqual(told(found), Array(8).fill('write_off by Person 1'))
  const rows = await shop.db.many<{ reason: string; refs: number }>(
    'test.reasons',
    sql`select reason, count(distinct provider_ref) as refs from review_items where id = any(${ids}::uuid[]) group by 1`,
  )
  assert.deepEqual(rows, [{ reason, refs: 8 }])
  // Each in a transfer of its own, under a cause of its own.
  const written = await shop.db.many<{ amount: number }>(
    'test.writtenOff',
    sql`select amount from ledger_transfers where kind = 'suspense_written_off'`,
  )
  assert.deepEqual(
    written.map((row) => row.amount),
    Array(8).fill(PRICE),
  )
  assert.equal(await credited(shop.db, 'suspense:razorpay:INR'), 0)
  assert.deepEqual(await checkInvariants(shop.db), [])
})

describe('L7 each is decided by itself', () => {
  test('L7 what was answered already, or is not there, keeps none of the others', async () => {
    const [first, second, third] = [
      await world.differing('short_capture'),
      await world.differing('short_capture'),
      await world.differing('short_capture'),
    ]
    await world.desk.decided(second.item.id, { action: 'refund' }, { as: world.second })
    const ids = [first.item.id, second.item.id, NOBODY, third.item.id]
    const found = await results({ ids, action: 'confirm' })
    assert.deepEqual(told(found), ['confirm by Person 1', 'already_resolved', 'not_found', 'confirm by Person 1'])
    // What it became is told all the same.
    assert.deepEqual([found[1]?.item?.resolution, found[2]?.item], ['refund', null])
    for (const { placed } of [first, third]) {
      const [event] = await world.eventsOf(placed.orderId, 'review.resolved')
      assert.deepEqual(event?.data, { kind: 'amount_differs', action: 'confirm', note: 'Looked into all of them' })
    }
    const orders = [first, third].map(({ placed }) => placed.orderId)
    const kept = await world.shop.db.many<{ kept: number }>(
      'test.kept',
      sql`select captured_amount as kept from payment_attempts where order_id = any(${orders}::uuid[]) and disposition = 'kept'`,
    )
    assert.deepEqual(
      kept.map((row) => row.kept),
      [SHORT, SHORT],
    )
  })

  test('L7 a decision that one does not offer is refused for that one', async () => {
    const open = await world.differing('over_capture')
    const other = await world.differing('wrong_currency')
    const mixed = await decideMany({ ids: [open.item.id, other.item.id], action: 'confirm' })
    assert.equal(mixed.status, 400)
    assert.match(mixed.body.error.details.fields[0].message, /different kinds: amount_differs, currency_differs/)
    assert.deepEqual(told(await results({ ids: [other.item.id], action: 'confirm' })), ['invalid_transition'])
    assert.deepEqual(told(await results({ ids: [open.item.id], action: 'write_off' })), ['invalid_transition'])
    assert.equal((await world.desk.detail(open.item.id)).item.resolvedAt, null)
    assert.equal((await world.desk.detail(other.item.id)).item.resolvedAt, null)
    await results({ ids: [open.item.id], action: 'confirm' })
    await results({ ids: [other.item.id], action: 'refund' })
  })

  test('L7 a provider that does not answer leaves open what it was asked about', async () => {
    const [one, two] = [await world.differing('short_capture'), await world.differing('short_capture')]
    const [asked] = (
      await world.shop.db.many<{ id: string }>(
        'test.providerOrder',
        sql`select provider_order_id as id from payments where order_id = ${one.placed.orderId}`,
      )
    ).map((row) => row.id)
    await world.fault({ match: `GET .*/${asked}/payments`, kind: 'error', status: 503, times: 10 })
    const found = await results({ ids: [one.item.id, two.item.id], action: 'refund' })
    assert.deepEqual(told(found), ['payment_state_unknown', 'refund by Person 1'])
    assert.equal(found[0]?.item?.resolvedAt, null)
    await world.shop.control('DELETE', '/razorpay/_sandbox/faults')
    await atRest(world.shop, 60_000)
    assert.deepEqual(told(await results({ ids: [one.item.id], action: 'refund' })), ['refund by Person 1'])
  })
})

test('L7 above the limit each waits for a second person, who agrees to them together', async (t) => {
  const { policy } = world.shop.deps
  policy.refundApprovalAbove = 50
  t.after(() => {
    policy.refundApprovalAbove = null
  })
  const questions = [(await world.differing('over_capture')).item, (await world.differing('over_capture')).item]
  const asked = await results({ ids: questions.map(({ id }) => id), action: 'refund' })
  const waiting = asked.map(({ item, error }) => {
    assert.deepEqual([error, item?.resolvedAt, item?.waitsFor?.action], [null, null, 'refund'])
    return item?.waitsFor?.reviewItemId
  })
  assert.deepEqual(told(await results({ ids: waiting, action: 'approve' })), Array(2).fill('second_person_needed'))
  const agreed = await results({ ids: waiting, action: 'approve' }, { as: world.second })
  assert.deepEqual(told(agreed), Array(2).fill('approve by Person 2'))
  for (const { id } of questions) assert.equal((await world.desk.detail(id)).item.resolution, 'refund')
})

test('L7 the same request again is answered with what the first one did', async () => {
  const { item } = await world.differing('short_capture')
  const body = { ids: [item.id], action: 'refund' }
  const first = await decideMany(body, { key: 'together-1' })
  const again = await decideMany(body, { key: 'together-1' })
  assert.deepEqual(again.body.data, first.body.data)
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.equal((await decideMany({ ...body, action: 'ask' }, { key: 'together-1' })).status, 422)
  // Under another key it is another decision, and comes too late.
  assert.deepEqual(told(await results(body)), ['already_resolved'])
})

for (const [what, body, field] of [
  ['nothing', { ids: [], action: 'refund' }, 'ids'],
  [
    'more than a hundred',
    { ids: Array.from({ length: 101 }, (_, n) => NOBODY.slice(0, -3) + (100 + n)), action: 'ask' },
    'ids',
  ],
  ['the same one twice', { ids: [NOBODY, NOBODY], action: 'refund' }, 'ids'],
  ['a decision that names an order', { ids: [NOBODY], action: 'attach' }, 'action'],
  ['a decision that names a transfer', { ids: [NOBODY], action: 'paid_back_elsewhere' }, 'action'],
  ['no reason', { ids: [NOBODY], action: 'refund', reason: '' }, 'reason'],
] as const) {
  test(`L7 ${what} is refused, and the field is named`, async () => {
    const answer = await decideMany(body)
    assert.equal(answer.status, 400)
    assert.equal(answer.body.error.details.fields[0].field, field)
  })
}

test('L7 only an admin answers', async () => {
  const body = { ids: [NOBODY], action: 'refund' }
  assert.equal((await decideMany(body, { as: world.seller })).status, 403)
  assert.equal((await decideMany(body, { as: world.customer })).status, 403)
})
