import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { until } from '../../test/until.ts'
import { inTransaction, raw, sql, type Db } from '../platform/database.ts'
import { NORMAL_SIDES } from './account.ts'
import * as queries from './closing-queries.ts'
import { closingPass } from './closing.ts'
import type { Movement } from './movement.ts'
import { insertTransfers } from './queries.ts'
import { balance, listBalances, post } from './service.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Finds no row while the totals of all days are what the transfers add up to. */
const DIFFERING_TOTALS = `
  select coalesce(f.account_id, s.account_id) || ' on ' || coalesce(f.day, s.day) || ' moved '
    || coalesce(f.debits, 0) || ' / ' || coalesce(f.credits, 0) || ', totals say '
    || coalesce(s.debits, 0) || ' / ' || coalesce(s.credits, 0) || ', to date '
    || coalesce(s.debits_to_date, 0) || ' / ' || coalesce(s.credits_to_date, 0)
  from (
    select account_id, day, sum(debit) as debits, sum(credit) as credits,
      sum(sum(debit)) over (partition by account_id order by day) as debits_to_date,
      sum(sum(credit)) over (partition by account_id order by day) as credits_to_date
    from (
      select side.account_id, (t.created_at at time zone 'UTC')::date as day, side.debit, side.credit
      from ledger_transfers t cross join lateral (
        values (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount)) as side (account_id, debit, credit)
      where t.created_at < (select totalled_until from ledger_closing)
    ) moved group by account_id, day
  ) f full join ledger_day_totals s on s.account_id = f.account_id and s.day = f.day
  where (f.debits, f.credits, f.debits_to_date, f.credits_to_date)
    is distinct from (s.debits, s.credits, s.debits_to_date, s.credits_to_date)`

let slice: SliceApp
beforeEach(async () => {
  slice = await openSliceApp(() => {})
})
afterEach(() => slice.close())

/** Midnight (UTC) before the last day that the pass may close at this moment. */
function today(): number {
  return Math.floor((Date.now() - HOUR_MS) / DAY_MS) * DAY_MS
}

/** A time some days before that day, `hours` after midnight. */
function daysAgo(days: number, hours = 12): Date {
  return new Date(today() - days * DAY_MS + hours * HOUR_MS)
}

let causes = 0
function movement(debit: string, credit: string, amount: number): Movement {
  causes += 1
  return { kind: 'test', debit, credit, amount, cause: `test:${causes}` }
}

const CLEARING = 'provider_clearing:razorpay:INR'
const FUNDS = 'customer_funds:orders:INR'
const BANK = 'bank:razorpay:INR'

/** Posts as a server would whose clock says `at`. */
async function postAt(at: Date, ...movements: Movement[]): Promise<void> {
  const { db, ports } = slice.deps
  await inTransaction(db, 'post', async (tx) => {
    post(tx, { ...ports, clock: { ...ports.clock, now: () => at } }, 'INR', null, movements)
  })
}

async function closeAll(): Promise<number> {
  let days = 0
  for (const pass = closingPass(slice.deps); (await pass.runOnce()) > 0; ) days += 1
  return days
}

async function totals(db: Db) {
  return db.many(
    'test.totals',
    sql`select account_id, to_char(day, 'YYYY-MM-DD') as day, debits, credits, debits_to_date, credits_to_date
        from ledger_day_totals order by day, account_id`,
  )
}

async function closing(db: Db): Promise<{ closed_until: Date; totalled_until: Date }> {
  return db.one('test.closing', sql`select closed_until, totalled_until from ledger_closing`)
}

async function assertTotalsRight(db: Db): Promise<void> {
  assert.deepEqual(await db.many('test.question', raw(DIFFERING_TOTALS)), [])
}

/** Resolves when somebody waits for a lock in this database. */
async function waitsForLock(db: Db): Promise<void> {
  await until('somebody waits for a lock', async () => {
    const { waiting } = await db.one<{ waiting: boolean }>(
      'test.waiting',
      sql`select exists (select from pg_locks l join pg_database d on d.oid = l.database
            where d.datname = current_database() and not l.granted) as waiting`,
    )
    return waiting
  })
}

