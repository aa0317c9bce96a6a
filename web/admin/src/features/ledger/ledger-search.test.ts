import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  endOf,
  parseAccountsSearch,
  parseStatementSearch,
  statementDays,
  statementFilter,
  windowOf,
} from './ledger-search.ts'

const ORDER = '0199a1b2-0000-7000-8000-0000000abcde'
const NOTHING = {
  account: undefined,
  orderId: undefined,
  userId: undefined,
  shopId: undefined,
  from: undefined,
  to: undefined,
}

test('an address is read, and what it does not understand is left out', () => {
  assert.deepEqual(parseStatementSearch({ account: 'wallet:u1:INR', from: '2026-11-20' }), {
    ...NOTHING,
    account: 'wallet:u1:INR',
    from: '2026-11-20',
  })
  assert.deepEqual(parseStatementSearch({ orderId: 'H-10482', from: '20 Nov', to: '2026-13-45', account: 7 }), NOTHING)
  assert.deepEqual(parseAccountsSearch({ at: 'yesterday' }), { at: undefined })
})

test('days begin and end at the midnight of the shop', () => {
  const filter = statementFilter({ orderId: ORDER, from: '2026-11-20', to: '2026-11-20' })
  assert.equal(filter.from, '2026-11-19T18:30:00.000Z')
  assert.equal(filter.to, '2026-11-20T18:30:00.000Z')
  assert.equal(filter.orderId, ORDER)
  assert.equal(endOf('2026-11-20'), '2026-11-20T18:30:00.000Z')
  assert.equal(endOf(undefined), undefined)
})

test('a statement shows thirty days, the last one included', () => {
  assert.deepEqual(statementDays('2026-11-20'), { from: '2026-10-22', to: '2026-11-20' })
})

test('a window is said in the fewest words', () => {
  assert.equal(windowOf({ from: '2026-11-20', to: '2026-11-20' }), '20 Nov 2026')
  assert.equal(windowOf({ from: '2026-11-18', to: '2026-11-20' }), '18 Nov 2026 to 20 Nov 2026')
  assert.equal(windowOf({ from: '2026-11-18' }), 'since 18 Nov 2026')
  assert.equal(windowOf({ to: '2026-11-18' }), 'until 18 Nov 2026')
  assert.equal(windowOf({}), '')
})
