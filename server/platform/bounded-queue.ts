/**
 * Costly work that only so much of may run at once in this process; the rest waits in line, and the line has an end.
 * Guarantees that a rush is answered, with work or with a refusal, and that no client alone fills the line. Does not count
 * across processes: what is protected is this one's processor.
 */
import { AppError } from './errors.ts'

export interface QueueLimits {
  atOnce: number
  waiting: number
  waitingPerClient: number
  /** What is said beyond: when to come back. */
  retryAfterS: number
}

export interface BoundedQueue {
  /**
   * Runs the work when its turn comes.
   *
   * @throws rate_limited (429, Retry-After) at once when the line is full, or full of this client
   */
  run<T>(client: string, work: () => Promise<T>): Promise<T>
}

export function createBoundedQueue(limits: QueueLimits): BoundedQueue {
  const line: { client: string; begin(): void }[] = []
  let running = 0

  function turn(client: string): Promise<void> | undefined {
    if (running < limits.atOnce) {
      running += 1
      return undefined
    }
    const own = line.filter((each) => each.client === client).length
    if (line.length >= limits.waiting || own >= limits.waitingPerClient) {
      const { retryAfterS } = limits
      throw new AppError('rate_limited', `Too many people ask for this now. Try again in ${retryAfterS} s.`, {
        retryAfterS,
      })
    }
    return new Promise((begin) => line.push({ client, begin }))
  }

  return {
    async run(client, work) {
      await turn(client)
      try {
        return await work()
      } finally {
        // The place is handed on rather than given up, so that nobody who comes now overtakes who waits.
        const next = line.shift()
        if (next === undefined) running -= 1
        else next.begin()
      }
    },
  }
}