test('a day that is over is added up once, per account that moved, on top of what came before', async () => {
  const { db } = slice.deps
  await postAt(daysAgo(5, 0), movement(CLEARING, FUNDS, 700))
  await postAt(new Date(daysAgo(4, 0).getTime() - 1), movement(CLEARING, FUNDS, 30))
  await postAt(daysAgo(3), movement(BANK, CLEARING, 600))
  await postAt(new Date(today()), movement(CLEARING, FUNDS, 5))

  assert.equal(await closeAll(), 2)

  const day = (days: number) => daysAgo(days).toISOString().slice(0, 10)
  const row = (account_id: string, days: number, ...sums: number[]) => ({
    account_id,
    day: day(days),
    debits: sums[0],
    credits: sums[1],
    debits_to_date: sums[2],
    credits_to_date: sums[3],
  })
  const expected = [
    row(FUNDS, 5, 0, 730, 0, 730),
    row(CLEARING, 5, 730, 0, 730, 0),
    row(BANK, 3, 600, 0, 600, 0),
    row(CLEARING, 3, 0, 600, 730, 600),
  ]
  assert.deepEqual(await totals(db), expected)
  assert.deepEqual(await closing(db), { closed_until: new Date(today()), totalled_until: new Date(today()) })
  await assertTotalsRight(db)
  // The transfer of the open day is counted beside the totals.
  assert.equal(await balance(db, CLEARING), 135)
  assert.equal(await balance(db, FUNDS), 735)
  assert.equal(await balance(db, BANK), 600)

  assert.equal(await closeAll(), 0)
  assert.deepEqual(await totals(db), expected)
})

test('books without transfers are closed too, and the first transfer after that is counted', async () => {
  const { db } = slice.deps
  assert.equal(await closeAll(), 0)
  assert.deepEqual(await closing(db), { closed_until: new Date(today()), totalled_until: new Date(today()) })
  await postAt(new Date(), movement(CLEARING, FUNDS, 9))
  assert.equal(await balance(db, CLEARING), 9)
  assert.equal(await balance(db, 'suspense:razorpay:INR'), 0)
})

test('any number of workers that close at once add each day up once', async () => {
  const { db } = slice.deps
  for (let days = 2; days < 12; days += 1) await postAt(daysAgo(days), movement(CLEARING, FUNDS, days))
  const workers = Array.from({ length: 5 }, async () => {
    const pass = closingPass(slice.deps)
    let handled = 0
    for (let turn = 0; turn < 20; turn += 1) handled += await pass.runOnce()
    return handled
  })
  const handled = await Promise.all(workers)
  assert.equal(
    handled.reduce((sum, each) => sum + each),
    10,
  )
  assert.equal((await totals(db)).length, 20)
  await assertTotalsRight(db)
  assert.equal(await balance(db, FUNDS), 65)
})

test('a day is not closed while a transfer of it is being posted, and counts it once it is committed', async () => {
  const { db, ports } = slice.deps
  await postAt(daysAgo(3), movement(CLEARING, FUNDS, 100))
  let commit = () => {}
  const held = new Promise<void>((resolve) => {
    commit = resolve
  })
  let posted = () => {}
  const isPosted = new Promise<void>((resolve) => {
    posted = resolve
  })
  const late = inTransaction(db, 'late', async (tx) => {
    // As right before its commit.
    const { debit: debitAccountId, credit: creditAccountId, ...moved } = movement(CLEARING, FUNDS, 20)
    const row = { ...moved, id: ports.ids.uuid(), debitAccountId, creditAccountId, currency: 'INR', orderId: null }
    insertTransfers(tx, [{ ...row, createdAt: daysAgo(2) }])
    await tx.many('test.reached', sql`select 1`)
    posted()
    await held
  })
  await isPosted

  assert.equal(await closeAll(), 0)
  assert.deepEqual(await closing(db), { closed_until: new Date(0), totalled_until: new Date(0) })

  commit()
  await late
  assert.equal(await closeAll(), 2)
  await assertTotalsRight(db)
  assert.equal(await balance(db, CLEARING), 120)
  assert.equal(await balance(db, CLEARING, daysAgo(2)), 100)
})

