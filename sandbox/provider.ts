/** What the sandbox asks of each simulated provider; one folder and one path prefix each. */
import type { FastifyInstance } from 'fastify'

export interface SimulatedProvider {
  /** The path prefix, without a slash. */
  name: string
  /** Its secrets as `GET /_sandbox/keys` shows them. */
  keys(): Record<string, string>
  /** Registers its API, its shopper's window and its control API on a scope that has the prefix. */
  register(scope: FastifyInstance): void
  /** Takes up webhooks and plans that were waiting when the process ended. */
  resume(): void
  /** Forgets everything but keys and configured receivers. */
  reset(): void
  close(): void
}
