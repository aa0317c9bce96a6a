/** The story of an order: who can write into it, how much of it is told at once, and that its end is never left out. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, paidOnce, pay, place, rowCounts, unpaid, verify, written } from '../buyer.ts'
import { stockedShop, type Answer, type Shop } from '../shop.ts'

const PRICE = 24_500

let shop: Shop
let productId: string
let admin: { id: string; authorization: string }

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ price: PRICE, perMinute: 1_000 }))
})
after(() => shop.close())

/** What comes now falls into one window of the limits. */
function beginMinute(): void {
  shop.clock.aheadMs += 60_000 - ((Date.now() + shop.clock.aheadMs) % 60_000)
}

function comeBack(orderId: string, fields: Record<string, string>): Promise<Answer> {
  return shop.call('POST', `/api/payments/return/${orderId}`, {
    raw: { content: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' },
  })
}

const FORGED = {
  razorpay_payment_id: 'pay_forged',
  razorpay_order_id: 'order_forged',
  razorpay_signature: 'ab'.repeat(32),
}

const alerts = () => count(shop.db, sql`alerts`)
const eventsOf = (orderId: string) => count(shop.db, sql`events where order_id = ${orderId}`)

async function refusedReturns(): Promise<number> {
  return (await shop.deps.ports.metrics.counted('hundi_signatures_refused_total', 'place')).get('return') ?? 0
}

test('FX2 forged returns leave no row and no alert, are counted per order, and keep nobody from coming back', async () => {
  const placed = await place(shop, productId)
  const other = await place(shop, productId)
  const rows = await rowCounts(shop.db)
  const alarms = await alerts()
  const refused = await refusedReturns()
  beginMinute()
  const answers: Answer[] = []
  for (let at = 0; at < 15; at += 1) answers.push(await comeBack(placed.orderId, FORGED))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [...Array(10).fill(303), ...Array(5).fill(429)],
  )
  assert.equal(answers[10]?.body.error.code, 'rate_limited')
  assert.match(answers[10]?.headers.get('retry-after') ?? '', /^\d+$/)
  assert.deepEqual(await rowCounts(shop.db), rows)
  assert.equal(await alerts(), alarms)
  assert.equal(await refusedReturns(), refused + 15)
  // Neither another order nor the true return of this one is held up by them.
  assert.equal((await comeBack(other.orderId, FORGED)).status, 303)
  const { sandbox, ...brought } = await pay(shop, placed, 'captured_webhook_lost')
  assert.ok(sandbox.paymentId)
  assert.equal((await comeBack(placed.orderId, { ...brought })).status, 303)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  await assertAllWell(shop)
})

test('FX2 whoever may see the order writes one line a minute into its story with signatures that are not valid', async () => {
  const placed = await place(shop, productId)
  const before = await eventsOf(placed.orderId)
  beginMinute()
  const statuses: number[] = []
  for (let at = 0; at < 12; at += 1) statuses.push((await verify(shop, placed, FORGED)).status)
  assert.deepEqual(statuses, [...Array(10).fill(400), 429, 429])
  assert.equal(await eventsOf(placed.orderId), before + 1)
  beginMinute()
  assert.equal((await verify(shop, placed, FORGED)).status, 400)
  assert.equal(await eventsOf(placed.orderId), before + 2)
  assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
})

