/**
 * The inbox. An event is authenticated over its raw bytes, stored, and answered; only then is it processed, by the same
 * process if it has time, else by a worker. A crash at any moment leaves either nothing (and the provider sends again) or
 * a row that is due. Deliveries without a valid signature are counted, and a small sample of them is kept.
 */
import { cleanLine } from '../../shared/text.ts'
import type { Database } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import type { PaymentDeps } from './context.ts'
import type { PaymentProvider } from './provider.ts'
import { whoseNews } from './settle.ts'
import * as inbox from './webhook-queries.ts'
import { parseBody } from './webhook-body.ts'
import { processQuietly } from './webhook-processing.ts'
import { createRejectionLog } from './webhook-rejections.ts'
import type { WebhookEventRow } from './webhook-queries.ts'

const CONCURRENCY = 4
/** The receiving process has this long before a worker takes an event over. */
const GRACE_MS = 5_000
/** Events that wait in this process's memory; beyond that they are left to the workers, which read them from the table. */
const MOST_WAITING = 200

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
  const noteRejection = createRejectionLog(deps, store)

  async function lane(): Promise<void> {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) await processQuietly(deps, event)
  }

  return {
    async receive(providerName, rawBody, headers) {
      const provider = deps.providers.get(providerName)
      if (provider === undefined) throw new AppError('not_found', 'There is no such provider here.')
      const verdict = provider.authenticateWebhook(rawBody, headers)
      if (verdict.verdict !== 'signed') {
        const refused = { provider: providerName, verdict: verdict.verdict, rawBody, headers: keptHeaders(headers) }
        await noteRejection(refused)
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
      const known = stored === undefined ? 'repeated' : old === undefined ? 'new' : 'old'
      deps.ports.metrics.count('hundi_webhooks_received_total', { provider: providerName, verdict: known })
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

/** The event's name for the list, from bytes that are already known to be the provider's. */
function typeOf(rawBody: Buffer): string {
  try {
    const body = parseBody(rawBody)
    if (typeof body === 'object' && body !== null) {
      const named =
        'event' in body ? body.event : 'type' in body ? body.type : 'event_type' in body ? body.event_type : undefined
      if (typeof named === 'string') return cleanLine(named).slice(0, 100) || 'unnamed'
    }
  } catch {
    // Signed and not JSON: stored all the same, so that a person can see what came.
  }
  return 'unreadable'
}

/**
 * What opens something for whoever sends it, by the header's name: sessions, guests' tokens, keys of proxies. A provider
 * sends none of these; a program of ours that was pointed at the wrong address does.
 */
const CREDENTIAL = /authorization|cookie|token|secret|password|session|api-?key/

/** Headers that tell where an event came from. Admins are shown them, so credentials are not among them. */
function keptHeaders(headers: Record<string, string | string[] | undefined>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIAL.test(name)))
}
