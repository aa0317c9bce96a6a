/**
 * The few doors to what a replay must control: time, timers, chance, ids and the outside network. Production passes
 * `systemPorts()`; a simulation passes its own, and so decides every outcome from one seed. The database connection is
 * the remaining port and lives in database.ts. Nothing outside platform/ reads a clock or draws a number by itself.
 */
import { randomBytes, randomInt, randomUUIDv7 } from 'node:crypto'
import { createMetrics, type Metrics } from './metrics.ts'
import { httpNetwork, type Network } from './network.ts'

export interface Clock {
  /** The wall clock, for business times. */
  now(): Date
  /** Milliseconds that never run backwards, for durations and deadlines. */
  monotonicMs(): number
}

export interface Timers {
  /** Resolves after `ms`; at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Ids {
  /** A UUIDv7: unique across processes, and each above the one before it in this process. */
  uuid(): string
  /** Text for people, drawn from an alphabet without look-alikes. */
  readable(length: number): string
}

export interface Random {
  /** A number in [0, 1), for jitter. */
  fraction(): number
  /** Unguessable bytes as base64url. */
  token(bytes: number): string
}

/**
 * Named places where a process can be stopped, delayed or killed: before and after each commit, each provider call,
 * each answer. Production has none, so `reach` costs nothing there.
 */
export interface Points {
  reach(point: string): Promise<void>
}

export interface Ports {
  clock: Clock
  timers: Timers
  ids: Ids
  random: Random
  network: Network
  /** Where figures are left. Nothing is decided by them. */
  metrics: Metrics
  points: Points | undefined
}

/** Crockford's base 32: no I, L, O or U, so that a number read over the telephone stays the same. */
const READABLE = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export function systemPorts(points: Points | undefined = undefined): Ports {
  return {
    clock: { now: () => new Date(), monotonicMs: () => performance.now() },
    timers: { sleep },
    ids: {
      uuid: risingUuids(),
      readable: (length) => Array.from({ length }, () => READABLE[randomInt(READABLE.length)]).join(''),
    },
    random: {
      fraction: () => randomInt(2 ** 32) / 2 ** 32,
      token: (bytes) => randomBytes(bytes).toString('base64url'),
    },
    network: httpNetwork(),
    metrics: createMetrics(),
    points,
  }
}

const MILLISECOND_ROOM = 0x1000

/**
 * UUIDv7 whose twelve bits after the time count up within a millisecond (RFC 9562, section 6.2, method 1), so that rows
 * written together can be listed in the order in which they were made.
 */
function risingUuids(): () => string {
  let last = 0
  return () => {
    const drawn = randomUUIDv7().replaceAll('-', '')
    // The counter begins in the lower half, to leave room above it.
    const fresh =
      Number.parseInt(drawn.slice(0, 12), 16) * MILLISECOND_ROOM + (Number.parseInt(drawn.slice(13, 16), 16) >> 1)
    last = Math.max(fresh, last + 1)
    const time = Math.floor(last / MILLISECOND_ROOM)
      .toString(16)
      .padStart(12, '0')
    const count = (last % MILLISECOND_ROOM).toString(16).padStart(3, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${drawn.slice(16, 20)}-${drawn.slice(20)}`
  }
}

/**
 * Points for crash tests: the process kills itself, as `kill -9` would, when it reaches the named point for the n-th
 * time. `spec` is `point` or `point#n`, as given in HUNDI_CRASH_AT.
 */
export function crashingPoints(spec: string): Points {
  const [wanted, times = '1'] = spec.split('#')
  let left = Number(times)
  return {
    async reach(point) {
      if (point !== wanted) return
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
    },
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
