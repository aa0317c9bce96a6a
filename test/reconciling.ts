/** What tests of reconciliation do: they run one over the last hours, and read what it says in few words. */
import assert from 'node:assert/strict'
import { sql, type Db } from '../server/platform/database.ts'
import type { Pass } from '../server/platform/passes.ts'
import type { Shop } from './shop.ts'

/** Longer than lists may lag: what tests do now is old enough to be compared then. */
export const LATER_MS = 15 * 60_000
const HOURS_MS = 6 * 3_600_000

export interface Ran {
  id: string
  status: string
  error: string | null
  interruptions: number
  /** subject outcome count amount, sorted */
  outcomes: string[]
  /** subject outcome provider's id, our amount / theirs, and whether a person is asked; sorted */
  lines: string[]
}

type Admin = { authorization: string }

/** Starts a run over what happened in the last hours, as an admin does. */
export async function startRun(shop: Shop, admin: Admin, hoursMs = HOURS_MS): Promise<string> {
  if (shop.clock.aheadMs < LATER_MS) shop.clock.aheadMs = LATER_MS
  const now = Date.now() + shop.clock.aheadMs
  const answer = await shop.call('POST', '/api/admin/reconciliation/runs', {
    as: admin,
    body: { from: new Date(now - hoursMs).toISOString() },
  })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.data.run.id
}

export function passOf(shop: Shop, name: string): Pass {
  const pass = shop.passes.find((each) => each.name === name)
  assert.ok(pass !== undefined, name)
  return pass
}

/** Runs steps of reconciliation until none is due. */
export async function workThrough(shop: Shop): Promise<void> {
  const pass = passOf(shop, 'reconciliation.run')
  for (let steps = 0; (await pass.runOnce()) > 0; steps += 1) assert.ok(steps < 500, 'a run has an end')
}

/** Compares the last hours and says what came of it. */
export async function reconcile(shop: Shop, admin: Admin, hoursMs?: number): Promise<Ran> {
  const id = await startRun(shop, admin, hoursMs)
  await workThrough(shop)
  return ranAs(shop, admin, id)
}

export async function ranAs(shop: Shop, admin: Admin, id: string): Promise<Ran> {
  const { body } = await shop.call('GET', `/api/admin/reconciliation/runs/${id}`, { as: admin })
  const listed = await shop.call('GET', `/api/admin/reconciliation/runs/${id}/lines?limit=100`, { as: admin })
  const { status, error, interruptions, outcomes } = body.data.run
  return {
    id,
    status,
    error,
    interruptions,
    outcomes: (outcomes as { subject: string; outcome: string; currency: string; count: number; amount: number }[])
      .map((row) => `${row.subject} ${row.outcome} ${row.count} ${row.amount} ${row.currency}`)
      .sort(),
    lines: (
      listed.body.data.lines as {
        subject: string
        outcome: string
        providerRef: string
        ourAmount: number | null
        theirAmount: number | null
        reviewItemId: string | null
      }[]
    )
      .map(
        (line) =>
          `${line.subject} ${line.outcome} ${line.providerRef} ${line.ourAmount}/${line.theirAmount}` +
          (line.reviewItemId === null ? '' : ' asked'),
      )
      .sort(),
  }
}

/** Balances of the provider's accounts: debits less credits, those that are zero left out. */
export async function providerBalances(db: Db): Promise<Record<string, number>> {
  const rows = await db.many<{ account: string; balance: number }>(
    'test.balances',
    sql`select account, sum(amount)::bigint as balance from (
          select debit_account_id as account, amount from ledger_transfers
          union all select credit_account_id, -amount from ledger_transfers) moved
        where account ~ '^(provider_clearing|bank|provider_fees|provider_fee_tax|chargebacks|suspense):'
        group by account having sum(amount) <> 0 order by account`,
  )
  return Object.fromEntries(rows.map((row) => [row.account.split(':')[0], row.balance]))
}

/** kind summary-free cause of every review item, sorted. */
export async function questions(db: Db): Promise<string[]> {
  const rows = await db.many<{ text: string }>(
    'test.questions',
    sql`select kind || coalesce(' ' || provider_ref, '') || coalesce(' ' || amount, '') as text from review_items order by 1`,
  )
  return rows.map((row) => row.text)
}