test('FX2 a valid signature that is brought again and again asks the provider thirty times a minute at most', async () => {
  const placed = await place(shop, productId)
  const { sandbox, ...brought } = await pay(shop, placed, 'authorized')
  assert.ok(sandbox.paymentId)
  const asked = () =>
    count(shop.db, sql`provider_calls where order_id = ${placed.orderId} and operation = 'fetchPayment'`)
  const before = await asked()
  beginMinute()
  const statuses: number[] = []
  for (let at = 0; at < 32; at += 1) statuses.push((await verify(shop, placed, brought)).status)
  assert.deepEqual(statuses, [...Array(30).fill(200), 429, 429])
  assert.equal((await asked()) - before, 30)
  await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/capture`)
  await atRest(shop)
})

/** Fills an order's story with what happened to it long ago: events, calls and webhooks, three at each instant. */
async function fill(orderId: string, instants: number): Promise<void> {
  const times = sql`generate_series(1, ${instants}) as at, generate_series(1, 3) as nth`
  const time = sql`timestamptz '2026-01-01 00:00:00Z' + at * interval '1 second'`
  await shop.db.alone.run(
    'test.events',
    sql`insert into events (order_id, type, subject, actor, created_at)
        select ${orderId}, 'payment.signature_refused', 'payment', 'shopper', ${time} from ${times}`,
  )
  await shop.db.alone.run(
    'test.calls',
    sql`insert into provider_calls (id, order_id, provider, operation, outcome, request, duration_ms, created_at)
        select gen_random_uuid(), ${orderId}, 'razorpay', 'fetchPayment', 'accepted', '{}', 1, ${time} from ${times}`,
  )
  await shop.db.alone.run(
    'test.webhooks',
    sql`insert into webhook_events (id, provider, event_id, type, raw_body, headers, signature_valid, status, order_id, received_at)
        select gen_random_uuid(), 'razorpay', ${orderId} || at || ' ' || nth, 'order.paid', '', '{}', true, 'processed', ${orderId}, ${time}
        from ${times}`,
  )
}

test('FX2 a story of thousands of records is told from its end, page by page, and nothing is left out or told twice', async () => {
  const placed = await place(shop, productId)
  await fill(placed.orderId, 250)
  await pay(shop, placed)
  await atRest(shop)
  const path = `/api/admin/orders/${placed.orderId}/story`
  const first = (await shop.call('GET', path, { as: admin })).body.data.story
  const newest = await shop.db.one<{ seq: number }>(
    'test.newest',
    sql`select max(seq) as seq from events where order_id = ${placed.orderId}`,
  )
  assert.equal(first.events.at(-1).id, String(newest.seq))
  assert.ok(first.events.some((event: { type: string }) => event.type === 'order.confirmed'))
  assert.equal(typeof first.older, 'string')

  const kinds = { events: 'createdAt', providerCalls: 'createdAt', webhookEvents: 'receivedAt' } as const
  const told: Record<string, string[]> = { events: [], providerCalls: [], webhookEvents: [] }
  let earliest = '9'
  let cursor: string | null = null
  let pages = 0
  do {
    const query: string = cursor === null ? '' : `?cursor=${cursor}`
    const { story } = (await shop.call('GET', path + query, { as: admin })).body.data
    const times: string[] = []
    for (const [kind, time] of Object.entries(kinds)) {
      assert.ok(story[kind].length <= 210, `${story[kind].length} ${kind} on one page`)
      times.push(...story[kind].map((row: Record<string, string>) => row[time]))
      told[kind]?.push(...story[kind].map((row: { id: string }) => row.id))
    }
    // A page is a span of time: what is on it is younger than all that is on the next.
    assert.ok(times.every((each) => each < earliest))
    earliest = times.sort()[0] ?? earliest
    cursor = story.older
    pages += 1
  } while (cursor !== null && pages < 20)
  assert.equal(cursor, null)
  assert.equal(pages, 4)
  for (const [kind, table] of [
    ['events', sql`events`],
    ['providerCalls', sql`provider_calls`],
    ['webhookEvents', sql`webhook_events`],
  ] as const) {
    const ids = told[kind] ?? []
    assert.equal(new Set(ids).size, ids.length, `${kind} twice`)
    assert.equal(ids.length, await count(shop.db, sql`${table} where order_id = ${placed.orderId}`), kind)
  }
  const refused = await shop.call('GET', `${path}?cursor=nonsense`, { as: admin })
  assert.deepEqual([refused.status, refused.body.error.details.fields[0].field], [400, 'cursor'])

  // The shopper's list ends with the newest too, and goes back to the first.
  const list = `/api/orders/${placed.orderId}/events`
  const page = await shop.call('GET', list, { guestToken: placed.guestToken })
  assert.equal(page.body.data.events.length, 200)
  assert.equal(page.body.data.events.at(-1).id, String(newest.seq))
  const seen: number[] = []
  let next: string | null = ''
  while (next !== null) {
    const query: string = next === '' ? '' : `&cursor=${next}`
    const { data, pagination } = (
      await shop.call('GET', `${list}?limit=150${query}`, { guestToken: placed.guestToken })
    ).body
    seen.unshift(...data.events.map((event: { id: string }) => Number(event.id)))
    next = pagination.nextCursor
  }
  assert.equal(seen.length, await eventsOf(placed.orderId))
  assert.deepEqual(
    seen,
    [...new Set(seen)].sort((a, b) => a - b),
  )
})
