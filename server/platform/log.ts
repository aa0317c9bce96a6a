import { pino, type Logger } from 'pino'

export type Log = Logger

/**
 * One line of JSON per entry. Paths that can hold a secret are removed whatever is passed in, as a second wall behind
 * not logging them at all.
 */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    redact: {
      paths: [
        'password',
        'token',
        'secret',
        'authorization',
        'cookie',
        'guestToken',
        '*.password',
        '*.token',
        '*.secret',
        '*.authorization',
        '*.cookie',
        '*.guestToken',
        // A refusal's details go to the client that it is for; the log is read by others.
        'err.details.guestToken',
        'headers.authorization',
        'headers.cookie',
        'req.headers.authorization',
        'req.headers.cookie',
      ],
      remove: true,
    },
  })
}
