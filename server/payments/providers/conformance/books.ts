/** Which books the provider shows, and how their pages follow each other. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Listing, ProviderBooks } from '../provider.ts'
import { accepted, notShown, paidOrder, refundRequest, shown, type Bed } from './bed.ts'

const MINUTE_MS = 60_000

export function testBooks(bed: Bed): void {
  describe("the provider's books", () => {
    test('are those that the adapter declares', () => {
      const { books } = bed.provider
      const declared = (Object.keys(books) as (keyof ProviderBooks)[]).filter((part) => books[part] !== null)
      assert.deepEqual(declared.toSorted(), [...bed.traits.books].toSorted())
    })

    for (const part of ['payments', 'refunds'] as const) {
      test(`have pages of ${part} ahead where the pages themselves say`, {
        skip: notShown(bed.traits, part),
      }, async () => {
        for (let made = 0; made < 4; made += 1) {
          const paid = await paidOrder(bed, 'captured')
          accepted(await bed.provider.refund(refundRequest(paid, 100)))
        }
        await followPages(shown<Listing<{ nextCursor: string | null }>>(bed.provider.books[part]))
      })
    }
  })

  /** Reads pages of one entry, each where the one before says, and holds the cursors that were foretold against them. */
  async function followPages({ list, pagesAhead }: Listing<{ nextCursor: string | null }>): Promise<void> {
    const now = Date.now()
    const window = { from: new Date(now - 60 * MINUTE_MS), to: new Date(now + MINUTE_MS) }
    const cursors: string[] = []
    for (let cursor: string | null = null; cursors.length < 3; ) {
      cursor = accepted(await list(window, { cursor, count: 1 })).nextCursor
      assert.ok(cursor !== null, 'there is another page')
      cursors.push(cursor)
    }
    const [first, ...following] = cursors
    if (pagesAhead === null || first === undefined) return
    assert.deepEqual(pagesAhead({ cursor: first, count: 1 }, 2), following)
    assert.deepEqual(pagesAhead({ cursor: first, count: 1 }, 0), [])
  }
}
