/**
 * S1: a server is killed at every point of asking a second person, and of that person's word. The same request again gives
 * the one answer, and each order ends like a twin whose servers nobody killed: decided about once, or not at all.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count, written } from '../buyer.ts'
import { PRICE, type Server } from '../crash-trade.ts'
import { openMortalWorld, walk, type MortalWorld } from '../mortal-world.ts'
import { signIn } from '../people.ts'
import { TEST_SECRET, type Answer } from '../shop.ts'

let world: MortalWorld
let second: { authorization: string }
let references = 0

before(async () => {
  // One thing may one person decide about alone, two of them not.
  world = await openMortalWorld({ refundApprovalAbove: PRICE })
  const person = { role: 'admin', name: 'second', email: 'second@example.test' } as const
  second = await world.steady.doing(({ deps }) => signIn(deps, TEST_SECRET, person))
})
after(() => world.close())

/** The request of a first admin who wants to cancel a paid order, which one person may not decide. */
function askToCancel(orderId: string): (server: Server) => Promise<Answer> {
  const key = world.freshKey()
  const body = { reason: 'Sold out' }
  return (server) => server.call('POST', `/api/orders/${orderId}/cancel`, { as: world.admin, key, body })
}

async function cancelAskedFor(): Promise<string> {
  const { orderId } = await world.placeAndPay(2)
  const asked = await askToCancel(orderId)(world.steady)
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  return orderId
}

/** An order whose money differs, and which a first admin wants to send back. */
async function sendingBackAskedFor(): Promise<string> {
  const placed = await world.place(2)
  const { orderId } = placed
  await world.verifyAt(world.steady, placed, await world.pay(placed, 'short_capture'))
  const { id } = await lastQuestion(orderId)
  const body = { action: 'refund', reason: 'Not what was asked for' }
  const asked = await world.steady.call('POST', `/api/admin/reviews/${id}/actions`, { as: world.admin, body })
  assert.equal(asked.body.data.item.waitsFor?.action, 'refund', JSON.stringify(asked.body))
  return orderId
}

/** An order of which a first admin says that its money is in the bank. */
async function transferAskedFor(): Promise<string> {
  const { orderId, paymentId } = await world.place(2)
  references += 1
  const body = { status: 'paid', reason: 'It is there', reference: `UTR-${references}` }
  const asked = await world.steady.call('POST', `/api/payments/${paymentId}/resolve`, { as: world.admin, body })
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  return orderId
}

function lastQuestion(orderId: string): Promise<{ id: string }> {
  return world.db.one(
    'test.item',
    sql`select id from review_items where order_id = ${orderId} and resolved_at is null
        order by created_at desc, id desc limit 1`,
  )
}

/** A second person's word on the last question about an order. */
async function word(orderId: string, action: string): Promise<(server: Server) => Promise<Answer>> {
  const { id } = await lastQuestion(orderId)
  const key = world.freshKey()
  const body = { action, reason: 'As agreed by phone' }
  return (server) => server.call('POST', `/api/admin/reviews/${id}/actions`, { as: second, key, body })
}

walk(
  'S1 FX6 killed while a second person is asked',
  () => world,
  async () => {
    const { orderId } = await world.placeAndPay(2)
    const before = await written(world.db, orderId)
    const ask = askToCancel(orderId)
    return {
      die: ask,
      async after() {
        await world.hoursPass()
        const answer = await ask(world.steady)
        assert.equal(answer.status, 202, JSON.stringify(answer.body))
        assert.deepEqual((await ask(world.steady)).body, answer.body)
        assert.deepEqual(await written(world.db, orderId), { ...before, reviews: ['decision_approval open'] })
        assert.equal(await count(world.db, sql`money_decisions where order_id = ${orderId}`), 1)
        await (await word(orderId, 'decline'))(world.steady)
        world.expected.set(orderId, { ...before, reviews: ['decision_approval resolved'] })
      },
    }
  },
)

const WORDS: readonly { what: string; action: string; prepare(): Promise<string> }[] = [
  { what: 'a cancelling is agreed to', action: 'approve', prepare: cancelAskedFor },
  { what: 'a cancelling is declined', action: 'decline', prepare: cancelAskedFor },
  { what: 'sending back what differs is agreed to', action: 'approve', prepare: sendingBackAskedFor },
  { what: 'a bank transfer is agreed to', action: 'approve', prepare: transferAskedFor },
]

/** Orders, by the word that was given about them; the first of each is the one whose server lived. */
const alike = new Map<string, string[]>()

for (const { what, action, prepare } of WORDS) {
  const orders: string[] = []
  alike.set(what, orders)
  walk(
    `S1 FX6 killed while ${what}`,
    () => world,
    async () => {
      const orderId = await prepare()
      const say = await word(orderId, action)
      return {
        die: say,
        async after() {
          await world.hoursPass()
          const answer = await say(world.steady)
          assert.equal(answer.status, 200, JSON.stringify(answer.body))
          assert.equal(answer.body.data.item.resolution, action)
          assert.deepEqual((await say(world.steady)).body, answer.body)
          orders.push(orderId)
        },
      }
    },
  )
}

test('S1 each order ends like its twin, and each decision was made or declined once', async () => {
  const { db, expected } = world
  await world.hoursPass()
  await world.steady.work()
  for (const [what, [twin = '', ...others]] of alike) {
    assert.ok(others.length > 2, what)
    const end = await written(db, twin)
    assert.deepEqual(
      end.reviews.filter((review) => review.endsWith('open')),
      [],
    )
    for (const orderId of [twin, ...others]) expected.set(orderId, end)
  }
  await world.bringToEnd()
  assert.equal(await count(db, sql`money_decisions where status = 'waiting'`), 0)
  const [twice] = await db.many(
    'test.twice',
    sql`select order_id from events where type in ('decision.agreed', 'decision.declined') group by order_id having count(*) > 1`,
  )
  assert.equal(twice, undefined)
})
