/**
 * S1: a worker is killed at every point of what is done once a day: closing the books, asking them whether they are
 * right, and starting the comparison with the provider. Another does what is left, and each day has it once.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count } from '../buyer.ts'
import { JUST_NOW, paid } from '../crash-trade.ts'
import { checkInvariants } from '../invariants.ts'
import { openMortalWorld, walk, type MortalWorld, type Occasion } from '../mortal-world.ts'

const DAY_MS = 86_400_000

let world: MortalWorld
/** What the books were before any day was closed. */
let unclosed: { closed_until: Date; totalled_until: Date }

before(async () => {
  world = await openMortalWorld({ reconcileAt: { hour: 0, minute: 0 } })
  unclosed = await closing()
  // Money moves on each of the last three days.
  for (const days of [3, 2, 1]) {
    world.clock.aheadMs = -days * DAY_MS
    world.expected.set((await world.placeAndPay()).orderId, paid())
  }
  world.clock.aheadMs = 0
})
after(() => world.close())

function closing(): Promise<{ closed_until: Date; totalled_until: Date }> {
  return world.db.one('test.closing', sql`select closed_until, totalled_until from ledger_closing`)
}

function daily(pass: string, after: Occasion['after']): Occasion {
  return {
    die: (worker) => worker.pass(pass),
    async after(reached, died) {
      // Claims lapse; what was done is not due.
      await world.db.alone.run(
        'test.lapse',
        sql`update timetable set due_at = ${JUST_NOW} where name = 'check' and not exists (select from check_runs)`,
      )
      await world.steady.pass(pass)
      await after(reached, died)
    },
  }
}

let totals: unknown[] | undefined

async function closingDays(): Promise<Occasion> {
  const { db } = world
  await db.alone.run('test.unclose', sql`delete from ledger_day_totals`)
  await db.alone.run(
    'test.unclose',
    sql`update ledger_closing set closed_until = ${unclosed.closed_until}, totalled_until = ${unclosed.totalled_until}`,
  )
  return daily('ledger.close_days', async () => {
    const { closed_until, totalled_until } = await closing()
    assert.deepEqual(totalled_until, closed_until)
    assert.ok(closed_until > unclosed.closed_until)
    const now = await db.many('test.totals', sql`select * from ledger_day_totals order by day, account_id`)
    assert.ok(now.length > 3)
    totals ??= now
    assert.deepEqual(now, totals)
  })
}

async function startingComparison(): Promise<Occasion> {
  await world.db.alone.run('test.runs', sql`delete from reconciliation_runs`)
  return daily('reconciliation.schedule', async () => {
    assert.equal(await count(world.db, sql`reconciliation_runs where trigger = 'schedule'`), 1)
  })
}

async function askingTheBooks(): Promise<Occasion> {
  await world.db.alone.run('test.checks', sql`delete from check_runs`)
  await world.db.alone.run('test.checks', sql`update timetable set due_at = ${JUST_NOW} where name = 'check'`)
  return daily('operations.check', async () => {
    assert.deepEqual(await world.db.many('test.checks', sql`select trigger, ok from check_runs`), [
      { trigger: 'schedule', ok: true },
    ])
  })
}

walk('S1 killed while closing days', () => world, closingDays)
walk('S1 killed while starting the daily comparison', () => world, startingComparison)
walk('S1 killed while asking the books', () => world, askingTheBooks)

test('S1 the books are right', async () => assert.deepEqual(await checkInvariants(world.db), []))
