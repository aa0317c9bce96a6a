/**
 * The inbox. An event is authenticated over its raw bytes, stored, and answered; only then is it processed, by the same
 * process if it has time, else by a worker. A crash at any moment leaves either nothing (and the provider sends again) or
 * a row that is due. Signatures that are not valid are counted and leave nothing behind.
 */
import { raiseAlert } from '../platform/alerts.ts'
import type { Database } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { forEachOf, type Pass } from '../platform/passes.ts'
import type { PaymentDeps } from './context.ts'
import type { PaymentProvider } from './provider.ts'
import { settle, whoseNews } from './settle.ts'
import * as inbox from './webhook-queries.ts'
import type { WebhookEventRow } from './webhook-queries.ts'

const BATCH = 50
const CONCURRENCY = 4
const LEASE_MS = 30_000
/** The receiving process has this long before a worker takes an event over. */
const GRACE_MS = 5_000
/** Events that wait in this process's memory; beyond that they are left to the workers, which read them from the table. */
const MOST_WAITING = 200
/** An event for a payment that we do not know yet waits for our own call to return, then for an order made elsewhere. */
const RETRY_AFTER_S = [1, 3, 10, 60, 300, 1_800, 7_200] as const

export interface Receiver {
  /**
   * Takes one delivery. Returns once the event is stored, also when it was stored before.
   *
   * @throws not_found for a provider that is not set up, signature_missing, invalid_signature
   */
  receive(provider: string, rawBody: Buffer, headers: Record<string, string | string[] | undefined>): Promise<void>
  /** Waits for what this process has begun. */
  idle(): Promise<void>
}

/**
 * @param store where deliveries are stored: a pool of its own, so that a flood of events and a rush of shoppers do not
 *   take each other's connections
 */
export function createReceiver(deps: PaymentDeps, store: Database): Receiver {
  const waiting: WebhookEventRow[] = []
  const lanes = new Set<Promise<void>>()

  async function lane(): Promise<void> {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) await processQuietly(deps, event)
  }

  return {
    async receive(providerName, rawBody, headers) {
      const provider = deps.providers.get(providerName)
      if (provider === undefined) throw new AppError('not_found', 'There is no such provider here.')
      const verdict = provider.authenticateWebhook(rawBody, headers)
      if (verdict.verdict !== 'signed') {
        await raiseAlert(store.alone, deps.ports, {
          kind: 'invalid_signature',
          key: `webhook:${providerName}`,
          summary: `Webhooks for ${providerName} arrive without a valid signature.`,
        })
        deps.log.warn({ provider: providerName, verdict: verdict.verdict }, 'webhook refused')
        throw verdict.verdict === 'missing'
          ? new AppError('signature_missing', 'The signature header is missing.')
          : new AppError('invalid_signature', 'The signature is not valid.')
      }
      const now = deps.ports.clock.now()
      await deps.ports.points?.reach('webhook:authenticated')
      const old = await oldNews({ ...deps, db: store }, provider, rawBody)
      const stored = await inbox.insertWebhookEvent(store.alone, {
        id: deps.ports.ids.uuid(),
        provider: providerName,
        eventId: verdict.eventId,
        type: typeOf(rawBody),
        rawBody,
        headers: keptHeaders(headers),
        doneForOrder: old,
        nextAttemptAt: old === undefined ? new Date(now.getTime() + GRACE_MS) : null,
        now,
      })
      await deps.ports.points?.reach('webhook:stored')
      if (stored === undefined || old !== undefined || waiting.length >= MOST_WAITING) return
      waiting.push(stored)
      if (lanes.size < CONCURRENCY) {
        const running: Promise<void> = lane().finally(() => lanes.delete(running))
        lanes.add(running)
      }
    },
    async idle() {
      while (lanes.size > 0) await Promise.all(lanes)
    },
  }
}

