import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OrderStory } from '../../../../shared/contract/orders.ts'
import { readStory } from './story-pages.ts'

function page(older: string | null, ...ids: string[]): OrderStory {
  const rows = (kind: string) => ids.map((id) => ({ id: `${kind}${id}` })) as never
  return {
    older,
    events: rows('e'),
    providerCalls: rows('c'),
    webhookEvents: rows('w'),
    ledger: [{ id: 'l' }] as never,
    reviewItems: [],
    refundableAlone: 7,
    leastRefunds: {},
  }
}

const PAGES: Readonly<Record<string, OrderStory>> = {
  newest: page('middle', '3'),
  middle: page('first', '2'),
  first: page(null, '1'),
}

test('FX2 as many pages of a story as are wanted are one, and say whether there is more', async () => {
  const asked: (string | undefined)[] = []
  const read = (pages: number) =>
    readStory(async (cursor) => {
      asked.push(cursor)
      return PAGES[cursor ?? 'newest'] as OrderStory
    }, pages)
  assert.deepEqual(await read(1), page('middle', '3'))
  assert.deepEqual(await read(2), page('first', '2', '3'))
  assert.deepEqual(await read(9), page(null, '1', '2', '3'))
  assert.deepEqual(asked, [undefined, undefined, 'middle', undefined, 'middle', 'first'])
})
