/** Ports for tests: a clock that moves only when told, and receivers that answer as told. */
import type { OutgoingAnswer, OutgoingRequest, SandboxPorts } from './ports.ts'

export interface Delivered {
  at: number
  request: OutgoingRequest
}

export type Decide = (request: OutgoingRequest) => OutgoingAnswer | 'silence' | 'refused'

export interface SimulatedPorts extends SandboxPorts {
  /** Every POST so far. */
  delivered: Delivered[]
  /** What the receiver answers; 'silence' never answers, 'refused' is a connection that fails. */
  answer(decide: Decide): void
  /** Lets time pass, running what falls due on the way in order. */
  pass(ms: number): Promise<void>
}

const START = Date.UTC(2026, 0, 5, 10)

/** How often the event loop is given its turn so that answers of this moment are dealt with. */
const TURNS = 4

export function simulatedPorts(): SimulatedPorts {
  let now = START
  let timers: Array<{ dueAt: number; work: () => void }> = []
  let decide: Decide = accept
  const delivered: Delivered[] = []
  let seed = 1

  return {
    delivered,
    answer(next) {
      decide = next
    },
    now: () => now,
    after(ms, work) {
      const timer = { dueAt: now + Math.max(0, ms), work }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    // A small linear generator: the same ids in every run.
    randomBytes(size) {
      const bytes = Buffer.alloc(size)
      for (let at = 0; at < size; at++) {
        seed = (seed * 48_271) % 2_147_483_647
        bytes[at] = seed & 0xff
      }
      return bytes
    },
    send(request, signal) {
      delivered.push({ at: now, request })
      const answer = decide(request)
      if (answer === 'refused') return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
      if (answer !== 'silence') return Promise.resolve(answer)
      const { promise, reject } = Promise.withResolvers<OutgoingAnswer>()
      signal.addEventListener('abort', () => reject(new Error('aborted')))
      return promise
    },
    async pass(ms) {
      const until = now + ms
      await settle()
      for (;;) {
        const next = timers.filter((timer) => timer.dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.dueAt)
        next.work()
        await settle()
      }
      now = until
    },
  }
}

function accept(): OutgoingAnswer {
  return { status: 200, body: 'ok' }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
