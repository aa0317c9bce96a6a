import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CurrencyFigures, DashboardStats } from '../../../../../shared/contract/orders.ts'
import { figuresOf, parseDashboardSearch } from './dashboard-search.ts'

test('an address is read, and what it does not understand is left out', () => {
  const cases: [Record<string, unknown>, object][] = [
    [{}, { days: undefined, currency: undefined }],
    [
      { days: '7', currency: 'USD' },
      { days: 7, currency: 'USD' },
    ],
    [
      { days: 30, currency: 'usd' },
      { days: undefined, currency: undefined },
    ],
    [
      { days: 'all', currency: 7 },
      { days: undefined, currency: undefined },
    ],
  ]
  for (const [raw, expected] of cases) assert.deepEqual(parseDashboardSearch(raw), expected)
})

test('L8 the figures are those of the currency asked for, and there are some of a shop without orders', () => {
  const of = (currency: string) => ({ currency, revenue: 1 }) as CurrencyFigures
  const two = { byCurrency: [of('INR'), of('USD')], currency: 'INR' } as DashboardStats
  assert.equal(figuresOf(two, undefined).currency, 'INR')
  assert.equal(figuresOf(two, 'USD').currency, 'USD')
  assert.equal(figuresOf(two, 'EUR').currency, 'INR')
  const none = { byCurrency: [], currency: 'INR', ordersByDay: [] as DashboardStats['ordersByDay'] } as unknown
  assert.deepEqual(figuresOf(none as DashboardStats, undefined).paidOrders, 0)
})
