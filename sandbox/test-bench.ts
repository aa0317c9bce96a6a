/** A running sandbox for tests, with the official Razorpay package pointed at it and short ways to the control API. */
import Razorpay from 'razorpay'
import type { Payment } from './razorpay/entities.ts'
import { type RunningSandbox, type SandboxOptions, startSandbox } from './sandbox.ts'
import { type SimulatedPorts, simulatedPorts } from './simulated-ports.ts'

/** The package's inner HTTP client, which its types do not show; headers can only be sent through it. */
export interface InnerClient {
  defaults: { baseURL?: string; timeout?: number }
  get(url: string, config?: object): Promise<{ status: number; data: Json }>
  post(url: string, body: unknown, config?: object): Promise<{ status: number; data: Json }>
  patch(url: string, body: unknown): Promise<{ status: number; data: Json }>
}

export type Json = Record<string, unknown>

export interface Bench {
  sandbox: RunningSandbox
  ports: SimulatedPorts
  razorpay: Razorpay
  http: InnerClient
  /** Calls the control API; `body` is sent as JSON by POST. */
  control(path: string, body?: unknown, method?: string): Promise<{ status: number; body: Json }>
  /** Makes an order (50000 INR) and gives its id. */
  order(fields?: Json): Promise<string>
  /** Plays an outcome and gives what the browser would have received. */
  pay(
    orderId: string,
    outcome: string,
    more?: Json,
  ): Promise<Json & { sandbox: { paymentId: string; paymentIds: string[] } }>
  payment(id: string): Promise<Payment>
  [Symbol.asyncDispose](): Promise<void>
}

export const RECEIVER = 'http://receiver.test/hook'

/** Starts a sandbox in memory on simulated time, with one webhook receiver. */
export async function bench(options: Partial<SandboxOptions> = {}): Promise<Bench> {
  const ports = simulatedPorts()
  const sandbox = await startSandbox({ dataDir: ':memory:', webhookUrls: { razorpay: RECEIVER }, ports, ...options })
  const { keyId, keySecret } = sandbox.keys.razorpay
  const razorpay = new Razorpay({ key_id: keyId, key_secret: keySecret })
  const http = (razorpay as unknown as { api: { rq: InnerClient } }).api.rq
  http.defaults.baseURL = `${sandbox.url}/razorpay`
  http.defaults.timeout = 60_000

  const control: Bench['control'] = async (path, body, method = body === undefined ? 'GET' : 'POST') => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${sandbox.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Json }
  }

  return {
    sandbox,
    ports,
    razorpay,
    http,
    control,
    async order(fields = {}) {
      const { data } = await http.post('/v1/orders', { amount: 50_000, currency: 'INR', ...fields })
      return String(data.id)
    },
    async pay(orderId, outcome, more = {}) {
      const { status, body } = await control('/razorpay/_sandbox/pay', { orderId, outcome, ...more })
      if (status !== 200) throw new Error(`pay answered ${status}: ${JSON.stringify(body)}`)
      return body as Awaited<ReturnType<Bench['pay']>>
    },
    async payment(id) {
      const { data } = await http.get(`/v1/payments/${id}`)
      return data as unknown as Payment
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  }
}

/** The provider's refusal as the package throws it: a plain object, not an Error. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ statusCode: number; code: unknown; description: unknown }> {
  try {
    await call
  } catch (thrown) {
    const { statusCode, error } = thrown as { statusCode: number; error: Json }
    return { statusCode, code: error.code, description: error.description }
  }
  throw new Error('the call was not refused')
}

/** The events that went to the receiver, in the order of arrival. */
export function eventTypes(ports: SimulatedPorts): string[] {
  return ports.delivered.map(({ request }) => JSON.parse(request.body).event as string)
}
