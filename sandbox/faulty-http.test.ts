/** API faults: what the caller sees, and whether the provider has done it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bench, bench, type Json } from './test-bench.ts'

const ORDER = { amount: 50_000, currency: 'INR', receipt: 'faulty' }

interface Seen {
  status: number | string
  type: string
  text: string
}

/** What a plain HTTP client sees; a broken connection or a time-out becomes its error's name. */
async function callOrders(stand: Bench, timeoutMs = 60_000): Promise<Seen> {
  const { keyId, keySecret } = stand.sandbox.keys.razorpay
  try {
    const answer = await fetch(`${stand.sandbox.url}/razorpay/v1/orders`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(ORDER),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const type = answer.headers.get('content-type') ?? ''
    return { status: answer.status, type, text: await answer.text() }
  } catch (error) {
    const { name } = error as Error
    return { status: name === 'TimeoutError' ? 'timeout' : 'broken', type: '', text: '' }
  }
}

async function ordersMade(stand: Bench): Promise<number> {
  return (await stand.razorpay.orders.all({ receipt: 'faulty' })).count
}

/** kind, more of the rule, what is seen, and how many orders exist afterwards. */
const CASES: Array<[string, Json, number | string, number]> = [
  ['error', {}, 500, 0],
  ['status', {}, 503, 0],
  ['status', { status: 429 }, 429, 0],
  ['hang', {}, 'timeout', 0],
  ['reset', {}, 'broken', 0],
  ['html', {}, 200, 0],
  ['effect-then-drop', {}, 'broken', 1],
  ['effect-then-hang', {}, 'timeout', 1],
  ['effect-then-status', { status: 502 }, 502, 1],
  ['effect-then-html', {}, 200, 1],
  ['effect-then-truncate', {}, 'broken', 1],
  ['effect-then-alter', { set: { amount: 1 } }, 200, 1],
]

for (const [kind, more, seen, made] of CASES) {
  test(`${kind} ${JSON.stringify(more)}: the caller sees ${seen}, the provider has made ${made}`, async () => {
    await using stand = await bench()
    await stand.control('/razorpay/_sandbox/faults', { kind, match: '^POST /v1/orders$', ...more })
    const answer = await callOrders(stand, seen === 'timeout' ? 300 : undefined)
    assert.equal(answer.status, seen)
    if (kind.endsWith('html')) assert.match(answer.type, /^text\/html/)
    if (kind === 'effect-then-alter') assert.equal(JSON.parse(answer.text).amount, 1)
    if (kind === 'error') assert.equal(JSON.parse(answer.text).error.code, 'SERVER_ERROR')
    assert.equal(await ordersMade(stand), made)
    // The rule is used up: the next call is served.
    assert.equal((await callOrders(stand)).status, 200)
    assert.equal(await ordersMade(stand), made + 1)
  })
}

test('a delay holds the right answer back', async () => {
  await using stand = await bench()
  await stand.control('/razorpay/_sandbox/faults', { kind: 'delay', match: 'POST /v1/orders', delayMs: 30_000 })
  const slow = callOrders(stand)
  const other = await stand.http.get('/v1/orders')
  assert.equal(other.data.count, 0)
  await stand.ports.pass(30_000)
  assert.equal((await slow).status, 200)
})

test('rules play in order, skip and count as asked, and can be cleared', async () => {
  await using stand = await bench()
  const add = (rule: Json) => stand.control('/razorpay/_sandbox/faults', rule)
  await add({ kind: 'status', match: 'POST /v1/orders', times: 2, skip: 1, status: 504 })
  await add({ kind: 'error', match: 'GET /v1/payments' })
  const statuses = []
  for (let at = 0; at < 4; at++) statuses.push((await callOrders(stand)).status)
  assert.deepEqual(statuses, [200, 504, 504, 200])
  const { body } = await stand.control('/razorpay/_sandbox/faults')
  const rules = body as unknown as Array<{ kind: string; times: number; played: number }>
  assert.deepEqual(
    rules.map(({ kind, times, played }) => ({ kind, times, played })),
    [
      { kind: 'status', times: 0, played: 2 },
      { kind: 'error', times: 1, played: 0 },
    ],
  )
  assert.deepEqual((await stand.control('/razorpay/_sandbox/faults', undefined, 'DELETE')).body, { cleared: 2 })
  assert.equal((await stand.http.get('/v1/payments')).status, 200)
})

test('a rule that makes no sense is refused', async () => {
  await using stand = await bench()
  const refused = async (rule: Json) => (await stand.control('/razorpay/_sandbox/faults', rule)).status
  assert.equal(await refused({ kind: 'explode' }), 400)
  assert.equal(await refused({ kind: 'status', match: '(' }), 400)
  assert.equal(await refused({ kind: 'status', times: -1 }), 400)
  assert.equal(await refused({ kind: 'status', status: 99 }), 400)
})

test('the package itself sees a dropped answer as no answer, and the order can be found by its receipt', async () => {
  await using stand = await bench()
  await stand.control('/razorpay/_sandbox/faults', { kind: 'effect-then-drop', match: 'POST /v1/orders' })
  await assert.rejects(stand.razorpay.orders.create(ORDER))
  const found = await stand.razorpay.orders.all({ receipt: 'faulty' })
  assert.deepEqual(
    found.items.map(({ status, amount }) => ({ status, amount })),
    [{ status: 'created', amount: 50_000 }],
  )
})
