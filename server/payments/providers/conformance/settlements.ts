/** What reaches our bank account: each line once, in whole minor units, and together what the transfer says. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { add, subtract } from '../../../../shared/money.ts'
import type { SettlementLine, SettlementLinePage } from '../provider.ts'
import { accepted, assertRefused, assertUnknown, paidOrder, shown, type Bed } from './bed.ts'
import { testCalls } from './calls.ts'
import { UNREADABLE_AMOUNTS } from './webhook-events.ts'

/** More pages than a day of the suite's payments has. */
const MOST_PAGES = 1_000

export function testSettlements(bed: Bed): void {
  const linesOf = async (days: readonly string[], count: number): Promise<SettlementLine[]> => {
    const found: SettlementLine[] = []
    for (const day of days) {
      let cursor: string | null = null
      for (let page = 0; page === 0 || cursor !== null; page += 1) {
        assert.ok(page < MOST_PAGES, 'the list has an end')
        const answer: SettlementLinePage = accepted(
          await shown(bed.provider.books.settlements).list(day, { cursor, count }),
        )
        assert.ok(answer.lines.length <= count)
        found.push(...answer.lines)
        cursor = answer.nextCursor
      }
    }
    return found
  }

  const settledPayment = async () => {
    const paid = await paidOrder(bed, 'captured')
    await bed.bench.refundElsewhere(paid.providerPaymentId, 300)
    const days = await bed.bench.settle()
    return { paid, days, lines: await linesOf(days, 100) }
  }

  describe('what is settled', () => {
    test('a payment less its fee, and a refund, each on one line', async () => {
      const { paid, lines } = await settledPayment()
      const [payment, ...others] = lines.filter((line) => line.entityId === paid.providerPaymentId)
      assert.deepEqual(others, [])
      assert.ok(payment !== undefined)
      const { amount, currency } = paid.request
      const { type, debit, settlementId } = payment
      assert.deepEqual(
        { type, amount: payment.amount, debit, currency: payment.currency },
        { type: 'payment', amount, debit: 0, currency },
      )
      assert.equal(add(payment.credit, payment.fee), amount)
      assert.ok(payment.tax <= payment.fee)
      assert.notEqual(settlementId, '')
      const [refund, ...more] = lines.filter((line) => line.providerPaymentId === paid.providerPaymentId)
      assert.deepEqual(more, [])
      assert.deepEqual(
        { type: refund?.type, amount: refund?.amount, debit: refund?.debit, credit: refund?.credit },
        { type: 'refund', amount: 300, debit: 300, credit: 0 },
      )
    })

    test('is what the transfer to the bank says', async () => {
      const { paid, lines } = await settledPayment()
      const id = lines.find((line) => line.entityId === paid.providerPaymentId)?.settlementId ?? ''
      const { amount, utr } = accepted(await shown(bed.provider.books.settlements).fetchSettlement(id))
      const own = lines.filter((line) => line.settlementId === id)
      assert.equal(subtract(add(...own.map((line) => line.credit)), add(...own.map((line) => line.debit))), amount)
      assert.deepEqual(new Set(own.map((line) => line.utr)), new Set([utr]))
    })

    test('is the same in pages of any size', async () => {
      const { days, lines } = await settledPayment()
      assert.deepEqual(await linesOf(days, 1), lines)
    })

    test('is not listed before it is settled', async () => {
      const { days } = await settledPayment()
      const waiting = await paidOrder(bed, 'captured')
      const lines = await linesOf(days, 100)
      assert.deepEqual(
        lines.filter((line) => line.entityId === waiting.providerPaymentId),
        [],
      )
    })

    test('R12 sets a line aside whose amount is none, and takes no other settlement', async () => {
      const { paid, days, lines } = await settledPayment()
      const line = lines.find((each) => each.entityId === paid.providerPaymentId)
      const day = days.find((each) => each === line?.settledAt.toISOString().slice(0, 10)) ?? ''
      for (const amount of UNREADABLE_AMOUNTS) {
        await bed.bench.spoil({ kind: 'amended', amend: { amount } })
        const page = accepted(await shown(bed.provider.books.settlements).list(day, { cursor: null, count: 10 }))
        assert.deepEqual(page.lines, [], JSON.stringify(amount))
        assert.ok(page.unread.some(({ ref }) => ref === paid.providerPaymentId))
        await bed.bench.spoil({ kind: 'amended', amend: { amount } })
        assertUnknown(await shown(bed.provider.books.settlements).fetchSettlement(line?.settlementId ?? ''))
      }
      const unknown = `${(line?.settlementId ?? '').slice(0, -4)}0000`
      assertRefused(await shown(bed.provider.books.settlements).fetchSettlement(unknown))
    })
  })

  testCalls(bed, [
    {
      name: 'listSettlementLines',
      prepare: async ({ provider }) => {
        const day = new Date().toISOString().slice(0, 10)
        return () => shown(provider.books.settlements).list(day, { cursor: null, count: 10 })
      },
    },
    {
      name: 'fetchSettlement',
      prepare: async ({ provider }) => {
        const { paid, lines } = await settledPayment()
        const id = lines.find((line) => line.entityId === paid.providerPaymentId)?.settlementId ?? ''
        return () => shown(provider.books.settlements).fetchSettlement(id)
      },
    },
  ])
}
