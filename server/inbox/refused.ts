/**
 * Deliveries that are refused, as a wrong secret makes them, or an attack. They are counted, and a few are kept to tell
 * the one from the other. What this writes is bounded, because anybody can send them.
 */
import { raiseAlert } from '../platform/alerts.ts'
import type { Database } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import * as archive from './archive-queries.ts'

export interface Rejection {
  provider: string
  verdict: 'missing' | 'invalid'
  rawBody: Buffer
  headers: Record<string, unknown>
}

/** Of those that one process refuses of a provider in a minute, so many are written down; the rest are only counted. */
const WRITTEN_PER_MINUTE = 20
const MINUTE_MS = 60_000
const KEPT_PER_PROVIDER = 50
const KEPT_BYTES = 4_096
const KEPT_HEADERS = 40
const KEPT_HEADER_LENGTH = 300

/** @param store where they are written; a failure there changes nothing for whoever sent the delivery */
export function createRejectionLog(deps: Deps, store: Database): (rejection: Rejection) => Promise<void> {
  const minutes = new Map<string, { sinceMs: number; written: number; unwritten: number }>()

  return async ({ provider, verdict, rawBody, headers }) => {
    deps.ports.metrics.count('hundi_webhooks_received_total', { provider, verdict })
    const nowMs = deps.ports.clock.monotonicMs()
    const known = minutes.get(provider)
    const minute =
      known !== undefined && nowMs - known.sinceMs < MINUTE_MS
        ? known
        : { sinceMs: nowMs, written: 0, unwritten: known?.unwritten ?? 0 }
    minutes.set(provider, minute)
    if (minute.written >= WRITTEN_PER_MINUTE) {
      minute.unwritten += 1
      return
    }
    const count = 1 + minute.unwritten
    minute.written += 1
    minute.unwritten = 0
    deps.log.warn({ provider, verdict, count }, 'webhooks refused')
    try {
      await raiseAlert(store.alone, deps.ports, {
        kind: 'invalid_signature',
        key: `webhook:${provider}`,
        summary: `Webhooks for ${provider} arrive without a valid signature.`,
        count,
      })
      await archive.insertRejection(
        store.alone,
        {
          id: deps.ports.ids.uuid(),
          provider,
          verdict,
          headers: boundedHeaders(headers),
          bodyStart: rawBody.subarray(0, KEPT_BYTES),
          receivedAt: deps.ports.clock.now(),
        },
        KEPT_PER_PROVIDER,
      )
    } catch (error) {
      minute.unwritten += count
      deps.log.warn({ err: error, provider }, 'a refused webhook could not be noted')
    }
  }
}

function boundedHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers)
      .slice(0, KEPT_HEADERS)
      .map(([name, value]) => [name, String(value).slice(0, KEPT_HEADER_LENGTH)]),
  )
}
