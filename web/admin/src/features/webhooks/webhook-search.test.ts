import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseWebhookSearch } from './webhook-search.ts'

const NOTHING = { provider: undefined, status: undefined, type: undefined, orderId: undefined }

test('an address narrows the list, and what it does not understand is left out', () => {
  assert.deepEqual(parseWebhookSearch({ status: 'failed', type: 'payment.captured', provider: 'razorpay' }), {
    ...NOTHING,
    status: 'failed',
    type: 'payment.captured',
    provider: 'razorpay',
  })
  assert.deepEqual(
    parseWebhookSearch({ status: 'lost', type: 'a b', provider: 'x'.repeat(31), orderId: 'H-10482' }),
    NOTHING,
  )
})
