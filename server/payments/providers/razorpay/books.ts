/** Razorpay's own books: its lists of payments and refunds, and the report of what it settled. */
import type { PageRequest, ProviderBooks } from '../provider.ts'
import { ask } from './answer.ts'
import type { RazorpayClient } from './client.ts'
import {
  attemptFact,
  collectionItems,
  listedRefund,
  readSettlement,
  settlementLine,
  unboundPayment,
  unreadPayment,
} from './facts.ts'
import { readEach } from './lists.ts'

const LARGEST_PAGE = 100
/** The settlement report alone gives more at once. */
const LARGEST_REPORT_PAGE = 1_000

export function razorpayBooks({ sdk, inner }: RazorpayClient): ProviderBooks {
  return {
    payments: {
      list(window, page) {
        const { skip, count } = placeOf(page, LARGEST_PAGE)
        return ask(
          () => sdk.payments.all({ from: seconds(window.from), to: seconds(window.to), count, skip }),
          (value) => {
            const items = collectionItems(value)
            const source = 'reconciliation'
            const { read, unread } = readEach(items, (item) => {
              const fact = attemptFact(item, source) ?? unreadPayment(item, source)
              return fact ?? { kind: 'unbound' as const, payment: unboundPayment(item) }
            })
            return {
              facts: read.filter((each) => each.kind === 'attempt'),
              unbound: read.flatMap((each) => (each.kind === 'unbound' ? (each.payment ?? []) : [])),
              said: read.filter((each) => each.kind === 'unread'),
              unread,
              nextCursor: cursorAfter(items, { skip, count }),
            }
          },
        )
      },
      pagesAhead,
    },

    refunds: {
      list(window, page) {
        const { skip, count } = placeOf(page, LARGEST_PAGE)
        return ask(
          () => sdk.refunds.all({ from: seconds(window.from), to: seconds(window.to), count, skip }),
          (value) => {
            const items = collectionItems(value)
            const { read: refunds, unread } = readEach(items, (item) => listedRefund(item, 'reconciliation'))
            return { refunds, unread, nextCursor: cursorAfter(items, { skip, count }) }
          },
        )
      },
      pagesAhead,
    },

    settlements: {
      list(day, page) {
        const { skip, count } = placeOf(page, LARGEST_REPORT_PAGE)
        const [year, month, dayOfMonth] = day.split('-').map(Number)
        const params = { year, month, day: dayOfMonth, count, skip }
        return ask(
          async () => (await inner.get<unknown>('/v1/settlements/recon/combined', { params })).data,
          (value) => {
            const items = collectionItems(value)
            const { read: lines, unread } = readEach(items, settlementLine)
            return { lines, unread, nextCursor: cursorAfter(items, { skip, count }) }
          },
        )
      },
      fetchSettlement(settlementId) {
        return ask(
          async () =>
            (await inner.get<unknown>(`/v1/settlements/${encodeURIComponent(settlementId)}`, { params: {} })).data,
          (value) => {
            const settlement = readSettlement(value)
            if (settlement.settlementId !== settlementId) throw new Error('another settlement')
            return settlement
          },
        )
      },
    },
  }
}

/** A cursor is how many entries to skip, so the pages ahead are known. */
function pagesAhead({ cursor, count }: { cursor: string; count: number }, pages: number): string[] {
  const place = placeOf({ cursor, count }, LARGEST_PAGE)
  return Array.from({ length: pages }, (_, at) => String(place.skip + (at + 1) * place.count))
}

function placeOf({ cursor, count }: PageRequest, largest: number): { skip: number; count: number } {
  const skip = Number(cursor ?? '0')
  if (!Number.isSafeInteger(skip) || skip < 0) throw new Error(`"${cursor}" is no cursor of ours`)
  return { skip, count: Math.min(count, largest) }
}

function cursorAfter(items: readonly unknown[], { skip, count }: { skip: number; count: number }): string | null {
  return items.length < count ? null : String(skip + items.length)
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
