/**
 * Orders of which something is the matter with their money: each question is asked by a rule of alerts, which counts, and by
 * the list of orders, which shows the very same rows.
 */
import type { OrdersNeeding } from '../../shared/contract/orders.ts'
import type { Db } from '../platform/database.ts'
import * as queries from './order-queries.ts'

const MINUTE_MS = 60_000
/** Money that is here or was promised becomes a confirmed order within seconds; after this somebody must look. */
const UNCONFIRMED_MS = 10 * MINUTE_MS
/** Payments tried within so long tell how payments go now. */
export const FAILURES_WINDOW_MS = 30 * MINUTE_MS
/** Work that fell due is done within seconds, or it was put off; after this nobody does it. */
export const OVERDUE_MS = 5 * MINUTE_MS

export interface Needing {
  needs: OrdersNeeding
  /** Of one provider's payments. */
  provider?: string | undefined
  /** For what happened in a time: from its beginning to its end; the last half hour when not given. */
  since?: Date | undefined
  until?: Date | undefined
}

/** The orders, by their ids, at most as many as a list shows. */
export async function listNeeding(db: Db, { needs, provider, since, until }: Needing, now: Date): Promise<string[]> {
  const ago = (ms: number) => new Date(now.getTime() - ms)
  switch (needs) {
    case 'confirmation':
      return queries.listPaidNotConfirmed(db, ago(UNCONFIRMED_MS))
    case 'another_try':
      return queries.listOnlyFailed(db, provider, since ?? ago(FAILURES_WINDOW_MS), until ?? now)
    case 'payment_work':
      return queries.listOverduePayments(db, ago(OVERDUE_MS))
    case 'refund_work':
      return queries.listOverdueRefunds(db, ago(OVERDUE_MS))
  }
}
