import { sql, type Db, type Tx } from '../../platform/database.ts'

export type DecisionAction =
  | 'cancel'
  | 'mark_paid'
  | 'confirm'
  | 'refund'
  | 'refund_to_wallet'
  | 'paid_back_elsewhere'
  | 'write_off'

/** A row of `money_decisions`. Amounts in minor units. */
export interface DecisionRow {
  id: string
  action: DecisionAction
  order_id: string | null
  review_item_id: string | null
  payment_id: string | null
  amount: number
  currency: string
  reason: string
  reference: string | null
  /**
   * - `waiting`: for a second person.
   * - `made`: done; by one person alone when `decided_by` is null.
   * - `declined`: by a second person, or taken back by whoever asked.
   */
  status: 'waiting' | 'made' | 'declined'
  requested_by: string
  decided_by: string | null
  created_at: Date
  decided_at: Date | null
}

const DECISION_COLUMNS = sql`d.id, d.action, d.order_id, d.review_item_id, d.payment_id, d.amount, d.currency, d.reason,
  d.reference, d.status, d.requested_by, d.decided_by, d.created_at, d.decided_at`

/** Gives false, and writes nothing, when another one about the same thing waits already. */
export async function insertDecision(tx: Tx, row: DecisionRow): Promise<boolean> {
  const touched = await tx.run(
    'money_decisions.insert',
    sql`insert into money_decisions (id, action, order_id, review_item_id, payment_id, amount, currency, reason, reference,
          status, requested_by, decided_by, created_at, decided_at)
        values (${row.id}, ${row.action}, ${row.order_id}, ${row.review_item_id}, ${row.payment_id}, ${row.amount},
          ${row.currency}, ${row.reason}, ${row.reference}, ${row.status}, ${row.requested_by}, ${row.decided_by},
          ${row.created_at}, ${row.decided_at})
        on conflict do nothing`,
  )
  return touched === 1
}

export async function listDecisions(db: Db, ids: readonly string[]): Promise<DecisionRow[]> {
  if (ids.length === 0) return []
  return db.many(
    'money_decisions.list',
    sql`select ${DECISION_COLUMNS} from money_decisions d where d.id = any(${[...ids]}::uuid[])`,
  )
}

/** Decisions that wait for a second person, as answers to these questions. */
export async function listWaitingAnswers(db: Db, reviewItemIds: readonly string[]): Promise<DecisionRow[]> {
  if (reviewItemIds.length === 0) return []
  return db.many(
    'money_decisions.waitingAnswers',
    sql`select ${DECISION_COLUMNS} from money_decisions d
        where coalesce(d.review_item_id, d.order_id) = any(${[...reviewItemIds]}::uuid[])
          and d.review_item_id is not null and d.status = 'waiting'`,
  )
}

/** The decision about the same thing that waits already. */
export async function findWaiting(
  db: Db,
  of: Pick<DecisionRow, 'action' | 'order_id' | 'review_item_id'>,
): Promise<DecisionRow | undefined> {
  return db.maybeOne(
    'money_decisions.findWaiting',
    sql`select ${DECISION_COLUMNS} from money_decisions d
        where d.status = 'waiting' and coalesce(d.review_item_id, d.order_id) = ${of.review_item_id ?? of.order_id}
          and d.review_item_id is not distinct from ${of.review_item_id}::uuid
          and (d.review_item_id is not null or d.action = ${of.action})`,
  )
}

/** Ends a decision that waits. Gives false when it does not wait any more. */
export async function endDecision(
  tx: Tx,
  id: string,
  end: { status: 'made' | 'declined'; by: string; now: Date },
): Promise<boolean> {
  const touched = await tx.run(
    'money_decisions.end',
    sql`update money_decisions set status = ${end.status}, decided_by = ${end.by}, decided_at = ${end.now}
        where id = ${id} and status = 'waiting'`,
  )
  return touched === 1
}

/** What single persons have let go of an order alone, beside what refunds themselves tell. */
export async function sumDecidedAlone(db: Db, orderId: string): Promise<number> {
  const { sum } = await db.one<{ sum: number }>(
    'money_decisions.sumAlone',
    sql`select coalesce(sum(amount), 0)::bigint as sum from money_decisions
        where order_id = ${orderId} and status = 'made' and decided_by is null`,
  )
  return sum
}
