/**
 * S1: a server is killed while an admin decides about a review item: before and after the second look, and before and
 * after each commit. The same request again, under its key, ends as if nothing had happened, and the money moves once.
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

/** The same, and the order was cancelled: its money can be written off. */
async function cancelledShort(): Promise<{ placed: Placed; itemId: string }> {
  const made = await short()
  const { orderId, guestToken } = made.placed
  const answer = await world.steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(answer.status, 200)
  return made
}

async function itemOf(placed: Placed): Promise<string> {
  const item = await world.db.one<{ id: string }>(
    'test.item',
    sql`select id from review_items where order_id = ${placed.orderId} and resolved_at is null`,
  )
  return item.id
}

const DEATHS: readonly {
  action: string
  points: readonly string[]
  prepare(): Promise<{ placed: Placed; itemId: string }>
  end: Written
}[] = [
  {
    action: 'confirm',
    points: [
      ...callOf('fetchOrderPayments'),
      ...commitOf('settle'),
      'sql:review_items.lock',
      'sql:review_items.resolve',
      ...commitOf('acceptCapture'),
      'sql:idempotency_keys.finish',
    ],
    prepare: short,
    end: {
      order: 'confirmed/paid',
      payments: [`paid ${SHORT}/0`],
      attempts: [`captured kept ${SHORT}/0`],
      refunds: [],
      reviews: ['amount_differs resolved'],
      ledger: [`capture ${SHORT} INR`, `sale ${PRICE} INR`, 'write_off 100 INR'],
    },
  },
  {
    action: 'refund',
    points: [...commitOf('refundHeld'), 'sql:idempotency_keys.finish'],
    prepare: cancelledShort,
    end: {
      order: 'cancelled/refunded shopper',
      payments: [`refunded ${SHORT}/${SHORT}`],
      attempts: [`refunded surplus ${SHORT}/${SHORT}`],
      refunds: [`processed ${SHORT} amount_differs`],
      reviews: ['amount_differs resolved'],
      ledger: [`capture ${SHORT} INR`, `refund ${SHORT} INR`, `refund_owed ${SHORT} INR`],
    },
  },
  {
    action: 'write_off',
    points: commitOf('writeOff'),
    prepare: cancelledShort,
    end: {
      order: 'cancelled/pending shopper',
      payments: [`created ${SHORT}/0`],
      attempts: [`captured review ${SHORT}/0`],
      refunds: [],
      reviews: ['amount_differs resolved'],
      ledger: [`capture ${SHORT} INR`, `write_off ${SHORT} INR`],
    },
  },
]

for (const round of ROUNDS) {
  for (const { action, points, prepare, end } of DEATHS) {
    describe(`S1 killed while deciding to ${action}${round}`, () => {
      for (const point of points) {
        test(point, async () => {
          const { placed, itemId } = await prepare()
          const request = { as: world.admin, key: world.freshKey(), body: { action, reason: 'Decided once' } }
          const server = await world.start('api', point)
          await assert.rejects(server.call('POST', `/api/admin/reviews/${itemId}/actions`, request), TypeError)
          await server.crashed()
          // The claim of the dead lapses.
          await world.hoursPass()
          const again = await world.steady.call('POST', `/api/admin/reviews/${itemId}/actions`, request)
          assert.equal(again.status, 200, JSON.stringify(again.body))
          assert.equal(again.body.data.item.resolution, action)
          world.expected.set(placed.orderId, end)
        })
      }
    })
  }
}

test('S1 the decisions were each taken once, and a worker brings the orders to their end', async () => {
  await world.bringToEnd()
  const [twice] = await world.db.many(
    'test.twice',
    sql`select order_id from events where type = 'review.resolved' group by order_id having count(*) > 1`,
  )
  assert.equal(twice, undefined)
})
