import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filtersInWords, orderFilter, parseOrderSearch } from './order-search.ts'

const none = {
  status: undefined,
  paymentStatus: undefined,
  search: undefined,
  period: undefined,
  from: undefined,
  to: undefined,
  page: undefined,
  cursor: undefined,
}

test('an address is read, and what it does not understand is left out', () => {
  const cases: [Record<string, unknown>, object][] = [
    [{}, {}],
    [
      { status: 'confirmed', paymentStatus: 'paid', page: '3' },
      { status: 'confirmed', paymentStatus: 'paid', page: 3 },
    ],
    [{ status: 'lost', paymentStatus: 'free', period: 'century', page: '-2' }, {}],
    [{ page: '1' }, {}],
    [{ page: '2.5' }, {}],
    [{ cursor: 'WzE3OTZd', page: '3' }, { cursor: 'WzE3OTZd' }],
    [{ cursor: '<script>', page: '3' }, { page: 3 }],
    [{ search: '  H-10482 ' }, { search: 'H-10482' }],
    [{ search: 10482 }, { search: '10482' }],
    [{ from: '2026-11-01', to: 'soon', period: '7d' }, { from: '2026-11-01' }],
    [{ from: '2026-13-45' }, {}],
    [{ from: '2026-02-30' }, {}],
    [{ period: '7d' }, { period: '7d' }],
  ]
  for (const [raw, expected] of cases) assert.deepEqual(parseOrderSearch(raw), { ...none, ...expected })
})

test('L5 a period counts whole days in the shop’s zone, today included', () => {
  const now = Date.parse('2026-11-20T19:00:00Z') // already 21 November in India
  const base = { page: 1, limit: 20, status: undefined, paymentStatus: undefined, search: undefined }
  assert.deepEqual(orderFilter({ period: 'today' }, now), { ...base, from: '2026-11-21', to: undefined })
  assert.deepEqual(orderFilter({ period: '7d' }, now), { ...base, from: '2026-11-15', to: undefined })
  assert.deepEqual(orderFilter({ from: '2026-11-01', to: '2026-11-05', page: 4 }, now), {
    ...base,
    page: 4,
    from: '2026-11-01',
    to: '2026-11-05',
  })
})

test('each filter can be dropped by name, which also goes back to the first page', () => {
  const search = { status: 'confirmed', search: 'meera', from: '2026-11-01', to: '2026-11-05', page: 3 } as const
  assert.deepEqual(
    filtersInWords(search).map((filter) => filter.words),
    ['“meera”', 'Placed 1 Nov to 5 Nov', 'To ship'],
  )
  assert.deepEqual(filtersInWords(search)[0]?.without, {
    ...search,
    search: undefined,
    page: undefined,
    cursor: undefined,
  })
  assert.deepEqual(filtersInWords({}), [])
})
