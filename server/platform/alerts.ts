/** Things an operator must know. One open row per kind and key, counted up, so that a flood is one line. */
import { sql, type Sql, type Tx } from './database.ts'
import type { Ports } from './ports.ts'

/** `page`: somebody should look now, at any hour. `warn`: somebody should look on the next working day. */
export type Severity = 'page' | 'warn'

export interface NewAlert {
  kind: string
  /** What it is about: a provider, a queue, a route. */
  key: string
  summary: string
  /** `warn` when it is not said. */
  severity?: Severity
  /** How often it was seen; once when it is not said. */
  count?: number
}

/** Opens the alert, or notes that it was seen again. */
export async function raiseAlert(tx: Tx, ports: Ports, alert: NewAlert): Promise<void> {
  await tx.run('alerts.raise', raising(ports, alert))
}

/** The same in a transaction whose statements nobody waits for: its commit tells. */
export function sendAlert(tx: Tx, ports: Ports, alert: NewAlert): void {
  tx.send('alerts.raise', raising(ports, alert))
}

function raising(ports: Ports, alert: NewAlert): Sql {
  const now = ports.clock.now()
  const { kind, key, summary, severity = 'warn', count = 1 } = alert
  return sql`insert into alerts as a (id, kind, key, summary, severity, count, first_at, last_at)
        values (${ports.ids.uuid()}, ${kind}, ${key}, ${summary}, ${severity}, ${count}, ${now}, ${now})
        on conflict (kind, key) where resolved_at is null
        do update set count = a.count + excluded.count, last_at = excluded.last_at, summary = excluded.summary,
          severity = excluded.severity`
}

/** Closes the open alert of this kind and key, if there is one. The next time it is raised, it is a new one. */
export async function resolveAlert(tx: Tx, kind: string, key: string, now: Date): Promise<void> {
  await tx.run(
    'alerts.resolve',
    sql`update alerts set resolved_at = ${now} where kind = ${kind} and key = ${key} and resolved_at is null`,
  )
}
