/**
 * The official SDK, sent through our network port.
 *
 * The SDK has no option for its host or a time-out, and hides network errors behind a TypeError of its own making. Its
 * HTTP client (axios) takes another transport, so ours is put in there: requests leave through the port with a deadline,
 * and a missing answer becomes `{ statusCode: 0 }` instead of a TypeError.
 * https://github.com/razorpay/razorpay-node (lib/api.js)
 */
import Razorpay from 'razorpay'
import type { Network } from '../../../platform/network.ts'

interface TransportConfig {
  method?: string
  url?: string
  headers: { toJSON(): Record<string, unknown> }
  auth?: { username: string; password: string }
  data?: string
}

interface TransportResponse {
  status: number
  statusText: string
  headers: Record<string, string>
  data: unknown
  config: TransportConfig
}

/** The axios instance inside the SDK's client, as far as we use it. */
interface InnerClient {
  defaults: { baseURL?: string; adapter?: (config: TransportConfig) => Promise<TransportResponse> }
  getUri(config: TransportConfig): string
  post<T>(url: string, body: unknown, config: { headers: Record<string, string> }): Promise<{ data: T }>
  get<T>(url: string, config: { params: Record<string, unknown> }): Promise<{ data: T }>
}

export interface RazorpayClient {
  sdk: Razorpay
  /** For the two things that the SDK's methods cannot send: a refund's idempotency header, and `expand[]`. */
  inner: InnerClient
}

export interface RazorpayClientOptions {
  keyId: string
  keySecret: string
  /** Without /v1. */
  baseUrl: string
  timeoutMs: number
}

export function createRazorpayClient(options: RazorpayClientOptions, network: Network): RazorpayClient {
  const sdk = new Razorpay({ key_id: options.keyId, key_secret: options.keySecret })
  const inner = (sdk as unknown as { api: { rq: InnerClient } }).api.rq
  inner.defaults.baseURL = options.baseUrl.replace(/\/+$/, '')
  inner.defaults.adapter = async (config) => {
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(config.headers.toJSON())) {
      if (value !== undefined && value !== null) headers[name] = String(value)
    }
    const { auth } = config
    if (auth !== undefined) {
      headers['Authorization'] = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
    }
    try {
      const answer = await network.request({
        method: (config.method ?? 'get').toUpperCase(),
        url: inner.getUri(config),
        headers,
        body: config.data,
        timeoutMs: options.timeoutMs,
      })
      const response = {
        status: answer.status,
        statusText: '',
        headers: answer.headers,
        data: readJson(answer.body),
        config,
      }
      if (answer.status >= 200 && answer.status < 300) return response
      throw new TransportFailure(response)
    } catch (error) {
      if (error instanceof TransportFailure) throw error
      const description = error instanceof Error ? error.message : String(error)
      throw new TransportFailure({
        status: 0,
        statusText: '',
        headers: {},
        data: { error: { code: 'NETWORK_ERROR', description } },
        config,
      })
    }
  }
  return { sdk, inner }
}

/** What the SDK expects of a failed request: an error with a response on it. */
class TransportFailure extends Error {
  readonly response: TransportResponse

  constructor(response: TransportResponse) {
    super(`HTTP ${response.status}`)
    this.response = response
  }
}

/** The text itself where it is no JSON, so that a proxy's HTML page stays visible in the record. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text.slice(0, 2_000)
  }
}
