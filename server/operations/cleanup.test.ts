import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { sql } from '../platform/database.ts'
import { cleanupPass } from './cleanup.ts'

let slice: SliceApp
const DAY_MS = 86_400_000

before(async () => {
  slice = await openSliceApp(() => {})
})
after(() => slice.close())

test('C11 the clean-up forgets what has had its time, and nothing else', async () => {
  const { db, ports } = slice.deps
  const { id } = await slice.signedIn({ role: 'customer' })
  const now = ports.clock.now().getTime()
  const [live] = await db.many<{ id: string }>('live', sql`select id from sessions where user_id = ${id}`)
  await db.alone.run(
    'plant',
    sql`insert into sessions (id, token, user_id, expires_at, created_at, updated_at)
        values ('ended', 'ended', ${id}, ${new Date(now - 1_000)}, ${new Date(now)}, ${new Date(now)})`,
  )
  for (const [key, ageMs] of [
    ['old', 30 * DAY_MS + 1_000],
    ['young', 30 * DAY_MS - 60_000],
  ] as const) {
    const at = new Date(now - ageMs)
    await db.alone.run(
      'plant',
      sql`insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id, created_at)
          values ('a', 'POST /api/orders', ${key}, 'x', 'running', ${at}, ${ports.ids.uuid()}, ${at})`,
    )
  }
  for (const [key, ageMs] of [
    ['past', 3_601_000],
    ['present', 60_000],
  ] as const) {
    await db.alone.run('plant', sql`insert into rate_limits values (${key}, ${new Date(now - ageMs)}, 1)`)
  }

  const [yesterday, today] = [ports.ids.uuid(), ports.ids.uuid()]
  for (const [order, ageMs] of [
    [yesterday, DAY_MS + 1_000],
    [today, DAY_MS - 60_000],
  ] as const) {
    await db.alone.run('plant', sql`insert into order_clients values (${order}, '192.0.2.7', ${new Date(now - ageMs)})`)
  }

  // One key and one session.
  assert.equal(await cleanupPass(slice.deps, 180).runOnce(), 2)
  assert.deepEqual(await db.many('left', sql`select order_id from order_clients`), [{ order_id: today }])

  assert.deepEqual(await db.many('left', sql`select key from idempotency_keys`), [{ key: 'young' }])
  assert.deepEqual(await db.many('left', sql`select key from rate_limits where key in ('past', 'present')`), [
    { key: 'present' },
  ])
  assert.deepEqual(await db.many('left', sql`select id from sessions`), [live])
  assert.equal(await cleanupPass(slice.deps, 180).runOnce(), 0)
})

test('C11 answers of requests are emptied after three days, a batch at a time; refusals and keys are kept', async () => {
  const { db, ports } = slice.deps
  await db.alone.run('anew', sql`delete from idempotency_keys`)
  await db.alone.run('anew', sql`update timetable set done_until = null`)
  const now = ports.clock.now().getTime()
  const plant = (key: string, ageMs: number, status: number | null, count = 1) =>
    db.alone.run(
      'plant',
      sql`insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id, response_status,
            response_body, created_at)
          select 'a', 'POST /x', ${key}::text || n, 'x', ${status === null ? 'running' : 'done'}, now(), gen_random_uuid(),
            ${status}::int, ${status === null ? null : '{}'}, ${new Date(now - ageMs)} from generate_series(1, ${count}::int) n`,
    )
  await plant('old', 3 * DAY_MS + 60_000, 201, 1_500)
  await plant('refused', 3 * DAY_MS + 60_000, 409)
  await plant('running', 3 * DAY_MS + 60_000, null)
  await plant('young', 3 * DAY_MS - 60_000, 201)

  assert.equal(await cleanupPass(slice.deps, 180).runOnce(), 1_000)
  assert.equal(await cleanupPass(slice.deps, 180).runOnce(), 500)
  assert.equal(await cleanupPass(slice.deps, 180).runOnce(), 0)
  assert.deepEqual(
    await db.many(
      'left',
      sql`select regexp_replace(key, '[0-9]+$', '') as key, count(*) as keys, count(response_body) as answers
          from idempotency_keys group by 1 order by 1`,
    ),
    [
      { key: 'old', keys: 1_500, answers: 0 },
      { key: 'refused', keys: 1, answers: 1 },
      { key: 'running', keys: 1, answers: 0 },
      { key: 'young', keys: 1, answers: 1 },
    ],
  )
})
