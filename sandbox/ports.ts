/**
 * The only doors to the world outside the simulator: clock, timers, randomness and outgoing HTTP. Production passes
 * the real ones; a test passes its own and then decides when time moves and whether a receiver answers.
 */
import { randomBytes } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'

/** One webhook as it leaves: the body is sent byte for byte. */
export interface OutgoingRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** What the receiver answered; `body` is cut to its first kilobyte, which is enough to read an error. */
export interface OutgoingAnswer {
  status: number
  body: string
}

export interface SandboxPorts {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `work` after `ms` milliseconds; the result cancels it. */
  after(ms: number, work: () => void): () => void
  randomBytes(size: number): Buffer
  /** Sends one POST and resolves with the answer; rejects when there is none. Aborting `signal` ends it. */
  send(request: OutgoingRequest, signal: AbortSignal): Promise<OutgoingAnswer>
}

const ANSWER_KEPT_BYTES = 1024

/** Enough sockets that one slow receiver does not hold up a burst, few enough not to flood it. */
const SOCKETS_PER_RECEIVER = 64

/** The ports of production. */
export function realPorts(): SandboxPorts {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: SOCKETS_PER_RECEIVER }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: SOCKETS_PER_RECEIVER }),
  }
  return {
    now: () => Date.now(),
    after(ms, work) {
      // Longer delays overflow to 1 ms in Node; the caller's clock check makes an early wake-up harmless.
      const timer = setTimeout(work, Math.min(Math.max(ms, 0), 2 ** 31 - 1))
      timer.unref()
      return () => clearTimeout(timer)
    },
    randomBytes: (size) => randomBytes(size),
    send(request, signal) {
      const protocol = new URL(request.url).protocol
      if (protocol !== 'http:' && protocol !== 'https:') return Promise.reject(new Error(`cannot send to ${protocol}`))
      return post(request, signal, agents[protocol], true)
    },
  }
}

/**
 * A kept-alive connection can be closed by the receiver in the moment it is used again. That says nothing about the
 * receiver, so such a request is sent once more on a fresh connection before it counts as a failure.
 */
function post(
  request: OutgoingRequest,
  signal: AbortSignal,
  agent: http.Agent,
  mayRepeat: boolean,
): Promise<OutgoingAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<OutgoingAnswer>()
  const url = new URL(request.url)
  const send = url.protocol === 'https:' ? https.request : http.request
  const outgoing = send(
    url,
    {
      method: 'POST',
      agent,
      signal,
      headers: { ...request.headers, 'content-length': String(Buffer.byteLength(request.body)) },
    },
    (response) => {
      const kept: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        if (size < ANSWER_KEPT_BYTES) kept.push(chunk)
        size += chunk.length
      })
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(kept).subarray(0, ANSWER_KEPT_BYTES).toString('utf8')
        resolve({ status: response.statusCode ?? 0, body })
      })
    },
  )
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    const staleSocket = outgoing.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted
    if (mayRepeat && staleSocket) post(request, signal, agent, false).then(resolve, reject)
    else reject(error)
  })
  outgoing.end(request.body)
  return promise
}
