/** Listening for connections, and in one line why that cannot be. */
import { createServer } from 'node:net'
import type { App } from './http.ts'
import { StartError, systemCode } from './start-error.ts'

export interface Place {
  host: string
  port: number
  /** The one that says which port; HOST says where. */
  variable: 'PORT' | 'METRICS_PORT' | 'SANDBOX_PORT'
}

/**
 * Finds out whether `place` can be listened on, before anything was started: a second server that somebody starts by mistake
 * should say so and touch nothing.
 *
 * @throws StartError
 */
export function checkPlace(place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => reject(asStartError(error, place)))
    probe.listen({ host: place.host, port: place.port }, () => probe.close(() => resolve()))
  })
}

/** @throws StartError */
export async function listenAt(app: App, place: Place): Promise<void> {
  try {
    await app.listen({ host: place.host, port: place.port })
  } catch (error) {
    throw asStartError(error, place)
  }
}

function asStartError(error: unknown, { host, port, variable }: Place): unknown {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new StartError(`${variable} is ${port}, and another program listens there already (${host})`, error)
    case 'EACCES':
      return new StartError(`${variable} is ${port}, where this user may not listen: choose one above 1023`, error)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new StartError(`HOST is ${host}, which is no address of this machine`, error)
    default:
      return error
  }
}
