/** Raising and ending alerts, and what an operator does with them. */
import type { Alert } from '../../shared/contract/operations.ts'
import { raiseAlert, resolveAlert } from '../platform/alerts.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError } from '../platform/errors.ts'
import type { Pass } from '../platform/passes.ts'
import { endTurn, takeTurn } from '../platform/timetable.ts'
import { ENDINGS, RULES } from './alert-rules.ts'
import * as queries from './watch-queries.ts'
import type { AlertRow } from './watch-queries.ts'

const EVERY_MS = 30_000
/** Each question may take five seconds at worst. */
const LEASE_MS = 120_000
const PAGE = 24

/** Asks every rule, each half minute, in one of however many workers there are. */
export function alertPass(deps: Deps): Pass {
  return {
    name: 'operations.alerts',
    intervalMs: EVERY_MS / 2,
    async runOnce() {
      const now = deps.ports.clock.now()
      const turn = await takeTurn(deps.db.alone, 'alerts', now, now, new Date(now.getTime() + LEASE_MS))
      if (turn === undefined) return 0
      await evaluateAlerts(deps)
      await endTurn(deps.db.alone, turn, new Date(now.getTime() + EVERY_MS))
      return 0
    },
  }
}

/** Raises what the rules find and ends what they find no longer. A rule that fails does not keep the others from asking. */
export async function evaluateAlerts(deps: Deps): Promise<void> {
  const now = deps.ports.clock.now()
  const open = await queries.listOpenAlerts(deps.db)
  for (const rule of RULES) {
    await quietly(deps, rule.kind, async () => {
      const found = await rule.find(deps.db, now)
      for (const finding of found) await raiseAlert(deps.db.alone, deps.ports, { kind: rule.kind, ...finding })
      const keys = new Set(found.map(({ key }) => key))
      for (const alert of open) {
        if (alert.kind === rule.kind && !keys.has(alert.key)) await end(deps, alert, now)
      }
    })
  }
  for (const rule of ENDINGS) {
    await quietly(deps, rule.kind, async () => {
      for (const alert of open) {
        if (alert.kind === rule.kind && (await rule.isOver(deps.db, alert, now))) await end(deps, alert, now)
      }
    })
  }
}

function end(deps: Deps, alert: AlertRow, now: Date): Promise<void> {
  return resolveAlert(deps.db.alone, alert.kind, alert.key, now)
}

async function quietly(deps: Deps, kind: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    deps.log.error({ err: error, rule: kind }, 'an alert rule could not be asked now')
  }
}

/** A page of alerts, the newest first. */
export async function listAlerts(deps: Deps, query: { limit?: number; cursor?: string; status?: string }) {
  const limit = query.limit ?? PAGE
  const [at, id] =
    query.cursor === undefined ? [] : (decodeCursor(query.cursor, ['integer', 'uuid']) as [number, string])
  const after = at === undefined || id === undefined ? undefined : { at: new Date(at), id }
  const found = await queries.listAlerts(deps.db, query.status !== 'resolved', after, limit + 1)
  const { rows, pagination } = cutPage(found, limit, (row) => [row.first_at.getTime(), row.id])
  return { alerts: rows.map(toAlert), pagination }
}

/**
 * Notes who has seen an alert, the first time somebody says so. It stays open until what it tells of is over.
 *
 * @throws not_found
 */
export async function acknowledgeAlert(deps: Deps, id: string, adminId: string): Promise<Alert> {
  const row = await queries.acknowledgeAlert(deps.db.alone, id, adminId, deps.ports.clock.now())
  if (row === undefined) throw new AppError('not_found', 'There is no such alert.')
  return toAlert(row)
}

function toAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    kind: row.kind,
    key: row.key,
    severity: row.severity,
    summary: row.summary,
    count: row.count,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
  }
}
