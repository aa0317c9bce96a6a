/**
 * S1: a server is killed while it looks at the provider a second time, before an admin's decision about a review item is
 * taken. The same request again, under its key, ends as if nothing had happened, and the money moves once. Around the
 * decisions' own commits: crash-review.test.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import type { Placed, Written } from '../buyer.ts'
import { callOf, commitOf, openCrashWorld, PRICE, ROUNDS, type CrashWorld } from '../crash-world.ts'

const SHORT = PRICE - 100

let world: CrashWorld

before(async () => {
  world = await openCrashWorld()
})
after(() => world.close())

/** An order whose capture is one rupee short, and the item that asks about it. */
async function short(): Promise<{ placed: Placed; itemId: string }> {
  const placed = await world.place()
  await world.verifyAt(world.steady, placed, await world.pay(placed, 'short_capture'))
  return { placed, itemId: await itemOf(placed) }
}

async function itemOf(placed: Placed): Promise<string> {
  const item = await world.db.one<{ id: string }>(
    'test.item',
    sql`select id from review_items where order_id = ${placed.orderId} and resolved_at is null`,
  )
  return item.id
}

const POINTS = [
  ...callOf('fetchOrderPayments'),
  ...commitOf('settle'),
  'sql:review_items.lock',
  'sql:review_items.resolve',
]

const CONFIRMED: Written = {
  order: 'confirmed/paid',
  payments: [`paid ${SHORT}/0`],
  attempts: [`captured kept ${SHORT}/0`],
  refunds: [],
  reviews: ['amount_differs resolved'],
  ledger: [`capture ${SHORT} INR`, `sale ${PRICE} INR`, 'write_off 100 INR'],
}

for (const round of ROUNDS) {
  describe(`S1 killed while looking a second time before a decision${round}`, () => {
    for (const point of POINTS) {
      test(point, async () => {
        const { placed, itemId } = await short()
        const request = { as: world.admin, key: world.freshKey(), body: { action: 'confirm', reason: 'Decided once' } }
        const server = await world.start('api', point)
        await assert.rejects(server.call('POST', `/api/admin/reviews/${itemId}/actions`, request), TypeError)
        await server.crashed()
        // The claim of the dead lapses.
        await world.hoursPass()
        const again = await world.steady.call('POST', `/api/admin/reviews/${itemId}/actions`, request)
        assert.equal(again.status, 200, JSON.stringify(again.body))
        assert.equal(again.body.data.item.resolution, 'confirm')
        world.expected.set(placed.orderId, CONFIRMED)
      })
    }
  })
}

test('S1 the decisions were each taken once, and a worker brings the orders to their end', async () => {
  await world.bringToEnd()
  const [twice] = await world.db.many(
    'test.twice',
    sql`select order_id from events where type = 'review.resolved' group by order_id having count(*) > 1`,
  )
  assert.equal(twice, undefined)
})
