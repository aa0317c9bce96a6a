import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderRow } from '../../test/make.ts'
import { canMoveByHand, canPay, MANUAL_TRANSITIONS, ORDER_TRANSITIONS, SHOP_ORDER_TRANSITIONS } from './order.ts'

type Table = Readonly<Record<string, readonly string[]>>

function reachable(table: Table, from: string): string[] {
  const reached = new Set([from])
  for (const state of reached) for (const to of table[state] ?? []) reached.add(to)
  return [...reached].sort()
}

for (const [name, table] of Object.entries({ ORDER_TRANSITIONS, SHOP_ORDER_TRANSITIONS })) {
  test(`${name}: every state can be reached from pending, and a delivered one is the end`, () => {
    assert.deepEqual(reachable(table, 'pending'), Object.keys(table).sort())
    assert.deepEqual(table.delivered, [])
  })
}

test('by hand an order moves only where it may, and never to confirmed: only money confirms', () => {
  const all: Table = ORDER_TRANSITIONS
  for (const [from, targets] of Object.entries(MANUAL_TRANSITIONS as Table)) {
    for (const to of targets) assert.ok(all[from]?.includes(to), `${from} to ${to}`)
    assert.ok(!targets.includes('confirmed'), `${from} to confirmed`)
  }
  assert.equal(canMoveByHand('confirmed', 'shipped'), true)
  assert.equal(canMoveByHand('pending', 'shipped'), false)
})

test('T4 an order can be paid until the moment at which its time ends, and not at that moment', () => {
  const end = new Date('2026-11-21T09:00:00Z')
  const order = orderRow({ expires_at: end })
  const payable = (changes: Parameters<typeof orderRow>[0], fromEndMs: number) =>
    canPay({ ...order, ...changes }, new Date(end.getTime() + fromEndMs))
  assert.deepEqual(
    [-1, 0, 1].map((ms) => payable({}, ms)),
    [true, false, false],
  )
  // Each condition alone.
  for (const changes of [
    { status: 'cancelled' },
    { status: 'confirmed' },
    { payment_status: 'under_review' },
    { payment_method: 'cod' },
    { expires_at: null },
  ] as const) {
    assert.equal(payable(changes, -1), false, JSON.stringify(changes))
  }
})
