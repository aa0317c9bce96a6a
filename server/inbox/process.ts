/**
 * What is done with events that are stored: read, settled, and ended; tried again when that cannot be done yet; and done
 * once more when a person asks for it. Whatever is done twice has one effect, because `settle` has.
 */
import type { PaymentDeps } from '../payments/context.ts'
import type { WebhookContent } from '../payments/providers/provider.ts'
import { settle, whoseNews } from '../payments/settle.ts'
import { raiseAlert, resolveAlert } from '../platform/alerts.ts'
import type { Tx } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { forEachOf, type Pass } from '../platform/passes.ts'
import * as inbox from './queries.ts'
import type { WebhookEventRow } from './queries.ts'

const BATCH = 50
const CONCURRENCY = 4
const LEASE_MS = 30_000
/** An event for a payment that we do not know yet waits for our own call to return, then for an order made elsewhere. */
const RETRY_AFTER_S = [1, 3, 10, 60, 300, 1_800, 7_200] as const

export function inboxPass(deps: PaymentDeps): Pass {
  return {
    name: 'webhooks.process',
    intervalMs: 1_000,
    async runOnce() {
      const now = deps.ports.clock.now()
      const due = await inbox.claimDueEvents(deps.db.alone, now, new Date(now.getTime() + LEASE_MS), BATCH)
      await forEachOf(due, CONCURRENCY, (event) => processQuietly(deps, event))
      return due.length
    },
  }
}

/** What was read of an event and found out about it when it came, so that neither is done twice. */
export interface Known {
  content: WebhookContent
  /** The order that it is about; undefined when we knew of none, which may be so no longer. */
  orderId: string | undefined
}

/** Processing never fails the delivery: the event is stored, and what goes wrong is tried again or shown to a person. */
export async function processQuietly(deps: PaymentDeps, event: WebhookEventRow, known?: Known): Promise<void> {
  try {
    await processEvent(deps, event, known)
  } catch (error) {
    deps.log.error(
      { err: error, webhookEventId: event.id, provider: event.provider },
      'a webhook event could not be processed now',
    )
    const reason = error instanceof Error ? error.message : String(error)
    await tryLater(deps, event, reason, 'failed').catch((second: unknown) => {
      deps.log.error(
        { err: second, webhookEventId: event.id },
        'the retry of a webhook event could not be planned; it is due again by itself',
      )
    })
  }
}

async function processEvent(deps: PaymentDeps, event: WebhookEventRow, known: Known | undefined): Promise<void> {
  const provider = deps.providers.get(event.provider)
  if (provider === undefined) return tryLater(deps, event, 'the provider is not set up', 'ignored')
  const { facts } = known?.content ?? provider.readEvent(event.raw_body)
  const [first, ...rest] = facts
  const now = deps.ports.clock.now()
  if (first === undefined) {
    await inbox.markDoneAlone(deps.db.alone, { id: event.id, status: 'ignored', orderId: null, error: null, now })
    return ended(deps, event, 'ignored')
  }
  const bound = [first, ...rest].map((fact) => ({ ...fact, reference: event.event_id })) as [
    typeof first,
    ...typeof rest,
  ]
  const news = known?.orderId === undefined ? await whoseNews(deps, bound) : { orderId: known.orderId, old: false }
  if (news === undefined) return tryLater(deps, event, 'no payment of ours has this provider order', 'ignored')
  if (news.old) {
    await inbox.markDoneAlone(deps.db.alone, {
      id: event.id,
      status: 'processed',
      orderId: news.orderId,
      error: null,
      now,
    })
    return ended(deps, event, 'processed')
  }
  const { orderId } = news
  const inSameTransaction = (tx: Tx) =>
    inbox.markDone(tx, { id: event.id, status: 'processed', orderId, error: null, now: deps.ports.clock.now() })
  const settled = await settle(deps, deps.policy, bound, { inSameTransaction }, orderId)
  if (settled === undefined) return tryLater(deps, event, 'no payment of ours has this provider order', 'ignored')
  if (settled.decisions.some((decision) => decision.kind === 'early')) {
    return tryLater(deps, event, 'it speaks of an attempt that is not known yet', 'failed')
  }
  ended(deps, event, 'processed')
}

function ended(deps: PaymentDeps, event: WebhookEventRow, outcome: 'processed' | 'ignored'): void {
  const { provider } = event
  const seconds = (deps.ports.clock.now().getTime() - event.received_at.getTime()) / 1_000
  deps.ports.metrics.count('hundi_webhooks_ended_total', { provider, outcome })
  deps.ports.metrics.observe('hundi_webhook_processing_seconds', { provider }, seconds)
}

async function tryLater(
  deps: PaymentDeps,
  event: WebhookEventRow,
  reason: string,
  end: 'ignored' | 'failed',
): Promise<void> {
  const now = deps.ports.clock.now()
  const afterS = RETRY_AFTER_S[event.attempts]
  const outcome = afterS === undefined ? end : 'retried'
  const history = { id: deps.ports.ids.uuid(), eventId: event.id, error: reason, actorId: null, now }
  deps.ports.metrics.count('hundi_webhooks_ended_total', { provider: event.provider, outcome })
  if (afterS !== undefined) {
    const next = new Date(now.getTime() + afterS * 1_000)
    return inbox.retryEvent(deps.db.alone, next, { ...history, outcome: 'retried' })
  }
  const given = await inbox.giveUpEvent(deps.db.alone, { ...history, outcome: end })
  if (given && end === 'failed') {
    await raiseAlert(deps.db.alone, deps.ports, {
      kind: 'webhook_failed',
      key: event.id,
      summary: `A webhook event of ${event.provider} could not be processed: ${reason}`,
    })
  }
}

/**
 * Processes a stored event once more, whatever became of it before, and notes who asked. Where it cannot be processed
 * now it is tried again like a new one.
 *
 * @throws not_found; invalid_transition when its body is not kept any more
 */
export async function replayEvent(deps: PaymentDeps, eventId: string, adminId: string): Promise<void> {
  const now = deps.ports.clock.now()
  const event = await inbox.reopenEvent(deps.db.alone, new Date(now.getTime() + LEASE_MS), {
    id: deps.ports.ids.uuid(),
    eventId,
    outcome: 'replayed',
    error: null,
    actorId: adminId,
    now,
  })
  if (event === undefined) {
    if (await inbox.isKnown(deps.db, eventId)) {
      throw new AppError('invalid_transition', 'The body of this event is not kept any more.')
    }
    throw new AppError('not_found', 'There is no such event.')
  }
  deps.ports.metrics.count('hundi_webhooks_ended_total', { provider: event.provider, outcome: 'replayed' })
  await resolveAlert(deps.db.alone, 'webhook_failed', eventId, now)
  await processQuietly(deps, event)
}
