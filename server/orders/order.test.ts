import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canMoveByHand, MANUAL_TRANSITIONS, ORDER_TRANSITIONS, SHOP_ORDER_TRANSITIONS } from './order.ts'

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
