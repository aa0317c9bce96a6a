/**
 * Background work. A pass looks for rows that are due and not done, and does a bounded batch of them. What is due is a
 * column of the row itself, set by the transaction that made it due, so no job can be lost, and running a pass twice, on
 * two machines, or after a day's pause does nothing that one run would not have done.
 *
 * A batch is claimed by moving the rows' due times ahead (`for update skip locked`): a worker that dies leaves rows that
 * fall due again. A claim is no lock: what is done to a row must be safe to do twice.
 */
import { asOutage } from './database.ts'
import type { Log } from './log.ts'
import type { Ports } from './ports.ts'

export interface Pass {
  name: string
  /** How long to rest when nothing was due. */
  intervalMs: number
  /** Does what is due, at most one batch. Gives how many rows it handled; a full batch is followed at once by another. */
  runOnce(): Promise<number>
}

export interface Worker {
  stop(): Promise<void>
}

/** After a failure the pass rests this long, doubling up to a minute, so that an outage is not made worse. */
const FIRST_REST_MS = 1_000
const LONGEST_REST_MS = 60_000

export function startPasses(passes: readonly Pass[], ports: Ports, log: Log): Worker {
  const stopping = new AbortController()
  const running = passes.map((pass) => loop(pass, ports, log, stopping.signal))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

async function loop(pass: Pass, ports: Ports, log: Log, stop: AbortSignal): Promise<void> {
  let restMs = FIRST_REST_MS
  while (!stop.aborted) {
    const startedMs = ports.clock.monotonicMs()
    try {
      const handled = await pass.runOnce()
      ports.metrics.observe('hundi_pass_seconds', { pass: pass.name }, (ports.clock.monotonicMs() - startedMs) / 1_000)
      restMs = FIRST_REST_MS
      if (handled === 0) await ports.timers.sleep(pass.intervalMs * (0.75 + ports.random.fraction() / 2), stop)
    } catch (error) {
      // An outage passes; what is due stays due. Anything else is a defect that somebody must see.
      const level = asOutage(error) === undefined ? 'error' : 'warn'
      ports.metrics.count('hundi_pass_failures_total', { pass: pass.name })
      if (level === 'warn') ports.metrics.count('hundi_outages_total', { where: pass.name })
      log[level]({ err: error, pass: pass.name }, 'a pass failed and will be run again')
      await ports.timers.sleep(restMs * (0.5 + ports.random.fraction()), stop)
      restMs = Math.min(restMs * 2, LONGEST_REST_MS)
    }
  }
}

/** Does `work` for each item, at most `atOnce` of them at a time, in their order. The first failure ends it. */
export async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane))
}

/** Runs every pass until none finds anything due, at most `rounds` times over; for tests and for catching up. */
export async function runPassesUntilIdle(passes: readonly Pass[], rounds = 50): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    let handled = 0
    for (const pass of passes) handled += await pass.runOnce()
    if (handled === 0) return
  }
}
