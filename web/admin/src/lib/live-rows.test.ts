import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OrderSummary } from '../../../../shared/contract/orders.ts'
import { liveRows } from './live-rows.ts'

const row = (id: string, minute: number, paymentStatus: OrderSummary['paymentStatus'] = 'pending') =>
  ({ id, createdAt: `2026-11-20T09:${String(minute).padStart(2, '0')}:00Z`, paymentStatus }) as OrderSummary

test('rows stay where they are, take over what changed, and new orders wait', () => {
  const shown = [row('b', 2), row('a', 1)]
  const fresh = [row('d', 4), row('c', 3), row('b', 2, 'paid')]
  const live = liveRows(shown, fresh)
  assert.deepEqual(
    live.rows.map((order) => [order.id, order.paymentStatus]),
    [
      ['b', 'paid'],
      ['a', 'pending'],
    ],
  )
  assert.equal(live.waiting, 2)
})

test('older orders that moved up because one left the filter are not new', () => {
  const live = liveRows([row('c', 3), row('b', 2)], [row('c', 3), row('a', 1)])
  assert.deepEqual([live.rows.map((order) => order.id), live.waiting], [['c', 'b'], 0])
})

test('in an empty list everything is new', () => {
  assert.deepEqual(liveRows([], [row('a', 1)]), { rows: [], waiting: 1 })
})
