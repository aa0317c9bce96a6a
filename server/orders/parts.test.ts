/** Every state of two parts beside each other, each with and without something left to send, and what an admin's word moves. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { saleLine } from '../../test/make.ts'
import { SHOP_ORDER_STATUSES, type ShopOrderStatus } from '../../shared/contract/orders.ts'
import type { SaleLine } from './lines.ts'
import { canPartMove, type ShopOrderRow } from './order.ts'
import { partsCancelled, partsConfirmed, partsToMove } from './parts.ts'

const part = (id: string, status: ShopOrderStatus): ShopOrderRow => ({
  id,
  order_id: 'order',
  shop_id: `shop of ${id}`,
  shop_name: id,
  status,
  auto_accept: true,
  commission_bps: 0,
  subtotal: 0,
  discount: 0,
  delivery_fee: 0,
  tax: 0,
  total: 0,
  returned_amount: 0,
})

const linesOf = (id: string, status: ShopOrderStatus, back: boolean, more: Partial<SaleLine> = {}) => {
  const of = { shop_order_id: id, shop_status: status, ...more }
  return [
    saleLine({ id: `thing of ${id}`, quantity: 2, returned_quantity: back ? 2 : 1, ...of }),
    saleLine({ id: `delivery of ${id}`, kind: 'delivery', product_id: null, ...of }),
  ]
}

const inWords = (moves: ReturnType<typeof partsToMove>) => {
  if (!('refused' in moves)) return `moves ${moves.parts.map(({ id }) => id).join(' ')}`
  return moves.refused === 'nothing_left' ? 'nothing left' : `waits for ${moves.part.id}`
}

describe('what an admin ships', () => {
  const TABLE: readonly [string, ShopOrderStatus, boolean, ShopOrderStatus, boolean, string][] = [
    ['both that are accepted', 'accepted', false, 'accepted', false, 'moves a b'],
    ['R4 nothing while a shop has not answered', 'accepted', false, 'awaiting_acceptance', false, 'waits for b'],
    ['R4 nothing, and the first is named', 'awaiting_acceptance', false, 'awaiting_acceptance', false, 'waits for a'],
    ['R3 what is left, when the other was given back', 'accepted', true, 'accepted', false, 'moves b'],
    ['R3 without waiting for what was given back', 'accepted', false, 'awaiting_acceptance', true, 'moves a'],
    ['R3 nothing, when both were given back', 'accepted', true, 'awaiting_acceptance', true, 'nothing left'],
    ['R3 nothing, when one was rejected and one given back', 'rejected', true, 'accepted', true, 'nothing left'],
    ['what its shop has not rejected', 'rejected', true, 'accepted', false, 'moves b'],
    ['what is not on its way yet', 'shipped', false, 'accepted', false, 'moves b'],
    ['nothing that is on its way', 'shipped', false, 'delivered', false, 'nothing left'],
    ['nothing that was cancelled', 'cancelled', true, 'cancelled', true, 'nothing left'],
  ]
  for (const [what, a, aBack, b, bBack, expected] of TABLE) {
    test(what, () => {
      const lines = [...linesOf('a', a, aBack), ...linesOf('b', b, bBack)]
      assert.equal(inWords(partsToMove([part('a', a), part('b', b)], lines, 'shipped')), expected)
    })
  }
})

describe('what an admin delivers', () => {
  for (const [what, a, aBack, b, expected] of [
    ['all that is on its way', 'shipped', false, 'shipped', 'moves a b'],
    ['also what was paid back meanwhile', 'shipped', true, 'shipped', 'moves a b'],
    ['not what was given back before it was sent', 'accepted', true, 'shipped', 'moves b'],
    ['not what arrived before', 'delivered', false, 'shipped', 'moves b'],
    ['nothing, when nothing is on its way', 'accepted', false, 'rejected', 'nothing left'],
  ] as const) {
    test(what, () => {
      const lines = [...linesOf('a', a, aBack), ...linesOf('b', b, false)]
      assert.equal(inWords(partsToMove([part('a', a), part('b', b)], lines, 'delivered')), expected)
    })
  }
})

test('R4 no part ever moves where its own state does not allow it', () => {
  for (const to of ['shipped', 'delivered'] as const) {
    for (const a of SHOP_ORDER_STATUSES) {
      for (const b of SHOP_ORDER_STATUSES) {
        for (const [aBack, bBack] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ] as const) {
          const lines = [...linesOf('a', a, aBack), ...linesOf('b', b, bBack)]
          const moves = partsToMove([part('a', a), part('b', b)], lines, to)
          if ('refused' in moves) continue
          assert.ok(moves.parts.length > 0)
          for (const { status } of moves.parts) assert.ok(canPartMove(status, to), `${status} to ${to}`)
        }
      }
    }
  }
})

test('parts are confirmed as their shops take orders, and end with their order unless their shops ended them', () => {
  const lines = [
    ...linesOf('a', 'pending', false),
    ...linesOf('b', 'cancelled', false, { shop_accepts: false }),
    ...linesOf('c', 'rejected', true),
  ]
  assert.deepEqual(partsConfirmed(lines.slice(0, 4)), [
    { id: 'a', from: 'pending', to: 'accepted' },
    { id: 'b', from: 'cancelled', to: 'awaiting_acceptance' },
  ])
  assert.deepEqual(partsCancelled(lines), [{ id: 'a', from: 'pending', to: 'cancelled' }])
})
