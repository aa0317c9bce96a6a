import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { inTransaction, sql } from '../platform/database.ts'
import { askAlone } from './check-queries.ts'
import { checkPass, eventsSeen, runCheck } from './checks.ts'
import { registerWatchRoutes } from './watch-routes.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let slice: SliceApp
let admin: { id: string; authorization: string }

before(async () => {
  slice = await openSliceApp((app, deps, accounts) => registerWatchRoutes(app, deps, accounts))
  admin = await slice.signedIn({ role: 'admin' })
})
after(() => slice.close())
afterEach(async () => {
  await slice.deps.db.alone.run('clean', sql`delete from idempotency_keys`)
  await slice.deps.db.alone.run('clean', sql`delete from check_runs`)
  await slice.deps.db.alone.run('clean', sql`delete from alerts`)
  await slice.deps.db.alone.run('clean', sql`update timetable set due_at = null`)
})

/** A key that is done and has made nothing. */
function plant(): Promise<number> {
  return slice.deps.db.alone.run(
    'plant',
    sql`insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id,
          response_status, response_body, created_at)
        values ('guest', 'POST /api/orders', 'key-of-nothing', 'h', 'done', now(), gen_random_uuid(), 201, '{}', now())`,
  )
}

async function alerts(): Promise<{ summary: string; severity: string; open: boolean }[]> {
  return slice.deps.db.many(
    'alerts',
    sql`select summary, severity, resolved_at is null as open from alerts where kind = 'invariant_broken' order by id`,
  )
}

test('an admin checks the books: the answer is kept, with the alert that it asks for', async () => {
  const well = await slice.call('POST', '/api/admin/checks', { as: admin })
  assert.equal(well.status, 201)
  assert.equal(well.body.data.check.ok, true)
  assert.equal(well.body.data.check.trigger, 'admin')
  assert.deepEqual(
    well.body.data.check.questions.map(({ id, ok, count }: Record<string, unknown>) => ({ id, ok, count })),
    Array.from({ length: 12 }, (_, at) => ({ id: `I${at + 1}`, ok: true, count: 0 })),
  )
  assert.deepEqual(await alerts(), [])

  await plant()
  const wrong = await slice.call('POST', '/api/admin/checks', { as: admin })
  assert.equal(wrong.body.data.check.ok, false)
  const { violations, count } = wrong.body.data.check.questions[8]
  assert.equal(count, 1)
  assert.deepEqual(violations, [
    'a request with a key made one order and has its answer when it is done: key-of-nothing',
  ])
  assert.deepEqual(await alerts(), [
    { summary: 'The books are not right: I9 One request has one effect (1)', severity: 'page', open: true },
  ])

  await slice.deps.db.alone.run('mend', sql`delete from idempotency_keys`)
  await slice.call('POST', '/api/admin/checks', { as: admin })
  assert.deepEqual(
    (await alerts()).map(({ open }) => open),
    [false],
  )

  const first = await slice.call('GET', '/api/admin/checks?limit=2', { as: admin })
  assert.deepEqual(
    first.body.data.checks.map(({ ok }: { ok: boolean }) => ok),
    [true, false],
  )
  const last = await slice.call('GET', `/api/admin/checks?limit=2&cursor=${first.body.pagination.nextCursor}`, {
    as: admin,
  })
  assert.deepEqual(last.body.data.checks, [well.body.data.check])
  assert.equal(last.body.pagination.nextCursor, null)
  const one = await slice.call('GET', `/api/admin/checks/${wrong.body.data.check.id}`, { as: admin })
  assert.deepEqual(one.body.data.check, wrong.body.data.check)
  assert.equal((await slice.call('GET', `/api/admin/checks/${admin.id}`, { as: admin })).status, 404)
})

test('a flood of violations is counted whole and shown in part', async () => {
  await slice.deps.db.alone.run(
    'plant',
    sql`insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id,
          response_status, response_body, created_at)
        select 'guest', 'POST /api/orders', 'key-' || n, 'h', 'done', now(), gen_random_uuid(), 201, '{}', now()
        from generate_series(1, 250) n`,
  )
  const { body } = await slice.call('POST', '/api/admin/checks', { as: admin })
  const question = body.data.check.questions[8]
  assert.deepEqual({ count: question.count, shown: question.violations.length }, { count: 250, shown: 100 })
})

