/**
 * Fixed-window rate limits, counted in PostgreSQL so that all processes count together. The client is the signed-in
 * user, else the network address, IPv6 by its /64 because one household has that many addresses.
 */
import type { FastifyRequest } from 'fastify'
import { sql, type Database, type Tx } from './database.ts'
import { AppError } from './errors.ts'

export interface RateLimiter {
  /**
   * Counts one request of `client` against `bucket` and throws `rate_limited` (429, Retry-After) beyond the limit.
   *
   * @param limit requests per minute; defaults to RATE_LIMIT_PER_MINUTE. 0 there switches every limit off.
   * @returns which one it is in its minute; 1 where limits are off
   */
  count(bucket: string, client: string, limit?: number): Promise<number>
}

const WINDOW_MS = 60_000

export function createRateLimiter(db: Database, perMinute: number): RateLimiter {
  return {
    async count(bucket, client, limit = perMinute) {
      if (perMinute === 0) return 1
      const now = db.ports.clock.now()
      const windowStart = new Date(Math.floor(now.getTime() / WINDOW_MS) * WINDOW_MS)
      const { count } = await db.one<{ count: number }>(
        'rate_limits.count',
        sql`insert into rate_limits as r (key, window_start, count) values (${`${bucket}:${client}`}, ${windowStart}, 1)
            on conflict (key) do update set
              count = case when r.window_start = excluded.window_start then r.count + 1 else 1 end,
              window_start = excluded.window_start
            returning count`,
      )
      if (count > limit) {
        const retryAfterS = Math.ceil((windowStart.getTime() + WINDOW_MS - now.getTime()) / 1000)
        throw new AppError('rate_limited', `Too many requests. Try again in ${retryAfterS} s.`, { retryAfterS })
      }
      return count
    },
  }
}

/** Forgets the counters of windows that began before this moment. */
export async function deletePastWindows(tx: Tx, before: Date): Promise<void> {
  await tx.run('rate_limits.deletePast', sql`delete from rate_limits where window_start < ${before}`)
}

/** The network address that a limit is counted on. */
export function addressOf(request: FastifyRequest): string {
  const address = request.ip
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const [head = '', tail = ''] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  // A proxy may write the same address in more than one way.
  const network = groups.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}