test('a transfer that comes dated in a closed day is booked in the open one, and nothing is lost', async () => {
  const { db } = slice.deps
  await postAt(daysAgo(3), movement(CLEARING, FUNDS, 100))
  await closeAll()
  const before = await totals(db)

  await postAt(daysAgo(2), movement(CLEARING, FUNDS, 7))

  const { closed_until } = await closing(db)
  assert.deepEqual(
    await db.many('test.last', sql`select amount, created_at from ledger_transfers order by created_at desc limit 1`),
    [{ amount: 7, created_at: closed_until }],
  )
  assert.equal(await balance(db, CLEARING), 107)
  assert.equal(await balance(db, CLEARING, closed_until), 100)
  assert.equal(await closeAll(), 0)
  assert.deepEqual(await totals(db), before)
  await assertTotalsRight(db)
})

test('a transfer that waits while the day is being closed is booked after it', async () => {
  const { db } = slice.deps
  const until = new Date(today())
  let posting: Promise<void> | undefined
  await inTransaction(db, 'close', async (tx) => {
    await queries.claimClosing(tx, HOUR_MS)
    await queries.holdPosting(tx, 200)
    posting = postAt(daysAgo(1), movement(CLEARING, FUNDS, 3))
    await waitsForLock(db)
    await queries.markClosed(tx, until)
  })
  await posting
  assert.deepEqual(await db.many('test.dates', sql`select created_at from ledger_transfers`), [{ created_at: until }])
})

test('a worker that dies at any point of closing leaves what another finishes, to the same totals', async () => {
  const { db, ports } = slice.deps
  await postAt(daysAgo(4), movement(CLEARING, FUNDS, 100))
  await postAt(daysAgo(2), movement(BANK, CLEARING, 40))
  // Not what is asked of the database by the test itself.
  const isOurs = (point: string) => /^(sql:ledger\.|tx:)/.test(point)
  const passed: string[] = []
  ports.points = {
    reach: async (point) => {
      if (isOurs(point)) passed.push(point)
    },
  }
  await closeAll()
  ports.points = undefined
  const expected = await totals(db)
  assert.equal(expected.length, 4)
  const points = [...new Set(passed)]
  assert.ok(points.includes('tx:addUpDay:committed') && points.includes('sql:ledger.holdPosting'), points.join(' '))

  for (const fatal of points) {
    await db.alone.run('again', sql`truncate ledger_day_totals`)
    await db.alone.run('again', sql`update ledger_closing set totalled_until = 'epoch', closed_until = 'epoch'`)
    ports.points = {
      reach: async (point) => {
        if (point === fatal) throw new Error(`died at ${point}`)
      },
    }
    await assert.rejects(closeAll(), { message: `died at ${fatal}` })
    ports.points = undefined
    await closeAll()
    assert.deepEqual(await totals(db), expected, fatal)
    await assertTotalsRight(db)
  }
})

test('a worker whose clock is far ahead closes no day that is to come', async () => {
  const { db } = slice.deps
  slice.clock.aheadMs = 40 * DAY_MS
  await postAt(daysAgo(3), movement(CLEARING, FUNDS, 100))
  assert.equal(await closeAll(), 1)
  assert.deepEqual(await closing(db), { closed_until: new Date(today()), totalled_until: new Date(today()) })
})

test('a day stays open for an hour after it has ended', async () => {
  const { db } = slice.deps
  // By this worker's clock the day after the last closed one has ended 59 minutes ago.
  slice.clock.aheadMs = today() - 2 * DAY_MS + 59 * 60_000 - Date.now()
  await closeAll()
  assert.deepEqual((await closing(db)).closed_until, new Date(today() - 3 * DAY_MS))
  slice.clock.aheadMs += 60_000
  await closeAll()
  assert.deepEqual((await closing(db)).closed_until, new Date(today() - 2 * DAY_MS))
})

