/**
 * One HTTP call to the API: adds what every call needs, reads the envelope, and turns every way of not succeeding into
 * an ApiError. It never retries; who may repeat a call is decided by the caller, who knows whether repeating is safe.
 */
import { ApiError } from './api-error.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type QueryValue = string | number | boolean | undefined

export type RequestOptions = {
  query?: Readonly<Record<string, QueryValue>>
  body?: unknown
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal
  /** After this long the call ends with `timeout`. */
  timeoutMs?: number
}

/** A success of the API: what stands in `data`, with the page the list is on where there is one. */
export type Answer = {
  data: unknown
  pagination: unknown
  /** The answer of an earlier request with the same key: true then, and as old as that request. */
  isReplay: boolean
}

export type Transport = {
  /** A call that answers with the API's envelope. */
  request(method: Method, path: string, options?: RequestOptions): Promise<Answer>
  /** A call that answers with plain JSON, such as the routes of the auth library. */
  plain(method: Method, path: string, options?: RequestOptions): Promise<unknown>
  /** A call that answers with a file. */
  file(path: string, options?: RequestOptions): Promise<Blob>
}

export type TransportConfig = {
  /** Where the API is, without a slash at the end; empty for the page's own origin. */
  baseUrl?: string
  fetch?: typeof globalThis.fetch
  /** Headers of every call, such as `Authorization` of a program that has no cookies. */
  headers?: Readonly<Record<string, string>>
  /** The limit of calls that name none of their own; 20 s when left out. */
  timeoutMs?: number
}

/** Longer than the server's own limit for a provider call, so that its answer arrives before we give up on it. */
const DEFAULT_TIMEOUT_MS = 20_000

export function createTransport(config: TransportConfig = {}): Transport {
  const { baseUrl = '', headers: common = {} } = config

  async function send(method: Method, path: string, options: RequestOptions): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', ...common, ...options.headers }
    if (options.body !== undefined) headers['content-type'] = 'application/json'
    const timeout = AbortSignal.timeout(options.timeoutMs ?? config.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    const fetch = config.fetch ?? globalThis.fetch
    try {
      return await fetch(`${baseUrl}${path}${queryString(options.query)}`, {
        method,
        headers,
        credentials: baseUrl === '' ? 'same-origin' : 'include',
        cache: 'no-store',
        signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      })
    } catch (cause) {
      if (options.signal?.aborted) throw cause
      if (timeout.aborted) {
        throw new ApiError({ code: 'timeout', status: 0, message: 'No answer in time.', cause })
      }
      throw new ApiError({ code: 'network', status: 0, message: 'No connection to the shop.', cause })
    }
  }

  return {
    async request(method, path, options = {}) {
      const response = await send(method, path, options)
      const body = fields(await json(response))
      if (body?.['success'] === true && response.ok) {
        const isReplay = response.headers.get('idempotency-replayed') === 'true'
        return { data: body['data'], pagination: body['pagination'], isReplay }
      }
      const error = fields(body?.['error'])
      if (!error) throw unreadable(response)
      throw new ApiError({
        code: text(error['code']) ?? 'unreadable',
        status: response.status,
        message: text(error['message']) ?? response.statusText,
        details: error['details'],
        requestId: text(error['requestId']) ?? null,
        retryAfterMs: retryAfterMs(response),
      })
    },

    async plain(method, path, options = {}) {
      const response = await send(method, path, options)
      const body = await json(response)
      if (response.ok) return body
      const inner = fields(fields(body)?.['error']) ?? fields(body) ?? {}
      throw new ApiError({
        code: text(inner['code']) ?? (response.status === 429 ? 'rate_limited' : 'unreadable'),
        status: response.status,
        message: text(inner['message']) ?? response.statusText,
        retryAfterMs: retryAfterMs(response),
      })
    },

    async file(path, options = {}) {
      const response = await send('GET', path, { ...options, headers: { accept: '*/*', ...options.headers } })
      if (response.ok) return response.blob()
      const error = fields(fields(await json(response))?.['error'])
      throw new ApiError({
        code: text(error?.['code']) ?? 'unreadable',
        status: response.status,
        message: text(error?.['message']) ?? response.statusText,
      })
    },
  }
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (cause) {
    // A proxy's error page, or a body that broke off: nothing is known about what the server did.
    throw unreadable(response, cause)
  }
}

function unreadable(response: Response, cause?: unknown): ApiError {
  return new ApiError({
    code: 'unreadable',
    status: response.status,
    message: `The shop answered with something unexpected (HTTP ${response.status}).`,
    retryAfterMs: retryAfterMs(response),
    cause,
  })
}

/** Reads `Retry-After` in seconds; a date there is not used by this API and is passed over. */
function retryAfterMs(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
}

/** A query as the end of an address, without what is undefined or empty. */
export function queryString(query: RequestOptions['query']): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const encoded = search.toString()
  return encoded === '' ? '' : `?${encoded}`
}

function fields(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
