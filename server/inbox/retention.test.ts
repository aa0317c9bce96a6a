import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { cleanupPass } from '../operations/cleanup.ts'
import { sql } from '../platform/database.ts'
import { runPassesUntilIdle } from '../platform/passes.ts'
import { insertWebhookEvent } from './queries.ts'
import { emptyOld, forgetEvents } from './retention.ts'

const DAY_MS = 86_400_000
const DAYS = 180

let slice: SliceApp

before(async () => {
  slice = await openSliceApp(() => {})
})
after(() => slice.close())

const daysAgo = (days: number) => new Date(slice.deps.ports.clock.now().getTime() - days * DAY_MS)

/** Plants an event and a call of that age. */
async function plant(days: number, status = 'processed', count = 1, operation = 'capture'): Promise<void> {
  const { db } = slice.deps
  const at = daysAgo(days)
  await db.alone.run(
    'plant',
    sql`insert into webhook_events (id, provider, event_id, type, raw_body, headers, signature_valid, status, next_attempt_at, received_at)
        select gen_random_uuid(), 'razorpay', gen_random_uuid()::text, 'payment.captured', 'a body', '{"a": "b"}', true, ${status},
          ${status === 'received' ? at : null}, ${at} from generate_series(1, ${count}::int)`,
  )
  await db.alone.run(
    'plant',
    sql`insert into provider_calls (id, provider, operation, request, outcome, reply, duration_ms, created_at)
        select gen_random_uuid(), 'razorpay', ${operation}, '{"id": "pay_1"}', 'accepted', '{"status": "captured"}', 5, ${at}
        from generate_series(1, ${count}::int)`,
  )
}

async function kept() {
  return slice.deps.db.one(
    'kept',
    sql`select (select count(*) from webhook_events) as events, (select count(raw_body) from webhook_events) as bodies,
          (select count(*) from webhook_events where headers <> '{}') as headers,
          (select count(distinct event_id) from webhook_events) as ids,
          (select count(*) from provider_calls) as calls, (select count(reply) from provider_calls) as replies,
          (select count(*) from provider_calls where request <> '{}') as requests`,
  )
}

test('what is older than its days is emptied in batches and the rest kept, ids too', async () => {
  await plant(200, 'processed', 1_200)
  await plant(181, 'failed')
  await plant(179)
  await plant(0)
  // Not done, so it is still to be read, however old it is.
  await plant(190, 'received')
  const all = { events: 1_204, ids: 1_204, calls: 1_204, requests: 1_204 }

  assert.equal(await emptyOld(slice.deps, daysAgo(DAYS)), 1_000)
  assert.deepEqual(await kept(), { ...all, bodies: 704, headers: 704, replies: 704 })
  await runPassesUntilIdle([cleanupPass(slice.deps, DAYS)])
  assert.deepEqual(await kept(), { ...all, bodies: 3, headers: 3, replies: 2 })

  slice.clock.aheadMs += 2 * DAY_MS
  await runPassesUntilIdle([cleanupPass(slice.deps, DAYS)])
  assert.deepEqual(await kept(), { ...all, bodies: 2, headers: 2, replies: 1 })
})

test('look-ups at providers that were answered are forgotten when their days are over; what moved money is not', async () => {
  const { db } = slice.deps
  await db.pool.query('truncate webhook_events, provider_calls cascade')
  await db.alone.run('anew', sql`update timetable set done_until = null`)
  for (const operation of ['fetchOrderPayments', 'findOrder', 'listPayments', 'createOrder', 'capture', 'refund']) {
    await plant(181, 'processed', 300, operation)
    await plant(179, 'processed', 1, operation)
  }
  await db.alone.run(
    'unanswered',
    sql`update provider_calls set outcome = 'unknown' where id = (
          select id from provider_calls where operation = 'fetchOrderPayments' order by created_at limit 1)`,
  )
  await runPassesUntilIdle([cleanupPass(slice.deps, DAYS)])
  const left = await db.many(
    'left',
    sql`select operation, outcome, reply is null as emptied, count(*) as count from provider_calls group by 1, 2, 3 order by 1, 2, 3`,
  )
  const row = (operation: string, emptied: boolean, count: number, outcome = 'accepted') => ({
    operation,
    outcome,
    emptied,
    count,
  })
  assert.deepEqual(left, [
    row('capture', false, 1),
    row('capture', true, 300),
    row('createOrder', false, 1),
    row('createOrder', true, 300),
    row('fetchOrderPayments', false, 1),
    row('fetchOrderPayments', true, 1, 'unknown'),
    row('findOrder', false, 1),
    row('listPayments', false, 1),
    row('refund', false, 1),
    row('refund', true, 300),
  ])
})

