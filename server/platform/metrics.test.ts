import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from './metrics.ts'

const lines = async (metrics: ReturnType<typeof createMetrics>, name: string) =>
  (await metrics.expose()).split('\n').filter((line) => line.startsWith(name))

test('what is counted is told, by label', async () => {
  const metrics = createMetrics()
  metrics.count('hundi_orders_cancelled_total', { reason: 'expired' })
  metrics.count('hundi_orders_cancelled_total', { reason: 'expired' }, 2)
  metrics.count('hundi_orders_cancelled_total', { reason: 'shopper' })
  assert.deepEqual(await lines(metrics, 'hundi_orders_cancelled_total'), [
    'hundi_orders_cancelled_total{reason="expired"} 3',
    'hundi_orders_cancelled_total{reason="shopper"} 1',
  ])
  assert.deepEqual(
    await metrics.counted('hundi_orders_cancelled_total', 'reason'),
    new Map([
      ['expired', 3],
      ['shopper', 1],
    ]),
  )
})

test('the values of a label have an end, and none of them breaks the format', async () => {
  const metrics = createMetrics()
  for (let code = 0; code < 1_000; code += 1) {
    metrics.count('hundi_payment_failures_total', { provider: 'razorpay', reason: `code_${code}` })
  }
  metrics.count('hundi_payment_failures_total', { provider: 'razorpay', reason: 'a"} 1\nforged_total 9' })
  const kept = await lines(metrics, 'hundi_payment_failures_total')
  assert.equal(kept.length, 151)
  assert.ok(kept.includes('hundi_payment_failures_total{provider="razorpay",reason="other"} 851'))
  assert.deepEqual(await lines(metrics, 'forged_total'), [])
})

test('S13 a figure that cannot be kept is no error for whoever leaves it', async () => {
  const metrics = createMetrics()
  metrics.observe('hundi_pass_seconds', { pass: 'payments.poll' }, Number.NaN)
  metrics.observe('hundi_pass_seconds', { pass: 'payments.poll' }, 'soon' as unknown as number)
  metrics.count('hundi_orders_cancelled_total', { reason: 'expired' }, -1)
  assert.deepEqual(await lines(metrics, 'hundi_pass_seconds_count'), [])
})

test('a gauge shows what can be read at that moment, and no more', async () => {
  const metrics = createMetrics()
  let waiting = 3
  metrics.watch('hundi_queue_depth', () => [{ labels: { queue: 'refunds' }, value: waiting }])
  metrics.watch('hundi_queue_depth', () => Promise.reject(new Error('the database is away')))
  metrics.watch('hundi_review_items_open', () => Promise.reject(new Error('the database is away')))
  assert.deepEqual(await lines(metrics, 'hundi_queue_depth'), ['hundi_queue_depth{queue="refunds"} 3'])
  assert.deepEqual(await lines(metrics, 'hundi_review_items_open'), [])
  waiting = 0
  assert.deepEqual(await lines(metrics, 'hundi_queue_depth'), ['hundi_queue_depth{queue="refunds"} 0'])
})
