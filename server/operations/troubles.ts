/**
 * What a process notices of itself is told to the others through the database: how often it was slow, and how often the
 * database did not serve it. Told when the database serves again, and only when there is something to tell.
 */
import type { Deps } from '../platform/deps.ts'
import type { Pass } from '../platform/passes.ts'
import { insertTrouble } from './watch-queries.ts'

const EVERY_MS = 15_000

const TOLD = [
  { kind: 'slow_request', counter: 'hundi_slow_requests_total', label: 'route' },
  { kind: 'database', counter: 'hundi_outages_total', label: 'where' },
] as const

/** Every process runs this one by itself, whatever its role. */
export function troublePass(deps: Deps): Pass {
  const told = new Map<string, number>()
  return {
    name: 'operations.troubles',
    intervalMs: EVERY_MS,
    async runOnce() {
      for (const { kind, counter, label } of TOLD) {
        for (const [place, counted] of await deps.ports.metrics.counted(counter, label)) {
          const count = counted - (told.get(`${kind} ${place}`) ?? 0)
          if (count <= 0) continue
          const id = deps.ports.ids.uuid()
          await insertTrouble(deps.db.alone, { id, kind, place, count, noticedAt: deps.ports.clock.now() })
          told.set(`${kind} ${place}`, counted)
        }
      }
      return 0
    },
  }
}
