import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { after, test } from 'node:test'
import { ApiError, fieldProblems, isRefusal } from './api-error.ts'
import { createHundiClient } from './api.ts'
import { withRetries } from './retry.ts'
import { memoryStorage } from './storage.ts'

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: unknown }
type Reply = (response: ServerResponse, seen: Seen) => void

const servers: { close(): void }[] = []
after(() => {
  for (const server of servers) server.close()
})

/** A server that gives these replies one after another, the last one for ever, and remembers what it was asked. */
async function shopThat(...replies: Reply[]): Promise<{ baseUrl: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString()
      const call: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: raw === '' ? undefined : (JSON.parse(raw) as unknown),
      }
      seen.push(call)
      replies[Math.min(seen.length, replies.length) - 1]?.(response, call)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push({
    close() {
      server.close()
      server.closeAllConnections()
    },
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { baseUrl: `http://127.0.0.1:${address.port}`, seen }
}

const answers =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const success = (data: unknown, pagination?: unknown) => answers(200, { success: true, data, pagination })
const failure = (status: number, code: string, details?: unknown, headers?: Record<string, string>) =>
  answers(status, { success: false, error: { code, message: `${code}.`, details, requestId: 'r-1' } }, headers)
const hangsUp: Reply = (response) => void response.destroy()

const order = { id: 'order-1', number: 'H-10482' }
const body = {
  items: [{ productId: 'p', quantity: 1 }],
  shippingAddress: {
    name: 'A',
    phone: '+919812345210',
    line1: 'L',
    city: 'C',
    state: 'S',
    postalCode: '411004',
    country: 'IN',
  },
  paymentMethod: 'online' as const,
}
const claim = { orderId: 'order-1', razorpayPaymentId: 'pay_1', razorpayOrderId: 'order_1', razorpaySignature: 's' }

/** Options that wait for nothing and note the waits. */
function noWaiting() {
  const waits: number[] = []
  return { waits, options: { wait: async (ms: number) => void waits.push(ms) } }
}

test('a list gives its items and the cursor of the next page, and leaves out what is undefined', async () => {
  const { baseUrl, seen } = await shopThat(success({ products: [{ id: 'p' }] }, { limit: 24, nextCursor: 'abc' }))
  const answer = await createHundiClient({ baseUrl }).listProducts({ search: 'pepper & co', category: undefined })
  assert.deepEqual(answer, { items: [{ id: 'p' }], nextCursor: 'abc' })
  assert.equal(seen[0]?.url, '/api/products?search=pepper+%26+co')
})

test('a refusal carries its code, status, details and request id', async () => {
  const details = { fields: [{ field: 'shippingAddress.postalCode', message: 'Six digits.' }, { nonsense: 1 }] }
  const { baseUrl } = await shopThat(failure(400, 'validation_failed', details))
  const error = await createHundiClient({ baseUrl })
    .quote({ items: [] })
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof ApiError)
  assert.deepEqual(
    [error.code, error.status, error.message, error.requestId],
    ['validation_failed', 400, 'validation_failed.', 'r-1'],
  )
  assert.ok(isRefusal(error))
  assert.deepEqual(fieldProblems(error), [{ field: 'shippingAddress.postalCode', message: 'Six digits.' }])
})

const errorPage: Reply = (response) =>
  void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway')
const silence: Reply = () => undefined

test('an answer that is not ours, a hang-up and a silence are no refusals', async () => {
  const cases: [Reply, string][] = [
    [errorPage, 'unreadable'],
    [answers(200, { success: 'perhaps' }), 'unreadable'],
    [hangsUp, 'network'],
    [silence, 'timeout'],
  ]
  for (const [reply, code] of cases) {
    const { baseUrl } = await shopThat(reply)
    const client = createHundiClient({ baseUrl, timeoutMs: code === 'timeout' ? 100 : 60_000 })
    const error = await client.listShops().catch((caught: unknown) => caught)
    assert.ok(error instanceof ApiError)
    assert.equal(error.code, code)
    assert.ok(!isRefusal(error), code)
  }
})

test('C6 placing an order with a key survives broken connections with the same key and body', async () => {
  const inProgress = failure(409, 'request_in_progress')
  const placed = answers(201, { success: true, data: { order, guestToken: 'secret' } })
  const { baseUrl, seen } = await shopThat(hangsUp, inProgress, placed)
  const { waits, options } = noWaiting()
  const client = createHundiClient({ baseUrl })
  const answer = await client.placeOrder(body, { idempotencyKey: 'key-1', ...options })
  assert.equal(answer.order.id, 'order-1')
  assert.deepEqual(waits, [1_000, 2_000])
  assert.deepEqual(
    seen.map(({ headers, body: sent }) => [headers['idempotency-key'], sent]),
    [
      ['key-1', body],
      ['key-1', body],
      ['key-1', body],
    ],
  )
})

test('placing an order without a key is never repeated', async () => {
  const { baseUrl, seen } = await shopThat(hangsUp)
  const error = await createHundiClient({ baseUrl })
    .placeOrder(body)
    .catch((caught: unknown) => caught)
  assert.equal((error as ApiError).code, 'network')
  assert.equal(seen.length, 1)
  assert.equal(seen[0]?.headers['idempotency-key'], undefined)
})

test('a refused order is not asked for again', async () => {
  for (const code of ['price_changed', 'out_of_stock', 'provider_unavailable', 'idempotency_key_reused']) {
    const { baseUrl, seen } = await shopThat(failure(409, code))
    const { waits, options } = noWaiting()
    const client = createHundiClient({ baseUrl })
    const error = await client.placeOrder(body, { idempotencyKey: 'k', ...options }).catch((caught: unknown) => caught)
    assert.equal((error as ApiError).code, code)
    assert.deepEqual([seen.length, waits], [1, []], code)
  }
})

