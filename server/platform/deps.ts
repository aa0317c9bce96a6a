import type { Database } from './database.ts'
import type { Log } from './log.ts'
import type { Ports } from './ports.ts'
import type { RateLimiter } from './rate-limit.ts'

/** What every use case may need. Passed as the first argument; there is no global state. */
export interface Deps {
  db: Database
  ports: Ports
  log: Log
  limiter: RateLimiter
  /** IANA name: the days of figures and lists are days there. */
  timeZone: string
}
