/** Things an operator must know. One open row per kind and key, counted up, so that a flood is one line. */
import { sql, type Tx } from './database.ts'
import type { Ports } from './ports.ts'

export async function raiseAlert(
  tx: Tx,
  ports: Ports,
  alert: { kind: string; key: string; summary: string },
): Promise<void> {
  const now = ports.clock.now()
  await tx.run(
    'alerts.raise',
    sql`insert into alerts as a (id, kind, key, summary, first_at, last_at)
        values (${ports.ids.uuid()}, ${alert.kind}, ${alert.key}, ${alert.summary}, ${now}, ${now})
        on conflict (kind, key) where resolved_at is null
        do update set count = a.count + 1, last_at = excluded.last_at, summary = excluded.summary`,
  )
}
