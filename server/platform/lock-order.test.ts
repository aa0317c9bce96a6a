import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertLockOrder, type HeldLocks } from './lock-order.ts'

const held = (): HeldLocks => ({ tables: new Set(), furthest: -1 })
const runs = (...statements: string[]) => {
  const locks = held()
  for (const text of statements) assertLockOrder(locks, 'a statement', text)
  return [...locks.tables]
}

const ORDER = 'select o.id from orders o where o.id = $1 for update'
const PAYMENTS = 'select p.id, a.id from payments p left join payment_attempts a on true for update of p'
const STOCK =
  'with locked as (select i.id from inventory i join wanted w using (id) for update of i) update inventory i set a = 1'
const ACCOUNTS = 'with a as (insert into ledger_accounts (id) values ($1) on conflict do nothing) select 1'

describe('the order of locks', () => {
  test('what is locked is read from a statement', () => {
    assert.deepEqual(runs(ORDER, PAYMENTS, STOCK, ACCOUNTS), ['orders', 'payments', 'inventory', 'ledger_accounts'])
  })

  for (const [name, first, second] of [
    ['payments before their order', PAYMENTS, ORDER],
    ['stock before payments', STOCK, PAYMENTS],
    ['accounts before stock', ACCOUNTS, STOCK],
    ['the order after its stock', STOCK, "update orders set status = 'cancelled' where id = $1"],
  ] as const) {
    test(`${name} is refused`, () => {
      assert.throws(() => runs(first, second), /^AssertionError.*: a statement locks \w+ after \w+$/)
    })
  }

  test('what is held already may be changed at any time', () => {
    assert.deepEqual(runs(ORDER, STOCK, "update orders set status = 'confirmed' where id = $1"), [
      'orders',
      'inventory',
    ])
  })

  test('reading, inserting a row of its own, and claiming what nobody holds, wait for nobody', () => {
    assert.deepEqual(
      runs(
        STOCK,
        'select 1 from orders o join payments p on true',
        'insert into payments (id) values ($1)',
        'update payments set next_look_at = now() where id in (select id from payments for update skip locked)',
      ),
      ['inventory'],
    )
  })
})
