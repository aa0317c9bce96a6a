import type { SettlementLine } from '../payments/providers/provider.ts'
import { sql, type Db, type Tx } from '../platform/database.ts'

/** A line of the provider's report, and what of ours it is of. */
export interface BookedLine extends SettlementLine {
  orderId: string | null
  attemptId: string | null
  refundId: string | null
}

export interface StoredLine {
  entity_id: string
  amount: number
  debit: number
  credit: number
  fee: number
  tax: number
  currency: string
  settlement_id: string
}

export async function findSettlementLines(
  db: Db,
  provider: string,
  entityIds: readonly string[],
): Promise<Map<string, StoredLine>> {
  const rows = await db.many<StoredLine>(
    'settlement_lines.find',
    sql`select entity_id, amount, debit, credit, fee, tax, currency, settlement_id from settlement_lines
        where provider = ${provider} and entity_id = any(${[...entityIds]}::text[])`,
  )
  return new Map(rows.map((row) => [row.entity_id, row]))
}

/** Keeps lines, and the transfers that they belong to. A line that is there already fails the transaction. */
export function insertSettlementLines(
  tx: Tx,
  of: { provider: string; runId: string; now: Date; uuid: () => string },
  lines: readonly BookedLine[],
): void {
  if (lines.length === 0) return
  tx.send(
    'settlement_lines.insert',
    sql`with given as (
          select * from unnest(${lines.map(() => of.uuid())}::uuid[], ${lines.map((line) => line.entityId)}::text[],
            ${lines.map((line) => line.type)}::text[], ${lines.map((line) => line.amount)}::bigint[],
            ${lines.map((line) => line.debit)}::bigint[], ${lines.map((line) => line.credit)}::bigint[],
            ${lines.map((line) => line.fee)}::bigint[], ${lines.map((line) => line.tax)}::bigint[],
            ${lines.map((line) => line.currency)}::text[], ${lines.map((line) => line.settlementId)}::text[],
            ${lines.map((line) => line.utr)}::text[], ${lines.map((line) => line.settledAt)}::timestamptz[],
            ${lines.map((line) => line.providerPaymentId)}::text[], ${lines.map((line) => line.providerOrderId)}::text[],
            ${lines.map((line) => line.disputeId)}::text[], ${lines.map((line) => line.orderId)}::uuid[],
            ${lines.map((line) => line.attemptId)}::uuid[], ${lines.map((line) => line.refundId)}::uuid[])
          as line (id, entity_id, type, amount, debit, credit, fee, tax, currency, settlement_id, utr, settled_at,
            provider_payment_id, provider_order_id, dispute_id, order_id, attempt_id, refund_id)
        ), transfers as (
          insert into settlements (provider, settlement_id, currency, utr, settled_at)
          select distinct on (settlement_id) ${of.provider}, settlement_id, currency, utr, settled_at from given
          order by settlement_id, entity_id
          on conflict (provider, settlement_id) do nothing
        )
        insert into settlement_lines (provider, run_id, created_at, id, entity_id, type, amount, debit, credit, fee, tax,
          currency, settlement_id, utr, settled_at, provider_payment_id, provider_order_id, dispute_id, order_id, attempt_id,
          refund_id)
        select ${of.provider}, ${of.runId}::uuid, ${of.now}::timestamptz, * from given`,
  )
}

export interface UncheckedSettlement {
  settlement_id: string
  currency: string
  /** What its lines come to: credits less debits. */
  lines_amount: number
}

/** Transfers of a time whose amount was not asked for yet, or was another than that of their lines. */
export async function listUncheckedSettlements(
  db: Db,
  provider: string,
  settled: { from: Date; to: Date },
  limit: number,
): Promise<UncheckedSettlement[]> {
  return db.many(
    'settlements.unchecked',
    sql`select s.settlement_id, s.currency, (
          select coalesce(sum(l.credit - l.debit), 0)::bigint from settlement_lines l
          where l.provider = s.provider and l.settlement_id = s.settlement_id) as lines_amount
        from settlements s
        where s.provider = ${provider} and s.settled_at >= ${settled.from} and s.settled_at < ${settled.to}
          and (s.amount is null or s.amount <> s.lines_amount)
        order by s.settlement_id limit ${limit}`,
  )
}

export function updateSettlement(
  tx: Tx,
  provider: string,
  settlement: { settlementId: string; amount: number; linesAmount: number },
): void {
  tx.send(
    'settlements.update',
    sql`update settlements set amount = ${settlement.amount}, lines_amount = ${settlement.linesAmount}
        where provider = ${provider} and settlement_id = ${settlement.settlementId}`,
  )
}
