import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from './api-error.ts'
import { orderAttempts } from './order-attempt.ts'
import { placeOrderOnce } from './place-order.ts'
import type { PlaceOrderBody, PlacedOrder } from './shapes.ts'
import { memoryStorage } from './storage.ts'

const body: PlaceOrderBody = {
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
  paymentMethod: 'online',
}
type Placed = PlacedOrder & { isReplay: boolean }
const placed = { order: { id: 'order-1' }, isReplay: false } as Placed
const failing = (code: string, details?: unknown) => new ApiError({ code, status: 409, message: code, details })

/** A client that answers in turn, and the keys it was sent. */
function clientThat(...answers: (Placed | Error)[]) {
  const keys: (string | undefined)[] = []
  return {
    keys,
    async placeOrder(_body: PlaceOrderBody, options: { idempotencyKey?: string } = {}): Promise<Placed> {
      const answer = answers[Math.min(keys.length, answers.length - 1)]
      keys.push(options.idempotencyKey)
      if (answer instanceof Error) throw answer
      return answer as Placed
    },
  }
}

test('C1 a placed order is remembered, and pressing again sends the same key', async () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  const client = clientThat(placed)
  assert.deepEqual(await placeOrderOnce(client, attempts, body, null), { kind: 'placed', placed })
  assert.equal(attempts.find()?.orderId, 'order-1')
  await placeOrderOnce(client, attempts, body, null)
  assert.equal(client.keys[0], client.keys[1])
})

test('after no answer the same key is kept for the next press', async () => {
  for (const code of ['network', 'timeout', 'unreadable', 'internal_error', 'request_in_progress']) {
    const attempts = orderAttempts(memoryStorage(), () => 0)
    const client = clientThat(failing(code), placed)
    assert.equal((await placeOrderOnce(client, attempts, body, null)).kind, 'unknown', code)
    assert.equal((await placeOrderOnce(client, attempts, body, null)).kind, 'placed', code)
    assert.equal(client.keys[0], client.keys[1], code)
  }
})

test('after a refusal the next press is a new wish', async () => {
  for (const code of ['price_changed', 'out_of_stock', 'coupon_exhausted', 'validation_failed']) {
    const attempts = orderAttempts(memoryStorage(), () => 0)
    const client = clientThat(failing(code), placed)
    const refused = await placeOrderOnce(client, attempts, body, null)
    assert.equal(refused.kind === 'refused' ? refused.error.code : refused.kind, code)
    await placeOrderOnce(client, attempts, body, null)
    assert.notEqual(client.keys[0], client.keys[1], code)
  }
})

test('an order whose payment could not be opened is payable, not lost', async () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  const client = clientThat(failing('provider_unavailable', { orderId: 'order-9' }))
  assert.deepEqual(await placeOrderOnce(client, attempts, body, null), { kind: 'payable', orderId: 'order-9' })
  assert.equal(attempts.find()?.orderId, 'order-9')
})

test('R6 an order whose payment the provider refuses is there, and is not to be pressed again', async () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  const error = failing('payment_refused', { orderId: 'order-9', reason: 'amount_too_large' })
  const placement = await placeOrderOnce(clientThat(error), attempts, body, null)
  assert.deepEqual(placement, { kind: 'unpayable', orderId: 'order-9', error })
  assert.equal(attempts.find()?.orderId, 'order-9')
})

test('an order that was paid meanwhile leads to that order', async () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  await placeOrderOnce(clientThat(placed), attempts, body, null)
  const paid = clientThat(failing('order_already_paid'))
  assert.deepEqual(await placeOrderOnce(paid, attempts, body, null), { kind: 'paid', orderId: 'order-1' })
  const named = clientThat(failing('order_already_paid', { orderId: 'order-7' }))
  assert.deepEqual(await placeOrderOnce(named, attempts, body, null), { kind: 'paid', orderId: 'order-7' })
  const fresh = orderAttempts(memoryStorage(), () => 0)
  assert.equal((await placeOrderOnce(paid, fresh, body, null)).kind, 'refused')
})

test('M1 an order of which money is looked at by a person leads to that order, not to a new one', async () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  const reviewed = clientThat(failing('payment_under_review', { orderId: 'order-7' }))
  assert.deepEqual(await placeOrderOnce(reviewed, attempts, body, null), { kind: 'paid', orderId: 'order-7' })
  assert.equal(attempts.find()?.orderId, 'order-7', 'the key is not forgotten: pressing again makes no second order')
})

test('a key that belongs to another body is replaced once, and only once', async () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  const recovering = clientThat(failing('idempotency_key_reused'), placed)
  assert.equal((await placeOrderOnce(recovering, attempts, body, null)).kind, 'placed')
  assert.notEqual(recovering.keys[0], recovering.keys[1])
  const hopeless = clientThat(failing('idempotency_key_reused'))
  assert.equal((await placeOrderOnce(hopeless, attempts, body, null)).kind, 'refused')
  assert.equal(hopeless.keys.length, 2)
})

test('a bug is not taken for an answer', async () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  await assert.rejects(placeOrderOnce(clientThat(new TypeError('x')), attempts, body, null), TypeError)
})