/**
 * The order that an event speaks of when it says nothing that we do not know: two of three events about each capture. It
 * is stored as done, and nothing has to come back for it. Whatever is not plainly old is left to the processing.
 */
async function oldNews(deps: PaymentDeps, provider: PaymentProvider, rawBody: Buffer): Promise<string | undefined> {
  try {
    const [first, ...rest] = provider.readWebhook(rawBody).facts
    const news = first === undefined ? undefined : await whoseNews(deps, [first, ...rest])
    return news?.old === true ? news.orderId : undefined
  } catch {
    // Unreadable, or the database is slow: storing comes first, and says so if it cannot be done either.
    return undefined
  }
}

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

/** Processing never fails the delivery: the event is stored, and what goes wrong is tried again or shown to a person. */
async function processQuietly(deps: PaymentDeps, event: WebhookEventRow): Promise<void> {
  try {
    await processEvent(deps, event)
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

async function processEvent(deps: PaymentDeps, event: WebhookEventRow): Promise<void> {
  const provider = deps.providers.get(event.provider)
  if (provider === undefined) return tryLater(deps, event, 'the provider is not set up', 'ignored')
  const { facts } = provider.readWebhook(event.raw_body)
  const [first, ...rest] = facts
  const now = deps.ports.clock.now()
  if (first === undefined) {
    return inbox.markDoneAlone(deps.db.alone, { id: event.id, status: 'ignored', orderId: null, error: null, now })
  }
  const bound = [first, ...rest].map((fact) => ({ ...fact, reference: event.event_id })) as [
    typeof first,
    ...typeof rest,
  ]
  const news = await whoseNews(deps, bound)
  if (news === undefined) return tryLater(deps, event, 'no payment of ours has this provider order', 'ignored')
  if (news.old) {
    return inbox.markDoneAlone(deps.db.alone, {
      id: event.id,
      status: 'processed',
      orderId: news.orderId,
      error: null,
      now,
    })
  }
  const settled = await settle(deps, deps.policy, bound, { webhookEventId: event.id }, news.orderId)
  if (settled === undefined) return tryLater(deps, event, 'no payment of ours has this provider order', 'ignored')
  if (settled.decisions.some((decision) => decision.kind === 'early')) {
    return tryLater(deps, event, 'it speaks of an attempt that is not known yet', 'failed')
  }
}

async function tryLater(
  deps: PaymentDeps,
  event: WebhookEventRow,
  reason: string,
  end: 'ignored' | 'failed',
): Promise<void> {
  const now = deps.ports.clock.now()
  const afterS = RETRY_AFTER_S[event.attempts]
  if (afterS !== undefined) {
    return inbox.retryEvent(deps.db.alone, event.id, new Date(now.getTime() + afterS * 1_000), reason)
  }
  await inbox.markDoneAlone(deps.db.alone, { id: event.id, status: end, orderId: null, error: reason, now })
  if (end === 'failed') {
    await raiseAlert(deps.db.alone, deps.ports, {
      kind: 'webhook_failed',
      key: event.id,
      summary: `A webhook event of ${event.provider} could not be processed: ${reason}`,
    })
  }
}

/** The event's name for the list, from bytes that are already known to be the provider's. */
function typeOf(rawBody: Buffer): string {
  try {
    const body: unknown = JSON.parse(rawBody.toString('utf8'))
    if (typeof body === 'object' && body !== null) {
      const named =
        'event' in body ? body.event : 'type' in body ? body.type : 'event_type' in body ? body.event_type : undefined
      if (typeof named === 'string') return named.slice(0, 100)
    }
  } catch {
    // Signed and not JSON: stored all the same, so that a person can see what came.
  }
  return 'unreadable'
}

/** Headers that tell where an event came from; cookies and credentials are not kept. */
function keptHeaders(headers: Record<string, string | string[] | undefined>): Record<string, unknown> {
  const dropped = new Set(['authorization', 'cookie', 'proxy-authorization'])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}
