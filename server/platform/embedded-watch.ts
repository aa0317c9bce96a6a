/**
 * Keeps the embedded PostgreSQL running. Nobody else does: it has no supervisor of its own, and when its main process is
 * killed, by a person or for want of memory, every request would be refused for good. So it is started again, which
 * recovers all that was committed, and the pools connect anew by themselves. When that does not help, whoever keeps us is
 * told, so that the process can end and be started anew by its supervisor.
 */
import type { EmbeddedPostgres } from './embedded-postgres.ts'
import type { Log } from './log.ts'
import type { Ports } from './ports.ts'

export interface WatchOptions {
  log: Pick<Log, 'error' | 'warn'>
  ports: Pick<Ports, 'clock' | 'timers'>
  /** Told once that it is given up; nobody watches any more then. */
  onLost(error: Error): void
  /** How often it is looked at. */
  everyMs?: number
  /** The rest before the second try of a start, doubling with each. */
  restMs?: number
}

const EVERY_MS = 1_000
const REST_MS = 1_000
/** Some half a minute of tries. */
const TRIES = 6
/** One that ends more often than this will not be cured by one more start. */
const MOST_ENDS = 5
const WITHIN_MS = 10 * 60_000

/** @returns a watch that must be stopped before the server is */
export function keepRunning(server: EmbeddedPostgres, options: WatchOptions): { stop(): Promise<void> } {
  const { log, ports, onLost, everyMs = EVERY_MS, restMs = REST_MS } = options
  const stopping = new AbortController()
  const { signal } = stopping

  async function watch(): Promise<void> {
    const ends: number[] = []
    for (;;) {
      await ports.timers.sleep(everyMs, signal)
      if (signal.aborted) return
      if (server.isRunning()) continue
      const now = ports.clock.monotonicMs()
      ends.push(now)
      if (ends.filter((at) => now - at < WITHIN_MS).length > MOST_ENDS) {
        return onLost(
          new Error(`the embedded PostgreSQL ended ${ends.length} times: look at postgres.log beside its data`),
        )
      }
      log.error('the embedded PostgreSQL has ended and is started again')
      const failure = await restart()
      if (failure !== undefined) return onLost(failure)
    }
  }

  /** Gives why it cannot be started, after several tries; undefined when it runs, or when we are to stop. */
  async function restart(): Promise<Error | undefined> {
    const began = ports.clock.monotonicMs()
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        await server.restart()
        log.warn({ ms: Math.round(ports.clock.monotonicMs() - began) }, 'the embedded PostgreSQL runs again')
        return undefined
      } catch (error) {
        if (tries === TRIES) return new Error('the embedded PostgreSQL cannot be started again', { cause: error })
        log.error({ err: error, tries }, 'the embedded PostgreSQL could not be started again')
        await ports.timers.sleep(restMs * 2 ** (tries - 1), signal)
      }
    }
    return undefined
  }

  const watching = watch()
  return {
    async stop() {
      stopping.abort()
      await watching
    },
  }
}
