/**
 * S1: a worker is killed at every point of a reconciliation, in every phase, and another goes on; in the end the run says
 * what one that nobody killed would have said, and has settled, booked and asked everything once.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count, strayOrder } from '../buyer.ts'
import { JUST_NOW, PRICE, ROUNDS } from '../crash-trade.ts'
import { checkInvariants } from '../invariants.ts'
import { openMortalWorld, type MortalWorld } from '../mortal-world.ts'
import { Died } from '../mortal.ts'
import { providerBalances, questions } from '../reconciling.ts'

const DAY_MS = 86_400_000
const FEE = 490
const TAX = 88
const PASS = 'reconciliation.run'

let world: MortalWorld

beforeEach(async () => {
  world = await openMortalWorld()
})
afterEach(() => world.close())

/** Everything that a run can meet: an order whose capture nobody told us of, one that was refunded elsewhere, and money of nobody. */
async function prepared(): Promise<{ unknown: string }> {
  const { db } = world
  const { now } = await clock('GET', '')
  await world.pay(await world.place())
  const refunded = await world.place()
  const brought = await world.pay(refunded)
  await world.verifyAt(world.steady, refunded, brought)
  await world.control('POST', `/payments/${brought.razorpay_payment_id}/refund`, { amount: 10_000 })
  const unknown = await world.pay({ providerOrderId: await strayOrder(world.sandbox, PRICE) })
  // Nobody else asks about these payments.
  await db.alone.run(
    'test.quiet',
    sql`update payments set next_look_at = now() + interval '1 day' where next_look_at is not null`,
  )
  await clock('POST', '/advance', { ms: 5 * DAY_MS })
  await db.alone.run(
    'test.run',
    sql`insert into reconciliation_runs (id, provider, from_at, to_at, trigger, cursor_at, slice_s, next_step_at, started_at)
        select gen_random_uuid(), 'razorpay', at, at + interval '6 days', 'admin', at, 3600, now(), now()
        from (select to_timestamp(${Math.floor(now / 1_000) - 1}::float8) as at) as asked`,
  )
  return { unknown: unknown.razorpay_payment_id }
}

async function clock(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ now: number }> {
  const response = await fetch(`${world.sandbox.url}/_sandbox/clock${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return (await response.json()) as { now: number }
}

/** The claim of the dead lapses. */
async function lapse(): Promise<void> {
  await world.db.alone.run(
    'test.lapse',
    sql`update reconciliation_runs set next_step_at = ${JUST_NOW} where next_step_at > ${JUST_NOW}`,
  )
}

/** A worker that nobody kills makes what is left of the run. */
async function finish(): Promise<void> {
  await lapse()
  await world.steady.pass(PASS)
}

async function said() {
  const run = await world.db.one<{ status: string; error: string | null }>(
    'test.run',
    sql`select status, error from reconciliation_runs`,
  )
  const outcomes = await world.db.many<{ text: string }>(
    'test.outcomes',
    sql`select subject || ' ' || outcome || ' ' || count || ' ' || amount as text from reconciliation_outcomes order by 1`,
  )
  const lines = await world.db.many<{ text: string }>(
    'test.lines',
    sql`select subject || ' ' || outcome as text from reconciliation_lines order by 1`,
  )
  return { ...run, outcomes: outcomes.map(({ text }) => text), lines: lines.map(({ text }) => text) }
}

/** What a run says that nobody killed. */
const WHOLE = {
  status: 'completed',
  error: null,
  outcomes: [
    `payment healed 2 ${2 * PRICE}`,
    `payment unknown_here 1 ${PRICE}`,
    'refund matched 1 10000',
    `settlement booked 3 ${2 * PRICE + 10_000}`,
    `settlement unknown_here 1 ${PRICE}`,
  ],
  lines: ['payment healed', 'payment healed', 'payment unknown_here', 'settlement unknown_here'],
}

async function assertWhole({ unknown }: { unknown: string }): Promise<void> {
  const { db } = world
  assert.deepEqual(await said(), WHOLE)
  assert.deepEqual(await questions(db), [`unknown_payment ${unknown} ${PRICE}`])
  assert.deepEqual(await providerBalances(db), {
    bank: 3 * (PRICE - FEE - TAX) - 10_000,
    provider_fee_tax: 3 * TAX,
    provider_fees: 3 * FEE,
    suspense: -PRICE,
  })
  assert.equal(await count(db, sql`payment_attempts where captured_amount > 0`), 2)
  assert.equal(await count(db, sql`refunds where status = 'processed' and amount = 10000`), 1)
  assert.equal(await count(db, sql`settlement_lines`), 4)
  assert.deepEqual(await checkInvariants(db), [])
}

test('a run that nobody kills', async () => {
  const expected = await prepared()
  await finish()
  await assertWhole(expected)
})

const commitOf = (name: string) => [`tx:${name}:commit`, `tx:${name}:committed`]
const callOf = (operation: string) => [`provider:razorpay.${operation}`, `provider:razorpay.${operation}:answered`]

const POINTS = [
  'sql:reconciliation.claimDue',
  ...callOf('listPayments'),
  ...commitOf('reconcileIntent'),
  ...commitOf('settle'),
  ...callOf('fetchRefunds'),
  // Among payments, among refunds, and among the days of the settlement report.
  ...[2, 9, 16].flatMap((nth) => commitOf('reconcileStep').map((point) => `${point}#${nth}`)),
  ...callOf('listRefunds'),
  ...callOf('listSettlementLines'),
  ...callOf('fetchSettlement'),
]

for (const round of ROUNDS) {
  describe(`S1 killed while reconciling${round}`, () => {
    for (const point of POINTS) {
      test(point, async () => {
        const expected = await prepared()
        const worker = await world.start(point)
        await assert.rejects(worker.pass(PASS), Died)
        await world.buried(worker)
        await finish()
        await assertWhole(expected)
      })
    }
  })
}

/** Makes the next step at a worker that dies of it. Gives how many steps it has made, or undefined when it died before. */
async function stepAt(nth: number, deaths: string[]): Promise<number | undefined> {
  const worker = await world.start(nth)
  try {
    return await worker.doing(({ passes }) => passes.find(({ name }) => name === PASS)?.runOnce() ?? assert.fail())
  } catch (error) {
    assert.ok(error instanceof Died, String(error))
    deaths.push(error.message)
    return undefined
  } finally {
    await (worker.isDead ? world.buried(worker) : worker.end())
    await lapse()
  }
}

for (const round of ROUNDS) {
  test(`S1 each step of a reconciliation is killed at its 1st point, made again and killed at the 2nd, and so on${round}`, async () => {
    const expected = await prepared()
    const deaths: string[] = []
    try {
      // A step begins at its first point, and the run is over when there is none to make.
      for (let nth = 1; ; ) {
        const made = await stepAt(nth, deaths)
        if (made === 0) break
        nth = made === undefined ? nth + 1 : 1
      }
      await assertWhole(expected)
    } catch (error) {
      if (error instanceof Error) error.message += `\nkilled at ${deaths.join(', ')}`
      throw error
    }
    assert.ok(deaths.length > 100, `${deaths.length} deaths`)
  })
}