test('while one check is under way there is no second', async () => {
  await inTransaction(slice.deps.db, 'other', async (tx) => {
    assert.equal(await askAlone(tx), true)
    const refused = await slice.call('POST', '/api/admin/checks', { as: admin })
    assert.equal(refused.status, 409)
    assert.equal(refused.body.error.code, 'request_in_progress')
  })
  assert.equal((await slice.call('POST', '/api/admin/checks', { as: admin })).status, 201)
})

describe('history is asked about since it was last found right', () => {
  const orderId = '01000000-0000-7000-8000-000000000001'
  after(() => slice.deps.db.pool.query('truncate events'))

  /** An event that says an order went from one state to another; there is no such order, which no question minds. */
  const event = (from: string | null, to: string) =>
    sql`insert into events (order_id, type, subject, subject_id, from_status, to_status, actor, created_at)
        values (${orderId}, ${`order.${to}`}, 'order', ${orderId}, ${from}, ${to}, 'system', now())`
  const happens = (from: string | null, to: string) => slice.deps.db.alone.run('plant', event(from, to))
  const check = async (full = false) => {
    const { body } = await slice.call('POST', `/api/admin/checks${full ? '?full=true' : ''}`, { as: admin })
    const { since, startedAt, questions } = body.data.check
    const [history] = questions.filter(({ id }: { id: string }) => id === 'I11')
    return { since, startedAt, found: history.count }
  }

  test('first all of it, then what is new; a check that finds something does not move the mark', async () => {
    await happens(null, 'pending')
    const first = await check()
    assert.deepEqual({ since: first.since, found: first.found }, { since: null, found: 0 })
    await happens('pending', 'confirmed')
    const second = await check()
    assert.deepEqual({ since: second.since, found: second.found }, { since: first.startedAt, found: 0 })

    // Begins where nothing ended.
    await happens('shipped', 'delivered')
    const third = await check()
    assert.deepEqual({ since: third.since, found: third.found }, { since: second.startedAt, found: 1 })
    await happens('delivered', 'cancelled')
    const fourth = await check()
    assert.deepEqual({ since: fourth.since, found: fourth.found }, { since: second.startedAt, found: 1 })
  })

  test('all of it when somebody asks for that', async () => {
    await slice.deps.db.pool.query('truncate events')
    await happens(null, 'pending')
    await check()
    // What nobody can do, because the database refuses it: history is changed.
    await slice.deps.db.pool.query(`alter table events disable trigger user; update events set from_status = 'shipped';
      alter table events enable trigger user`)
    assert.equal((await check()).found, 0)
    const all = await check(true)
    assert.deepEqual({ since: all.since, found: all.found }, { since: null, found: 1 })
  })

  test('all of it when so much of it is newer that asking about each order would take longer', async () => {
    await slice.deps.db.pool.query('truncate events')
    await happens(null, 'pending')
    const { startedAt } = await check()
    const draw = (events: number) =>
      slice.deps.db.pool.query(`select setval('events_seq_seq', (select last_value from events_seq_seq) + $1)`, [
        events,
      ])
    await draw(200_000)
    const afterMany = await check()
    await draw(200_001)
    const afterMore = await check()
    assert.deepEqual([afterMany.since, afterMore.since], [startedAt, null])
    await draw(1_000_000)
    await check()
    // A tenth of all of them is not much.
    await slice.deps.db.pool.query(`select setval('events_seq_seq', 4_000_000)`)
    const marked = await check()
    await draw(400_000)
    assert.equal((await check()).since, marked.startedAt)
  })

  test('an event that had its number before and is committed after is not missed', async () => {
    await slice.deps.db.pool.query('truncate events')
    let commit = () => {}
    const wait = new Promise<void>((resolve) => {
      commit = resolve
    })
    let written = () => {}
    const isWritten = new Promise<void>((resolve) => {
      written = resolve
    })
    const late = inTransaction(slice.deps.db, 'late', async (tx) => {
      await tx.run('plant', event('shipped', 'delivered'))
      written()
      await wait
    })
    await isWritten
    await happens('delivered', 'cancelled')
    let asked = 0
    const timers = {
      sleep: async (ms: number) => {
        asked += 1
        if (asked === 3) {
          commit()
          await late
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5)))
      },
    }
    const run = await runCheck({ ...slice.deps, ports: { ...slice.deps.ports, timers } }, 'admin', admin.id)
    assert.ok(asked >= 3, 'it waits for who writes')
    assert.deepEqual(run.questions[10]?.violations, [
      `history is legal and whole: every change of an order, part, payment or refund starts where the last one ended, and the last led to its present status: order ${orderId}: nothing then shipped → delivered`,
    ])
  })

  test('while somebody writes for too long it cannot be told how far history was seen', async () => {
    const timers = { sleep: async () => {} }
    const before = await eventsSeen(slice.deps.db, timers)
    assert.ok(before !== undefined)
    await inTransaction(slice.deps.db, 'late', async (tx) => {
      await tx.run('plant', event('delivered', 'cancelled'))
      assert.equal(await eventsSeen(slice.deps.db, timers), undefined)
    })
    assert.equal(await eventsSeen(slice.deps.db, timers), before + 1)
  })
})

