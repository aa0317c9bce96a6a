/**
 * The inbox. An event is authenticated over its raw bytes, stored, and answered; only then is it processed, by the same
 * process if it has time, else by a worker. A crash at any moment leaves either nothing (and the provider sends again) or
 * a row that is due. Deliveries without a valid signature are counted, and a small sample of them is kept.
 */
import { createHash } from 'node:crypto'
import { cleanLine } from '../../shared/text.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { UnreadableEvent, type Headers, type WebhookContent } from '../payments/providers/provider.ts'
import { whoseNews } from '../payments/settle.ts'
import type { Database } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { statementInGroup } from '../platform/groups.ts'
import { processQuietly, type Known } from './process.ts'
import * as inbox from './queries.ts'
import type { WebhookEventRow } from './queries.ts'
import { createRejectionLog } from './refused.ts'

const CONCURRENCY = 4
/** The receiving process has this long before a worker takes an event over. */
const GRACE_MS = 5_000
/** Events that wait in this process's memory; beyond that they are left to the workers, which read them from the table. */
const MOST_WAITING = 200

export interface Receiver {
  /**
   * Takes one delivery. Returns once the event is stored, also when it was stored before.
   *
   * @throws not_found for a provider that is not set up, signature_missing, invalid_signature, unavailable when
   *   what proves it could not be looked up
   */
  receive(provider: string, rawBody: Buffer, headers: Headers): Promise<void>
  /** Waits for what this process has begun. */
  idle(): Promise<void>
}

/**
 * @param store where deliveries are stored: a pool of its own, so that a flood of events and a rush of shoppers do not
 *   take each other's connections
 */
export function createReceiver(deps: PaymentDeps, store: Database): Receiver {
  const waiting: { event: WebhookEventRow; known: Known | undefined }[] = []
  const lanes = new Set<Promise<void>>()
  const noteRejection = createRejectionLog(deps, store)

  async function lane(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await processQuietly(deps, next.event, next.known)
    }
  }

  return {
    async receive(providerName, rawBody, headers) {
      const provider = deps.providers.get(providerName)
      if (provider === undefined) throw new AppError('not_found', 'There is no such provider here.')
      const now = deps.ports.clock.now()
      const reading = await provider.readWebhook(rawBody, headers, now)
      if (reading.verdict === 'unsure') throw cannotTell(deps, providerName, reading.why)
      if (reading.verdict !== 'signed') {
        const refused = { provider: providerName, verdict: reading.verdict, rawBody, headers: keptHeaders(headers) }
        await noteRejection(refused)
        throw reading.verdict === 'missing'
          ? new AppError('signature_missing', 'The signature header is missing.')
          : new AppError('invalid_signature', 'The signature is not valid.')
      }
      await deps.ports.points?.reach('webhook:authenticated')
      // Signed and not as documented: stored all the same, so that a person can see what came. Processing says why.
      const content = reading.content instanceof UnreadableEvent ? undefined : reading.content
      const news = await newsOf({ ...deps, db: store }, content)
      const old = news?.old === true ? news.orderId : undefined
      const event = {
        id: deps.ports.ids.uuid(),
        provider: providerName,
        eventId: reading.eventId,
        type: cleanLine(reading.content.type).slice(0, 100) || 'unnamed',
        rawBody,
        headers: keptHeaders(headers),
        doneForOrder: old,
        nextAttemptAt: old === undefined ? new Date(now.getTime() + GRACE_MS) : null,
        now,
      }
      const body = createHash('sha256').update(rawBody).digest('hex')
      const stored = await statementInGroup(
        store,
        { lane: 'inbox', name: 'storeWebhook', key: `${providerName} ${body}` },
        (tx) => inbox.insertWebhookEvent(tx, event),
      )
      await deps.ports.points?.reach('webhook:stored')
      const known = stored === undefined ? 'repeated' : old === undefined ? 'new' : 'old'
      deps.ports.metrics.count('hundi_webhooks_received_total', { provider: providerName, verdict: known })
      if (stored === undefined || old !== undefined || waiting.length >= MOST_WAITING) return
      waiting.push({ event: stored, known: content && { content, orderId: news?.orderId } })
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

/** Neither stored nor refused: the provider sends it again, and by then it can be checked. */
function cannotTell(deps: PaymentDeps, provider: string, why: string): AppError {
  deps.ports.metrics.count('hundi_webhooks_received_total', { provider, verdict: 'unsure' })
  deps.log.warn({ provider, why }, 'a webhook could not be checked now')
  return new AppError('unavailable', 'The signature cannot be checked now. Send it again.', { retryAfterS: 5 })
}

/**
 * The order that an event speaks of, and whether it says nothing that we do not know: two of three events about each
 * capture. Such a one is stored as done, and nothing has to come back for it. Whatever is not plainly old is left to the
 * processing.
 */
async function newsOf(deps: PaymentDeps, content: WebhookContent | undefined): ReturnType<typeof whoseNews> {
  const [first, ...rest] = content?.facts ?? []
  if (first === undefined) return undefined
  try {
    return await whoseNews(deps, [first, ...rest])
  } catch {
    // The database is slow: storing comes first, and says so if it cannot be done either.
    return undefined
  }
}

/**
 * What opens something for whoever sends it, by the header's name: sessions, guests' tokens, keys of proxies. A provider
 * sends none of these; a program of ours that was pointed at the wrong address does.
 */
const CREDENTIAL = /authorization|cookie|token|secret|password|session|api-?key/

/** Headers that tell where an event came from. Admins are shown them, so credentials are not among them. */
function keptHeaders(headers: Headers): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIAL.test(name)))
}