test('the check names totals that a hand has changed, and totals that are made anew are right', async () => {
  const { db } = slice.deps
  await postAt(daysAgo(4), movement(CLEARING, FUNDS, 100))
  await postAt(daysAgo(3), movement(BANK, CLEARING, 40))
  await closeAll()
  const day = (days: number) => daysAgo(days).toISOString().slice(0, 10)

  await db.alone.run('plant', sql`update ledger_day_totals set debits = 101, debits_to_date = 101 where debits = 100`)
  await db.alone.run('plant', sql`delete from ledger_day_totals where account_id = ${BANK}`)
  const found = await db.many<Record<string, string>>('test.question', raw(DIFFERING_TOTALS))
  assert.deepEqual(found.flatMap((row) => Object.values(row)).sort(), [
    `${BANK} on ${day(3)} moved 40 / 0, totals say 0 / 0, to date 0 / 0`,
    `${CLEARING} on ${day(4)} moved 100 / 0, totals say 101 / 0, to date 101 / 0`,
  ])

  await db.alone.run('repair', sql`delete from ledger_day_totals where day >= ${day(4)}::date`)
  await db.alone.run('repair', sql`update ledger_closing set totalled_until = ${daysAgo(4, 0)}`)
  assert.equal(await closeAll(), 2)
  await assertTotalsRight(db)
  assert.equal(await balance(db, CLEARING), 60)
})

test('at any moment the balances are the naive sums of the transfers before it, on the right side, and cancel out', async () => {
  const { db } = slice.deps
  const accounts = [
    CLEARING,
    FUNDS,
    BANK,
    'wallet:u1:INR',
    'seller_payable:s1:INR',
    'refunds_owed:razorpay:INR',
    'write_offs:hundi:INR',
  ]
  const start = today() - 8 * DAY_MS
  const span = Date.now() - start
  const transfer = fc.record({
    debit: fc.constantFrom(...accounts),
    credit: fc.constantFrom(...accounts),
    amount: fc.integer({ min: 1, max: 1_000_000 }),
    // Often exactly at midnight, or a millisecond before.
    at: fc.oneof(
      fc.integer({ min: 0, max: span }),
      fc.integer({ min: 0, max: 7 }).map((days) => days * DAY_MS),
      fc.integer({ min: 1, max: 7 }).map((days) => days * DAY_MS - 1),
    ),
  })
  const moment = fc.oneof(
    fc.integer({ min: 0, max: span + DAY_MS }),
    fc.integer({ min: 0, max: 8 }).map((days) => days * DAY_MS),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(transfer, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 9 }),
      fc.array(moment, { minLength: 4, maxLength: 4 }),
      async (drawn, daysClosed, moments) => {
        await db.alone.run('empty', sql`truncate ledger_transfers, ledger_accounts, ledger_day_totals`)
        await db.alone.run('empty', sql`update ledger_closing set totalled_until = 'epoch', closed_until = 'epoch'`)
        const transfers = drawn.filter(({ debit, credit }) => debit !== credit)
        for (const each of transfers)
          await postAt(new Date(start + each.at), movement(each.debit, each.credit, each.amount))
        // Any number of the days may have been closed by now.
        slice.clock.aheadMs = start + daysClosed * DAY_MS + HOUR_MS - Date.now()
        await closeAll()
        slice.clock.aheadMs = 0

        for (const at of [...moments.map((ms) => new Date(start + ms)), null]) {
          const naive = accounts
            .filter((id) => transfers.some(({ debit, credit }) => debit === id || credit === id))
            .sort()
            .map((id) => {
              const before = transfers.filter((each) => at === null || start + each.at < at.getTime())
              const sum = (side: 'debit' | 'credit') =>
                before.filter((each) => each[side] === id).reduce((total, each) => total + each.amount, 0)
              const [debits, credits] = [sum('debit'), sum('credit')]
              const kind = id.split(':')[0] as keyof typeof NORMAL_SIDES
              const balance = NORMAL_SIDES[kind] === 'debit' ? debits - credits : credits - debits
              return { id, debits, credits, balance }
            })
          const found = await listBalances(db, { at, kind: null, after: '' }, 100)
          assert.deepEqual(
            found.map(({ id, debits, credits, balance }) => ({ id, debits, credits, balance })),
            naive,
          )
          assert.equal(
            found.reduce((sum, each) => sum + each.debits - each.credits, 0),
            0,
          )
          const one = naive[0]
          if (one !== undefined) assert.equal(await balance(db, one.id, at), one.balance)
        }
        await assertTotalsRight(db)
      },
    ),
    { numRuns: 25 },
  )
})