test("a guest's token is kept and goes with every call about that order, and with no other", async () => {
  const storage = memoryStorage()
  const placing = await shopThat(answers(201, { success: true, data: { order, guestToken: 'secret' } }))
  await createHundiClient({ baseUrl: placing.baseUrl, storage }).placeOrder(body)
  const { baseUrl, seen } = await shopThat(success({ order, events: [] }))
  const later = createHundiClient({ baseUrl, storage })
  await later.getOrder('order-1')
  await later.listOrderEvents('order-1')
  await later.cancelOrder('order-1')
  await later.createPayment({ orderId: 'order-1' })
  await later.verifyPayment(claim)
  await later.getPaymentState('order-1')
  await later.getOrder('order-2')
  await later.listShops()
  assert.deepEqual(
    seen.map(({ headers }) => headers['x-guest-token']),
    [...Array<string>(6).fill('secret'), undefined, undefined],
  )
  assert.deepEqual(later.listGuestOrderIds(), ['order-1'])
})

test('a failed hand-off leaves an order that its guest can come back to', async () => {
  const { baseUrl } = await shopThat(
    failure(502, 'provider_unavailable', { orderId: 'order-9', guestToken: 'secret-9' }),
  )
  const client = createHundiClient({ baseUrl })
  await assert.rejects(client.placeOrder(body, { idempotencyKey: 'k' }), { code: 'provider_unavailable' })
  assert.deepEqual(client.listGuestOrderIds(), ['order-9'])
})

test('verify is told again over a broken network, with growing gaps, until it is answered', async () => {
  const verified = {
    orderId: 'order-1',
    status: 'paid',
    orderStatus: 'confirmed',
    paymentStatus: 'paid',
    isConfirmed: true,
  }
  const restarting = failure(503, 'unavailable')
  const { baseUrl, seen } = await shopThat(hangsUp, restarting, hangsUp, success(verified))
  const { waits, options } = noWaiting()
  const notices: [number, number, string][] = []
  const answer = await createHundiClient({ baseUrl }).verifyPayment(claim, {
    ...options,
    onRetry: ({ attempt, waitMs, error }) => notices.push([attempt, waitMs, error.code]),
  })
  assert.deepEqual(answer, verified)
  assert.deepEqual(waits, [1_000, 2_000, 4_000])
  assert.deepEqual(notices, [
    [1, 1_000, 'network'],
    [2, 2_000, 'unavailable'],
    [3, 4_000, 'network'],
  ])
  assert.deepEqual(
    seen.map(({ body: sent }) => sent),
    [claim, claim, claim, claim],
  )
})

test('verify stops at once when the signature is refused', async () => {
  const { baseUrl, seen } = await shopThat(failure(400, 'invalid_signature'))
  const { waits, options } = noWaiting()
  await assert.rejects(createHundiClient({ baseUrl }).verifyPayment(claim, options), { code: 'invalid_signature' })
  assert.deepEqual([seen.length, waits], [1, []])
})

const busy = (seconds: string) => failure(429, 'rate_limited', undefined, { 'retry-after': seconds })

test("a server's Retry-After is kept to, within a limit", async () => {
  const { baseUrl } = await shopThat(busy('7'), busy('86400'), busy('0'), success({ ok: true }))
  const { waits, options } = noWaiting()
  await createHundiClient({ baseUrl }).verifyPayment(claim, options)
  assert.deepEqual(waits, [7_000, 60_000, 4_000])
})

test('retries end', async () => {
  let calls = 0
  const broken = new ApiError({ code: 'network', status: 0, message: 'No connection.' })
  const call = async () => {
    calls += 1
    throw broken
  }
  await assert.rejects(withRetries(call, { gapsMs: [1, 1], wait: async () => undefined }), broken)
  assert.equal(calls, 3)
})

test('nobody signed in is null, and a wrong password is a refusal in words', async () => {
  const { baseUrl } = await shopThat(answers(200, null), answers(401, { code: 'INVALID', message: 'Wrong.' }))
  const client = createHundiClient({ baseUrl })
  assert.equal(await client.getUser(), null)
  await assert.rejects(client.signIn({ email: 'a@example.com', password: 'x' }), { status: 401, message: 'Wrong.' })
})

test('M1 a repeated answer to a press has no hand-off: money may have come since, and the server is asked', async () => {
  const placed = { order, payment: { paymentId: 'p' } }
  const { baseUrl, seen } = await shopThat(
    answers(201, { success: true, data: placed }),
    answers(201, { success: true, data: placed }, { 'idempotency-replayed': 'true' }),
  )
  const client = createHundiClient({ baseUrl })
  const first = await client.placeOrder(body as never, { idempotencyKey: 'k' })
  assert.deepEqual([first.isReplay, first.payment], [false, { paymentId: 'p' }])
  const again = await client.placeOrder(body as never, { idempotencyKey: 'k' })
  assert.deepEqual([again.isReplay, again.payment, again.order], [true, undefined, order])
  assert.equal(seen.length, 2)
})

test('M6 M10 a browser that came back with the shop’s word asks with it', async () => {
  const { baseUrl, seen } = await shopThat(success({ state: 'as told' }))
  const client = createHundiClient({ baseUrl })
  client.keepReturnToken('order-1', '123.abc')
  await client.getPaymentState('order-1')
  await client.askPayment('order-1')
  await client.getPaymentState('order-2')
  assert.deepEqual(
    seen.map(({ method, url, headers }) => [method, url, headers['x-return-token']]),
    [
      ['GET', '/api/payments/order-1/status', '123.abc'],
      ['POST', '/api/payments/order-1/ask', '123.abc'],
      ['GET', '/api/payments/order-2/status', undefined],
    ],
  )
})