describe('by the day', () => {
  const runs = async () =>
    (
      await slice.deps.db.one<{ count: number }>(
        'runs',
        sql`select count(*) as count from check_runs where trigger = 'schedule'`,
      )
    ).count
  /** Sets the clock of the system to a time of a day in the future. */
  const setClock = (day: number, time: string) => {
    const wanted = new Date(`2030-03-${String(day).padStart(2, '0')}T${time}:00Z`)
    slice.clock.aheadMs = wanted.getTime() - Date.now()
  }
  const pass = () => checkPass(slice.deps, { hour: 2, minute: 30 })
  after(() => {
    slice.clock.aheadMs = 0
  })

  test('S11 once a day, an hour after the reconciliation, by one of many workers, however often they look', async () => {
    setClock(1, '00:10')
    assert.deepEqual(await Promise.all([pass().runOnce(), pass().runOnce()]), [0, 0])
    setClock(1, '03:29')
    assert.equal(await pass().runOnce(), 0)
    setClock(1, '03:31')
    const workers = Array.from({ length: 4 }, () => pass().runOnce())
    assert.deepEqual((await Promise.all(workers)).sort(), [0, 0, 0, 1])
    assert.equal(await runs(), 1)
    setClock(1, '23:50')
    assert.equal(await pass().runOnce(), 0)
    setClock(2, '03:31')
    assert.equal(await pass().runOnce(), 1)
    assert.equal(await runs(), 2)
  })

  test('S11 a timer that rang for nobody for days: one check, and then by the day again', async () => {
    setClock(3, '00:10')
    await pass().runOnce()
    setClock(7, '12:00')
    assert.equal(await pass().runOnce(), 1)
    assert.equal(await pass().runOnce(), 0)
    setClock(8, '03:29')
    assert.equal(await pass().runOnce(), 0)
    setClock(8, '03:31')
    assert.equal(await pass().runOnce(), 1)
    assert.equal(await runs(), 2)
  })

  test('S9 a clock that jumps back makes the check late, and a clock that jumps ahead makes it early; neither loses it', async () => {
    setClock(10, '00:10')
    await pass().runOnce()
    setClock(9, '23:10')
    assert.equal(await pass().runOnce(), 0)
    setClock(10, '03:31')
    assert.equal(await pass().runOnce(), 1)
    setClock(10, '02:31')
    assert.equal(await pass().runOnce(), 0)
    setClock(11, '03:31')
    assert.equal(await pass().runOnce(), 1)
    assert.equal(await runs(), 2)
  })

  test('a worker that dies while it checks leaves the check due again', async () => {
    setClock(12, '00:10')
    await pass().runOnce()
    setClock(12, '03:31')
    const { db } = slice.deps
    const dying = {
      ...slice.deps,
      db: { ...db, pool: { connect: () => Promise.reject(new Error('killed')) } as unknown as typeof db.pool },
    }
    await assert.rejects(checkPass(dying, { hour: 2, minute: 30 }).runOnce(), /killed/)
    assert.equal(await pass().runOnce(), 0)
    slice.clock.aheadMs += 3 * HOUR_MS + 1_000
    assert.equal(await pass().runOnce(), 1)
    assert.equal(await runs(), 1)
  })

  test('the next one is never a day away from what was due', async () => {
    setClock(14, '00:10')
    await pass().runOnce()
    setClock(14, '03:45')
    await pass().runOnce()
    const { due_at } = await slice.deps.db.one<{ due_at: Date }>(
      'due',
      sql`select due_at from timetable where name = 'check'`,
    )
    assert.equal(due_at.toISOString(), '2030-03-15T03:30:00.000Z')
    assert.ok(due_at.getTime() - Date.parse('2030-03-14T03:45:00Z') < DAY_MS)
  })
})
