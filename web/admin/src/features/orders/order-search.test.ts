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
  needs: undefined,
  provider: undefined,
  since: undefined,
  until: undefined,
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
    [{ needs: 'confirmation', provider: 'razorpay' }, { needs: 'confirmation' }],
    [
      { needs: 'another_try', provider: 'razorpay', since: '2026-11-21T08:00:00+05:30', until: 'soon' },
      { needs: 'another_try', provider: 'razorpay', since: '2026-11-21T02:30:00.000Z' },
    ],
    [{ needs: 'love', since: '2026-11-21T08:00:00Z' }, {}],
  ]
  for (const [raw, expected] of cases) assert.deepEqual(parseOrderSearch(raw), { ...none, ...expected })
})

test('L5 a period counts whole days in the shop’s zone, today included', () => {
  const now = Date.parse('2026-11-20T19:00:00Z') // already 21 November in India
  const unset = { status: undefined, paymentStatus: undefined, search: undefined, needs: undefined }
  const base = { ...unset, provider: undefined, since: undefined, until: undefined, page: 1, limit: 20 }
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
  const failing = { needs: 'another_try', provider: 'razorpay', since: '2026-11-21T02:30:00.000Z' } as const
  assert.deepEqual(
    filtersInWords(failing).map((filter) => filter.words),
    ['Payments that only failed, with Razorpay, since 21 Nov 2026, 8:00 am'],
  )
  assert.equal(filtersInWords(failing)[0]?.without.provider, undefined)
})
