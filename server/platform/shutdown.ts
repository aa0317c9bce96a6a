/**
 * Stopping in order. What takes in work is stopped before what does it, and what both stand on comes last: steps run
 * in the order in which they were added, one after the other. A step that fails or takes too long does not keep the
 * later ones from their turn, and the whole has an end: an orchestrator would kill us anyhow, and everything that was
 * answered is in the database by then.
 */
import type { EventEmitter } from 'node:events'
import type { Log } from './log.ts'

/** Common orchestrators kill after 30 s. */
const WHOLE_MS = 25_000
/** Ctrl-C reaches us from the terminal, from npm and from the launcher: within this time it is one and the same. */
const SAME_SIGNAL_MS = 1_000
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

export type Shutdown = {
  /** Adds a step to the end of the order. A step that is added while we stop has its turn as well. */
  add(name: string, stop: () => void | Promise<void>): void
  /**
   * Runs all steps once, whoever asks first; later callers wait for the same end. Never rejects.
   *
   * @returns the exit code: 0 when every step was done in time, else 1
   */
  stop(reason: string): Promise<number>
  /** Stops because of something without which the process is of no use; it ends with exit code 1. */
  fail(error: unknown): void
  /** Lets signals and unheard errors of the process stop it, with exit code 0 or 1 for signals, always 1 for errors. */
  listen(): void
}

type Process = EventEmitter & Pick<NodeJS.Process, 'exit'>

export type ShutdownOptions = {
  log: Pick<Log, 'info' | 'error' | 'fatal'>
  wholeMs?: number
  process?: Process
}

/** Makes the one shutdown of a process. */
export function createShutdown({ log, wholeMs = WHOLE_MS, process: target = process }: ShutdownOptions): Shutdown {
  const steps: { name: string; run: () => void | Promise<void> }[] = []
  let stopping: Promise<number> | undefined
  let startedAt = 0

  async function runSteps(reason: string): Promise<number> {
    startedAt = performance.now()
    log.info({ reason }, 'stopping')
    const deadline = startedAt + wholeMs
    let code = 0
    for (const { name, run } of steps) {
      const failure = await attempt(run, Math.max(0, deadline - performance.now()))
      if (failure === undefined) continue
      code = 1
      log.error({ step: name, err: failure }, 'a step of stopping failed')
    }
    log.info({ ms: Math.round(performance.now() - startedAt), code }, 'stopped')
    return code
  }

  function stop(reason: string): Promise<number> {
    stopping ??= runSteps(reason)
    return stopping
  }

  function onSignal(signal: string): void {
    if (stopping && performance.now() - startedAt > SAME_SIGNAL_MS) {
      log.error({ signal }, 'stopping was asked for again: leaving at once')
      target.exit(1)
    }
    void stop(signal).then((code) => target.exit(code))
  }

  /** After an error that nobody caught the state of this process is unknown: it stops taking work and ends. */
  function onUnheard(error: unknown): void {
    endWith(error, 'an error that nobody caught')
  }

  function endWith(error: unknown, reason: string): void {
    log.fatal({ err: error }, reason)
    void stop(reason).then(() => target.exit(1))
  }

  return {
    add: (name, run) => void steps.push({ name, run }),
    stop,
    fail: (error) => endWith(error, error instanceof Error ? error.message : String(error)),
    listen() {
      for (const signal of SIGNALS) target.on(signal, () => onSignal(signal))
      target.on('uncaughtException', onUnheard)
      target.on('unhandledRejection', onUnheard)
    },
  }
}

/** Gives what went wrong, or undefined. */
async function attempt(run: () => void | Promise<void>, withinMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`not done after ${Math.round(withinMs)} ms`)), withinMs)
  })
  try {
    return await Promise.race([Promise.resolve().then(run), late])
  } catch (error) {
    return error
  } finally {
    clearTimeout(timer)
  }
}
