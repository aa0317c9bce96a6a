/**
 * Every call to a provider goes through `callProvider`: never while a transaction is open, never past an open circuit,
 * each with named points around it, and each leaving a record of what was asked and what was said.
 */
import { assertNoTransaction } from '../../platform/database.ts'
import type { Ports } from '../../platform/ports.ts'
import type { NewProviderCall } from './call-queries.ts'
import type { Reply } from './provider.ts'

export interface CallSubject {
  provider: string
  operation: string
  orderId: string | null
  paymentId: string | null
  refundId?: string | null
  /** What is asked, without secrets. */
  request: Record<string, unknown>
}

export interface Called<T> {
  reply: Reply<T>
  /** To be written by whoever records the outcome, in the same transaction. */
  record: NewProviderCall
  /** With this call the provider counts as unreachable: somebody should hear of it. */
  openedCircuit: boolean
}

export interface Breaker {
  allows(provider: string): boolean
  /** Whether it answered when it was last asked. */
  isClosed(provider: string): boolean
  /** Providers that nobody asks now: their circuits are open, and it is not yet time to find out whether it is over. */
  resting(): string[]
  /** @returns true when this makes the circuit open */
  report(provider: string, answered: boolean): boolean
}

/** Five unanswered calls in a row are an outage; one call every ten seconds then finds out whether it is over. */
const FAILURES_TO_OPEN = 5
const OPEN_MS = 10_000

/** One circuit per provider and process. While it is open, calls end `unknown` at once instead of waiting in line. */
export function createBreaker(ports: Ports): Breaker {
  const circuits = new Map<string, { failures: number; openUntilMs: number }>()
  ports.metrics.watch('hundi_circuit_open', () =>
    [...circuits].map(([provider, { failures }]) => ({
      labels: { provider },
      value: failures >= FAILURES_TO_OPEN ? 1 : 0,
    })),
  )
  return {
    allows(provider) {
      const circuit = circuits.get(provider)
      if (circuit === undefined || circuit.failures < FAILURES_TO_OPEN) return true
      const nowMs = ports.clock.monotonicMs()
      if (nowMs < circuit.openUntilMs) return false
      // This call is the probe; others keep waiting until it is answered or its turn has passed.
      circuit.openUntilMs = nowMs + OPEN_MS
      return true
    },
    isClosed(provider) {
      return (circuits.get(provider)?.failures ?? 0) < FAILURES_TO_OPEN
    },
    resting() {
      const nowMs = ports.clock.monotonicMs()
      return [...circuits].flatMap(([provider, { failures, openUntilMs }]) =>
        failures >= FAILURES_TO_OPEN && nowMs < openUntilMs ? provider : [],
      )
    },
    report(provider, answered) {
      if (answered) {
        circuits.set(provider, { failures: 0, openUntilMs: 0 })
        return false
      }
      const failures = (circuits.get(provider)?.failures ?? 0) + 1
      circuits.set(provider, { failures, openUntilMs: ports.clock.monotonicMs() + OPEN_MS })
      return failures === FAILURES_TO_OPEN
    },
  }
}

/**
 * @param tries how often the call may be made while it ends `unknown`; more than one only for calls that are harmless to
 *   repeat (reads, and writes that carry an idempotency key)
 */
export async function callProvider<T>(
  ports: Ports,
  breaker: Breaker,
  subject: CallSubject,
  call: () => Promise<Reply<T>>,
  tries = 1,
): Promise<Called<T>> {
  const point = `provider:${subject.provider}.${subject.operation}`
  assertNoTransaction(point)
  const startedAt = ports.clock.now()
  const startedMs = ports.clock.monotonicMs()
  let reply: Reply<T> = {
    outcome: 'unknown',
    message: 'circuit open after repeated failures',
    httpStatus: null,
    reply: null,
  }
  let openedCircuit = false
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    if (!breaker.allows(subject.provider)) break
    if (attempt > 1) await ports.timers.sleep(100 * 2 ** attempt * (0.5 + ports.random.fraction()))
    await ports.points?.reach(point)
    const askedMs = ports.clock.monotonicMs()
    reply = await call()
    countCall(ports, subject, reply.outcome, ports.clock.monotonicMs() - askedMs)
    await ports.points?.reach(`${point}:answered`)
    openedCircuit ||= breaker.report(subject.provider, reply.outcome !== 'unknown')
    if (reply.outcome !== 'unknown') break
  }
  return {
    reply,
    openedCircuit,
    record: {
      id: ports.ids.uuid(),
      orderId: subject.orderId,
      paymentId: subject.paymentId,
      refundId: subject.refundId ?? null,
      provider: subject.provider,
      operation: subject.operation,
      request: subject.request,
      outcome: reply.outcome,
      httpStatus: reply.httpStatus,
      reply: reply.outcome === 'unknown' ? { message: reply.message, body: reply.reply } : reply.reply,
      durationMs: Math.round(ports.clock.monotonicMs() - startedMs),
      createdAt: startedAt,
    },
  }
}

function countCall(ports: Ports, { provider, operation }: CallSubject, outcome: string, ms: number): void {
  ports.metrics.count('hundi_provider_calls_total', { provider, operation, outcome })
  ports.metrics.observe('hundi_provider_call_seconds', { provider, operation }, ms / 1_000)
}
