/**
 * The outgoing network: one function that sends a request and reads a bounded answer within a deadline. Provider SDKs
 * are pointed at it, so every byte that leaves for a provider passes here.
 */
import http from 'node:http'
import https from 'node:https'

export interface NetworkRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: string | Uint8Array | undefined
  /** The whole exchange, connecting included. */
  timeoutMs: number
}

export interface NetworkResponse {
  status: number
  headers: Record<string, string>
  body: string
}

export interface Network {
  /** Gives whatever the other side answered, of any status. Throws NetworkError when there is no whole answer. */
  request(request: NetworkRequest): Promise<NetworkResponse>
}

/** No whole answer came: refused, reset, timed out, or too long. The other side may or may not have acted. */
export class NetworkError extends Error {
  /** ECONNREFUSED, ECONNRESET, ETIMEDOUT, ERESPONSETOOLARGE … */
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'NetworkError'
    this.code = code
  }
}

/** Lists of a provider are at most 1,000 items of about 1 KiB; ten times that is certainly not an answer for us. */
const MAX_RESPONSE_BYTES = 10 * 1024 * 1024
const MAX_SOCKETS_PER_HOST = 64

/** The real network over node:http(s), with kept-alive connections. */
export function httpNetwork(): Network {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS_PER_HOST }
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) }

  return {
    request(input) {
      return new Promise((resolve, reject) => {
        const url = new URL(input.url)
        const secure = url.protocol === 'https:'
        const headers: Record<string, string> = { ...input.headers }
        if (input.body !== undefined) headers['content-length'] = String(Buffer.byteLength(input.body))
        const request = (secure ? https : http).request(url, {
          method: input.method,
          headers,
          agent: secure ? agents['https:'] : agents['http:'],
        })
        const fail = (code: string, message: string, cause?: unknown) => {
          clearTimeout(deadline)
          request.destroy()
          reject(new NetworkError(code, message, cause))
        }
        const deadline = setTimeout(() => fail('ETIMEDOUT', `no answer within ${input.timeoutMs} ms`), input.timeoutMs)
        request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ENETWORK', error.message, error))
        request.on('response', (response) => {
          const chunks: Buffer[] = []
          let size = 0
          response.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > MAX_RESPONSE_BYTES) return fail('ERESPONSETOOLARGE', `answer above ${MAX_RESPONSE_BYTES} bytes`)
            chunks.push(chunk)
          })
          response.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ECONNRESET', error.message, error))
          response.on('aborted', () => fail('ECONNRESET', 'the answer broke off'))
          response.on('end', () => {
            clearTimeout(deadline)
            if (!response.complete) return fail('ECONNRESET', 'the answer broke off')
            const flat: Record<string, string> = {}
            for (const [name, value] of Object.entries(response.headers)) {
              if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
            }
            resolve({ status: response.statusCode ?? 0, headers: flat, body: Buffer.concat(chunks).toString('utf8') })
          })
        })
        request.end(input.body)
      })
    },
  }
}
