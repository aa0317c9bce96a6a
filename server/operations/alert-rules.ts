/**
 * When somebody must hear of something. Each rule is a question that costs little, however much is stored. What it finds
 * is raised, and what it finds no longer is resolved by itself. Each is told to Prometheus too, in
 * ops/prometheus-rules.yml, and explained in docs/operations.md.
 */
import { listNumbers } from '../orders/queries.ts'
import { FAILURES_WINDOW_MS, listNeeding, OVERDUE_MS } from '../payments/attention.ts'
import type { Severity } from '../platform/alerts.ts'
import type { Db } from '../platform/database.ts'
import * as queries from './watch-queries.ts'
import type { AlertRow } from './watch-queries.ts'

export interface Finding {
  key: string
  summary: string
  severity: Severity
}

export interface AlertRule {
  kind: string
  find(db: Db, now: Date): Promise<Finding[]>
}

/** For alerts that are raised where something happens: whether one of them has had its time. */
export interface EndingRule {
  kind: string
  isOver(db: Db, alert: AlertRow, now: Date): Promise<boolean>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const ago = (now: Date, ms: number) => new Date(now.getTime() - ms)

/** Of the payments tried in half an hour: fewer than these say nothing about the rest. */
const FAILURES = { windowMs: FAILURES_WINDOW_MS, leastTried: 20, warnAbove: 0.05, pageAbove: 0.3 }
const NUMBERS_TOLD = 5
const TROUBLE = { windowMs: 5 * MINUTE_MS, least: 5 }
const SLOW = { windowMs: 10 * MINUTE_MS, least: 3 }
/** Captures that are younger may be told of in the next moment. */
const SILENCE = { windowMs: HOUR_MS, youngMs: 5 * MINUTE_MS, leastCaptured: 3 }
const REVIEW_OVERDUE_MS = 24 * HOUR_MS
const QUIET_MS = 30 * MINUTE_MS
/** As long as a new admin is no second person. */
const REST_MS = 24 * HOUR_MS
/** A day, and the time that a check takes. */
const UNCHECKED_MS = 26 * HOUR_MS

export const RULES: readonly AlertRule[] = [
  {
    kind: 'payment_failures',
    async find(db, now) {
      const rows = await queries.triedPayments(db, ago(now, FAILURES.windowMs))
      return rows
        .filter(({ tried, failed }) => tried >= FAILURES.leastTried && failed > tried * FAILURES.warnAbove)
        .map(({ provider, tried, failed }) => ({
          key: provider,
          severity: failed > tried * FAILURES.pageAbove ? 'page' : 'warn',
          summary: `${failed} of ${tried} payments with ${provider} in half an hour only failed.`,
        }))
    },
  },
  {
    kind: 'paid_not_confirmed',
    async find(db, now) {
      const ids = await listNeeding(db, { needs: 'confirmation' }, now)
      const numbers = [...(await listNumbers(db, ids.slice(0, NUMBERS_TOLD))).values()].sort()
      const count = ids.length
      const which = `${numbers.join(', ')}${count > numbers.length ? ', …' : ''}`
      const summary = `${count} orders wait although their money is here or was promised ten minutes ago: ${which}.`
      return count === 0 ? [] : [{ key: 'orders', severity: 'page', summary }]
    },
  },
  {
    kind: 'database_trouble',
    async find(db, now) {
      const found = await queries.troubles(db, ago(now, TROUBLE.windowMs))
      const places = found.filter(({ kind }) => kind === 'database')
      const count = places.reduce((sum, place) => sum + place.count, 0)
      const summary = `The database did not serve ${count} requests or passes in five minutes: ${places.map(({ place }) => place).join(', ')}.`
      return count < TROUBLE.least ? [] : [{ key: 'database', severity: 'page', summary }]
    },
  },
  {
    kind: 'slow_api',
    async find(db, now) {
      const found = await queries.troubles(db, ago(now, SLOW.windowMs))
      return found
        .filter(({ kind, count }) => kind === 'slow_request' && count >= SLOW.least)
        .map(({ place, count }) => ({
          key: place,
          severity: 'warn',
          summary: `${place} took more than five seconds ${count} times in ten minutes.`,
        }))
    },
  },
  {
    kind: 'queue_lag',
    async find(db, now) {
      const found = await queries.queues(db, now)
      return found.flatMap(({ queue, due, oldest }) => {
        const lateMs = oldest === null ? 0 : now.getTime() - oldest.getTime()
        if (lateMs <= OVERDUE_MS) return []
        const minutes = Math.round(lateMs / MINUTE_MS)
        const summary = `Work on ${queue} is ${minutes} minutes late; ${due} due. Is a worker running?`
        return [{ key: queue, severity: 'page', summary }]
      })
    },
  },
  {
    kind: 'webhook_silence',
    async find(db, now) {
      const rows = await queries.silentProviders(db, ago(now, SILENCE.windowMs), ago(now, SILENCE.youngMs))
      return rows
        .filter(({ captured }) => captured >= SILENCE.leastCaptured)
        .map(({ provider, captured }) => ({
          key: provider,
          severity: 'warn',
          summary: `${provider} took ${captured} payments in an hour and told us of none. Is the webhook still enabled there?`,
        }))
    },
  },
  {
    kind: 'review_overdue',
    async find(db, now) {
      const { overdue } = await queries.reviewFigures(db, ago(now, REVIEW_OVERDUE_MS))
      const summary = `${overdue} questions have waited for a person for more than a day.`
      return overdue === 0 ? [] : [{ key: 'review', severity: 'warn', summary }]
    },
  },
  {
    kind: 'check_missing',
    async find(db, now) {
      const at = await queries.lastCheckedAt(db)
      if (at === null || at >= ago(now, UNCHECKED_MS)) return []
      const summary = `Nobody has asked since ${at.toISOString()} whether the books are right.`
      return [{ key: 'books', severity: 'warn', summary }]
    },
  },
]

export const ENDINGS: readonly EndingRule[] = [
  {
    kind: 'invalid_signature',
    isOver: async (_db, alert, now) => alert.last_at < ago(now, QUIET_MS),
  },
  {
    kind: 'provider_unreachable',
    isOver: (db, alert) => queries.hasAnswered(db, alert.key, alert.last_at),
  },
  {
    kind: 'reconciliation_mismatch',
    isOver: async (db, alert) => (await queries.openDifferences(db, alert.key)) === 0,
  },
  {
    kind: 'reconciliation_failed',
    isOver: (db, alert) => queries.hasReconciled(db, alert.key, alert.last_at),
  },
  {
    kind: 'reconciliation_missing',
    isOver: (db, alert) => queries.hasReconciled(db, alert.key, alert.last_at),
  },
  ...(['admin_made', 'password_set'] as const).map((kind) => ({
    kind,
    // Somebody has looked at it; and whoever did it cannot make it go away before another admin could see it.
    isOver: async (_db: Db, alert: AlertRow, now: Date) =>
      alert.acknowledged_at !== null && alert.last_at < ago(now, REST_MS),
  })),
  ...(['webhook_failed', 'unknown_status'] as const).map((kind) => ({
    kind,
    // An event may be processed after all by a replay, which ends its alert; else somebody must have looked at it.
    isOver: async (_db: Db, alert: AlertRow) => alert.acknowledged_at !== null,
  })),
]