test('events are forgotten after two years, in batches, and those that are not done never', async () => {
  const { db } = slice.deps
  await db.pool.query('truncate webhook_events, provider_calls cascade')
  await db.alone.run('anew', sql`update timetable set done_until = null`)
  await plant(731, 'processed', 700)
  await plant(731, 'failed')
  await plant(740, 'received')
  await plant(729)
  await db.alone.run(
    'history',
    sql`insert into webhook_history (id, webhook_event_id, outcome, created_at)
        select gen_random_uuid(), id, 'failed', received_at from webhook_events where status = 'failed'`,
  )
  const now = slice.deps.ports.clock.now()
  assert.equal(await forgetEvents(slice.deps, now, daysAgo(DAYS)), 500)
  await runPassesUntilIdle([cleanupPass(slice.deps, DAYS)])
  const left = await db.many(
    'left',
    sql`select status, raw_body is null as emptied from webhook_events order by received_at`,
  )
  assert.deepEqual(left, [
    { status: 'received', emptied: false },
    { status: 'processed', emptied: true },
  ])
  assert.deepEqual(await db.many('history', sql`select outcome from webhook_history`), [])
})

test('bodies that are kept for longer than two years keep their events', async () => {
  const { db } = slice.deps
  await db.pool.query('truncate webhook_events, provider_calls cascade')
  await db.alone.run('anew', sql`update timetable set done_until = null`)
  await plant(800)
  await plant(1_001)
  await runPassesUntilIdle([cleanupPass(slice.deps, 1_000)])
  const left = await db.many<{ received_at: Date }>('left', sql`select received_at from webhook_events`)
  assert.equal(left.length, 1)
  assert.ok((left[0]?.received_at ?? new Date(0)) > daysAgo(1_000))
})

test('two workers that empty at the same time empty each body once, and miss none', async () => {
  await slice.deps.db.pool.query('truncate webhook_events, provider_calls cascade')
  await slice.deps.db.alone.run('anew', sql`update timetable set done_until = null`)
  await plant(300, 'processed', 900)
  const counts: number[] = []
  for (let round = 0; round < 5; round += 1) {
    counts.push(...(await Promise.all([1, 2, 3].map(() => emptyOld(slice.deps, daysAgo(DAYS))))))
  }
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    1_800,
  )
  assert.deepEqual(await kept(), {
    events: 900,
    bodies: 0,
    headers: 0,
    ids: 900,
    calls: 900,
    replies: 0,
    requests: 900,
  })
})

test('R15 the digest of a body goes when the body does', async () => {
  const { db } = slice.deps
  await db.pool.query('truncate webhook_events, provider_calls, webhook_bodies cascade')
  await db.alone.run('anew', sql`update timetable set done_until = null`)
  for (const [days, eventId] of [
    [200, 'old'],
    [10, 'new'],
  ] as const) {
    const at = daysAgo(days)
    const event = { eventId, rawBody: Buffer.from(eventId), now: at, nextAttemptAt: null, doneForOrder: undefined }
    const stored = { id: slice.deps.ports.ids.uuid(), provider: 'razorpay', type: 'x', headers: {}, ...event }
    assert.notEqual(await insertWebhookEvent(db.alone, stored), undefined)
    const again = { ...stored, id: slice.deps.ports.ids.uuid(), eventId: `${eventId} again` }
    assert.equal(await insertWebhookEvent(db.alone, again), undefined)
  }
  await emptyOld(slice.deps, daysAgo(DAYS))
  const left = await db.many('left', sql`select digest = sha256('new'::bytea) as new from webhook_bodies`)
  assert.deepEqual(left, [{ new: true }])
})

test('refused deliveries are forgotten when they are as old', async () => {
  for (const days of [181, 179]) {
    await slice.deps.db.alone.run(
      'plant',
      sql`insert into webhook_rejections (id, provider, verdict, headers, body_start, received_at)
          values (gen_random_uuid(), 'razorpay', 'invalid', '{}', 'x', ${daysAgo(days)})`,
    )
  }
  await emptyOld(slice.deps, daysAgo(DAYS))
  const left = await slice.deps.db.many<{ received_at: Date }>('left', sql`select received_at from webhook_rejections`)
  assert.equal(left.length, 1)
  assert.ok((left[0]?.received_at ?? new Date(0)) > daysAgo(DAYS))
})

test('an event whose body was emptied is not processed again by anybody', async () => {
  await assert.rejects(
    slice.deps.db.alone.run(
      'reopen',
      sql`update webhook_events set status = 'received', next_attempt_at = now() where raw_body is null`,
    ),
    { constraint: 'webhook_events_body' },
  )
})
