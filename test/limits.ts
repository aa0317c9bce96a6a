/**
 * Limits of time that a test can change while it runs: short for the one answer that never comes, long for all others. A
 * busy machine must not look like a dead one.
 */
import type pg from 'pg'
import type { Network } from '../server/platform/network.ts'

/** Makes how long an answer of the database may stay out a question that is asked anew for each statement. */
export function limitAnswers(pool: pg.Pool, limitMs: () => number): void {
  pool.on('connect', (client) => {
    const { connectionParameters } = client as unknown as { connectionParameters: object }
    Object.defineProperty(connectionParameters, 'query_timeout', { get: limitMs })
  })
}

/** The network with another limit than the one that its callers name. */
export function limitCalls(network: Network, limitMs: () => number): Network {
  return { request: (request) => network.request({ ...request, timeoutMs: limitMs() }) }
}
