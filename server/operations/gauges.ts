/** Figures that are read from the database when somebody asks for the metrics; all workers together, not this process. */
import { listNeeding } from '../payments/attention.ts'
import type { Deps } from '../platform/deps.ts'
import type { GaugeName } from '../platform/metric-names.ts'
import * as queries from './watch-queries.ts'

/** Several scrapers, or an eager one, cost the database no more than this. */
const KEPT_MS = 10_000
const DAY_MS = 86_400_000

type Figures = Awaited<ReturnType<typeof read>>

/** @param providers of which events may come */
export function watchDatabase(deps: Deps, providers: readonly string[]): void {
  let kept: { figures: Promise<Figures>; atMs: number } | undefined
  const figures = (): Promise<Figures> => {
    const nowMs = deps.ports.clock.monotonicMs()
    if (kept === undefined || nowMs - kept.atMs > KEPT_MS) kept = { figures: read(deps, providers), atMs: nowMs }
    return kept.figures
  }
  const { metrics, clock } = deps.ports
  const since = (at: Date | null | undefined) =>
    at == null ? 0 : Math.max(0, (clock.now().getTime() - at.getTime()) / 1_000)
  const plain = (name: GaugeName & PlainGauge, value: (all: Figures) => number | undefined) =>
    metrics.watch(name, async () => {
      const found = value(await figures())
      return found === undefined ? [] : [{ labels: {}, value: found }]
    })

  metrics.watch('hundi_database_up', async () => [
    {
      labels: {},
      value: await figures().then(
        () => 1,
        () => 0,
      ),
    },
  ])
  metrics.watch('hundi_queue_depth', async () =>
    (await figures()).queues.map(({ queue, due }) => ({ labels: { queue }, value: due })),
  )
  metrics.watch('hundi_queue_overdue_seconds', async () =>
    (await figures()).queues.map(({ queue, oldest }) => ({ labels: { queue }, value: since(oldest) })),
  )
  metrics.watch('hundi_alerts_open', async () => {
    const counts = new Map<string, { labels: { kind: string; severity: string }; value: number }>()
    for (const { kind, severity } of (await figures()).alerts) {
      const reading = counts.get(`${kind} ${severity}`) ?? { labels: { kind, severity }, value: 0 }
      counts.set(`${kind} ${severity}`, { ...reading, value: reading.value + 1 })
    }
    return [...counts.values()]
  })
  metrics.watch('hundi_webhook_last_seconds', async () => {
    const { events } = await figures()
    return providers.map((provider) => {
      const at = events.find((event) => event.provider === provider)?.at
      return { labels: { provider }, value: at === undefined ? DAY_MS / 1_000 : since(at) }
    })
  })
  plain('hundi_paid_not_confirmed', (all) => all.unconfirmed.length)
  plain('hundi_review_items_open', (all) => all.reviews.open)
  plain('hundi_review_item_oldest_seconds', (all) => since(all.reviews.oldest))
  plain('hundi_check_violations', (all) => all.check?.violations)
  plain('hundi_check_age_seconds', (all) => (all.check === undefined ? undefined : since(all.check.started_at)))
}

type PlainGauge =
  | 'hundi_paid_not_confirmed'
  | 'hundi_review_items_open'
  | 'hundi_review_item_oldest_seconds'
  | 'hundi_check_violations'
  | 'hundi_check_age_seconds'

async function read(deps: Deps, providers: readonly string[]) {
  const now = deps.ports.clock.now()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  // On one connection, so that a scrape takes no more than one from shoppers.
  const [due, unconfirmed, reviews, alerts, check, events] = await deps.db.together((reads) =>
    Promise.all([
      queries.queues(reads, now),
      listNeeding(reads, { needs: 'confirmation' }, now),
      queries.reviewFigures(reads, ago(DAY_MS)),
      queries.listOpenAlerts(reads),
      queries.lastCheck(reads),
      queries.lastEvents(reads, providers, ago(DAY_MS)),
    ]),
  )
  return { queues: due, unconfirmed, reviews, alerts, check, events }
}
