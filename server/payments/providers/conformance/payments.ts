/** Asking what became of a payment, and capturing what was authorized. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { subtract } from '../../../../shared/money.ts'
import type { AttemptFact, PaymentFact } from '../../money/payment.ts'
import type { Paid } from '../conformance.ts'
import type { PaymentPage, Reply } from '../provider.ts'
import {
  accepted,
  assertMadeNow,
  assertRefused,
  assertUnknown,
  attemptOf,
  captureRequest,
  essence,
  openOrder,
  paidOrder,
  notShown,
  shown,
  type Bed,
  type OpenOrder,
} from './bed.ts'
import { UNREADABLE_AMOUNTS } from './webhook-events.ts'

const MINUTE_MS = 60_000
/** More pages than the suite makes payments. */
const MOST_PAGES = 1_000

export function testPayments(bed: Bed): void {
  const unlisted = notShown(bed.traits, 'payments')
  const { separateCapture, lateAuthorization } = bed.traits
  const atOnce = { skip: !separateCapture && 'it captures at once' }

  const fetched = async (paid: OpenOrder & Paid) => {
    const { providerOrderId, providerPaymentId } = paid
    const ofOrder = accepted(await bed.provider.fetchOrderPayments(providerOrderId)).filter(isAttempt)
    const alone = accepted(await bed.provider.fetchPayment(providerPaymentId))
    assert.deepEqual(
      ofOrder.filter((fact) => fact.providerPaymentId === providerPaymentId).map((fact) => essence(fact, paid)),
      [essence(alone, paid)],
      'both ways of asking agree',
    )
    return essence(alone, paid)
  }

  describe('asking for payments', () => {
    test('gives none for an order that nobody paid', async () => {
      const { providerOrderId } = await openOrder(bed)
      assert.deepEqual(accepted(await bed.provider.fetchOrderPayments(providerOrderId)), [])
    })

    for (const ending of ['failed', 'authorized', 'captured'] as const) {
      const skip = ending === 'authorized' && atOnce.skip
      test(`shows one that was ${ending}`, { skip }, async () => {
        const paid = await paidOrder(bed, ending)
        assert.deepEqual(await fetched(paid), attemptOf(bed, paid, ending))
      })
    }

    test('shows one that the bank has not answered as open', async () => {
      const paid = await paidOrder(bed, 'pending')
      assert.deepEqual(await fetched(paid), attemptOf(bed, paid, 'created'))
    })

    test('shows a card by its last digits only', async () => {
      const { providerPaymentId } = await paidOrder(bed, 'captured', { method: 'card' })
      const fact = accepted(await bed.provider.fetchPayment(providerPaymentId))
      assert.equal(fact?.method, 'card')
      assert.doesNotMatch(fact?.methodDetail ?? '', /\d{5}/)
      assert.match(fact?.methodDetail ?? '', /\d{4}$/)
    })

    const staysFailed = { skip: !(lateAuthorization && separateCapture) && 'a failed attempt stays failed' }
    test('follows failed → authorized → captured', staysFailed, async () => {
      const paid = await paidOrder(bed, 'failed')
      assert.equal((await fetched(paid))?.status, 'failed')
      await bed.bench.authorizeLate(paid.providerPaymentId)
      assert.equal((await fetched(paid))?.status, 'authorized')
      accepted(await bed.provider.capture(captureRequest(paid)))
      assert.deepEqual(await fetched(paid), attemptOf(bed, paid, 'captured'))
    })

    test('shows a capture as captured after all of it went back', async () => {
      const paid = await paidOrder(bed, 'captured')
      await bed.bench.refundElsewhere(paid.providerPaymentId, paid.request.amount)
      assert.equal((await fetched(paid))?.status, 'captured')
    })

    test('tells when it began, and how much of it has gone back', async () => {
      const before = Date.now()
      const paid = await paidOrder(bed, 'captured')
      const first = accepted(await bed.provider.fetchPayment(paid.providerPaymentId))
      assertMadeNow(first?.providerCreatedAt ?? null, before)
      assert.equal(first?.refundedAmount, 0)
      await bed.bench.refundElsewhere(paid.providerPaymentId, 300)
      const second = accepted(await bed.provider.fetchPayment(paid.providerPaymentId))
      assert.equal(second?.refundedAmount, 300)
      assert.deepEqual(second?.providerCreatedAt, first?.providerCreatedAt)
    })

    test('gives every attempt of an order', async () => {
      const first = await paidOrder(bed, 'failed')
      const second = await bed.bench.pay(first.providerOrderId, 'captured')
      const facts = accepted(await bed.provider.fetchOrderPayments(first.providerOrderId)).filter(isAttempt)
      assert.deepEqual(
        new Map(facts.map((fact) => [fact.providerPaymentId, fact.status])),
        new Map([
          [first.providerPaymentId, 'failed'],
          [second.providerPaymentId, 'captured'],
        ]),
      )
    })

    test('for something that does not exist gives no fact', async () => {
      const { providerPaymentId, providerOrderId } = await paidOrder(bed, 'captured')
      for (const id of [other(providerPaymentId), 'x', '../orders', '%2e%2e', 'a/b', 'a?b=c', 'ü']) {
        const reply = await bed.provider.fetchPayment(id)
        assert.ok(reply.outcome !== 'accepted' || reply.value === null, `a payment ${id}`)
        const ofOrder = await bed.provider.fetchOrderPayments(id)
        assert.ok(ofOrder.outcome !== 'accepted' || ofOrder.value.length === 0, `payments of order ${id}`)
      }
      assertRefusedOrEmpty(await bed.provider.fetchOrderPayments(other(providerOrderId)))
    })

    test('P25 takes no amount that is none', async () => {
      const { providerPaymentId } = await paidOrder(bed, 'captured')
      for (const amount of UNREADABLE_AMOUNTS) {
        await bed.bench.spoil({ kind: 'amended', amend: { amount } })
        assertUnknown(await bed.provider.fetchPayment(providerPaymentId))
      }
    })

    test('P22 hears no money in a status word that it does not know, and tells the word', async () => {
      const { providerOrderId, providerPaymentId } = await paidOrder(bed, 'captured')
      await bed.bench.spoil({ kind: 'amended', amend: { status: 'levitating' } })
      assert.equal(accepted(await bed.provider.fetchPayment(providerPaymentId)), null)
      await bed.bench.spoil({ kind: 'amended', amend: { status: 'levitating' } })
      const told = accepted(await bed.provider.fetchOrderPayments(providerOrderId))
      assert.deepEqual(
        told.map((fact) => [fact.kind, fact.providerPaymentId, fact.kind === 'unread' && fact.word]),
        [['unread', providerPaymentId, 'levitating']],
      )
    })

    test('R12 sets an entry of a list aside that cannot be read, and gives the others', {
      skip: unlisted,
    }, async () => {
      const made = [await paidOrder(bed, 'captured'), await paidOrder(bed, 'captured')]
      const now = Date.now()
      const window = { from: new Date(now - 60 * MINUTE_MS), to: new Date(now + MINUTE_MS) }
      await bed.bench.spoil({ kind: 'amended', amend: { amount: '1.5' } })
      const page = accepted(await shown(bed.provider.books.payments).list(window, { cursor: null, count: 100 }))
      assert.deepEqual(page.facts, [])
      const set = new Set(page.unread.map((record) => record.ref))
      for (const { providerPaymentId } of made) assert.ok(set.has(providerPaymentId), providerPaymentId)
      const again = accepted(await shown(bed.provider.books.payments).list(window, { cursor: null, count: 100 }))
      assert.deepEqual(again.unread, [])
    })

    test('P12 takes no answer about another payment', async () => {
      const [mine, another] = [await paidOrder(bed, 'captured'), await paidOrder(bed, 'captured')]
      const { providerOrderId, providerPaymentId } = another
      await bed.bench.spoil({ kind: 'amended', amend: { providerPaymentId } })
      assertUnknown(await bed.provider.fetchPayment(mine.providerPaymentId))
      await bed.bench.spoil({ kind: 'amended', amend: { providerOrderId } })
      const reply = await bed.provider.fetchOrderPayments(mine.providerOrderId)
      if (reply.outcome === 'accepted') assert.deepEqual(reply.value, [])
    })

    test('lists all of a window, page by page, and none outside it', { skip: unlisted }, async () => {
      const made = [await paidOrder(bed, 'captured'), await paidOrder(bed, 'failed'), await paidOrder(bed, 'captured')]
      const now = Date.now()
      const window = { from: new Date(now - 60 * MINUTE_MS), to: new Date(now + MINUTE_MS) }
      const found: string[] = []
      let cursor: string | null = null
      for (let page = 0; page === 0 || cursor !== null; page += 1) {
        assert.ok(page < MOST_PAGES, 'the list has an end')
        const { facts, nextCursor }: PaymentPage = accepted(
          await shown(bed.provider.books.payments).list(window, { cursor, count: 2 }),
        )
        assert.ok(facts.length <= 2)
        found.push(...facts.map((fact) => fact.providerPaymentId))
        cursor = nextCursor
      }
      assert.equal(new Set(found).size, found.length, 'no payment stands on two pages')
      for (const { providerPaymentId } of made) assert.ok(found.includes(providerPaymentId))
      const yesterday = { from: new Date(now - 1_500 * MINUTE_MS), to: new Date(now - 60 * MINUTE_MS) }
      const none = { facts: [], unbound: [], said: [], unread: [], nextCursor: null }
      assert.deepEqual(
        accepted(await shown(bed.provider.books.payments).list(yesterday, { cursor: null, count: 10 })),
        none,
      )
    })

    test('does not take a page that says nothing to us for the last one', { skip: unlisted }, async () => {
      await paidOrder(bed, 'captured')
      await paidOrder(bed, 'captured')
      const now = Date.now()
      const window = { from: new Date(now - 60 * MINUTE_MS), to: new Date(now + MINUTE_MS) }
      await bed.bench.spoil({ kind: 'amended', amend: { status: 'levitating' } })
      const page = accepted(await shown(bed.provider.books.payments).list(window, { cursor: null, count: 1 }))
      assert.deepEqual([page.facts, page.unbound, page.unread], [[], [], []])
      assert.notEqual(page.nextCursor, null)
      assert.deepEqual(
        page.said.map(({ word }) => word),
        ['levitating'],
      )
    })

    test('goes on where the provider stopped when more was asked for than it gives at once', {
      skip: unlisted,
    }, async () => {
      const made = await paidOrder(bed, 'captured')
      const now = Date.now()
      const window = { from: new Date(now - 60 * MINUTE_MS), to: new Date(now + MINUTE_MS) }
      const { facts, nextCursor } = accepted(
        await shown(bed.provider.books.payments).list(window, { cursor: null, count: 100_000 }),
      )
      assert.ok(facts.some((fact) => fact.providerPaymentId === made.providerPaymentId))
      if (nextCursor === null) return
      const asked = { cursor: nextCursor, count: 100_000 }
      const next = accepted(await shown(bed.provider.books.payments).list(window, asked))
      const first = new Set(facts.map((fact) => fact.providerPaymentId))
      assert.ok(next.facts.every((fact) => !first.has(fact.providerPaymentId)))
    })
  })

  const capturedOnce = async (paid: OpenOrder & Paid) => {
    const { payments } = await bed.bench.books(paid.request.paymentId, paid.providerOrderId)
    assert.deepEqual(payments, [
      {
        id: paid.providerPaymentId,
        amount: paid.request.amount,
        currency: paid.request.currency,
        captured: true,
      },
    ])
  }

  describe('a capture', () => {
    test('takes the money once, and is accepted again', atOnce, async () => {
      const paid = await paidOrder(bed, 'authorized')
      const expected = attemptOf(bed, paid, 'captured')
      assert.deepEqual(essence(accepted(await bed.provider.capture(captureRequest(paid))), paid), expected)
      assert.deepEqual(essence(accepted(await bed.provider.capture(captureRequest(paid))), paid), expected)
      await capturedOnce(paid)
    })

    test('is accepted where the provider was faster', async () => {
      const paid = await paidOrder(bed, 'captured')
      const fact = essence(accepted(await bed.provider.capture(captureRequest(paid))), paid)
      assert.deepEqual(fact, attemptOf(bed, paid, 'captured'))
      await capturedOnce(paid)
    })

    for (const kind of ['reset', 'silence'] as const) {
      test(`whose answer was lost (${kind}) can be asked again`, atOnce, async () => {
        const paid = await paidOrder(bed, 'authorized')
        await bed.bench.spoil({ kind, effect: 'done' })
        assertUnknown(await bed.provider.capture(captureRequest(paid)))
        accepted(await bed.provider.capture(captureRequest(paid)))
        await capturedOnce(paid)
      })
    }

    test('of another amount or currency is refused and takes nothing', atOnce, async () => {
      const paid = await paidOrder(bed, 'authorized')
      const right = captureRequest(paid)
      assertRefused(await bed.provider.capture({ ...right, amount: subtract(right.amount, 1) }))
      assertRefused(await bed.provider.capture({ ...right, amount: right.amount + 1 }))
      assertRefused(await bed.provider.capture({ ...right, currency: right.currency === 'USD' ? 'INR' : 'USD' }))
      assert.equal((await fetched(paid))?.status, 'authorized')
    })

    test('of a failed payment is refused', async () => {
      assertRefused(await bed.provider.capture(captureRequest(await paidOrder(bed, 'failed'))))
    })

    test(
      'P12 P22 takes no answer about another order or payment, and none without a known status',
      atOnce,
      async () => {
        const another = await paidOrder(bed, 'captured')
        const { providerOrderId, providerPaymentId } = another
        for (const amend of [{ providerOrderId }, { providerPaymentId }, { status: 'levitating' }, { amount: '1' }]) {
          const paid = await paidOrder(bed, 'authorized')
          await bed.bench.spoil({ kind: 'amended', amend })
          assertUnknown(await bed.provider.capture(captureRequest(paid)))
        }
      },
    )

    test('P10 says what was captured, not what was asked for', atOnce, async () => {
      const paid = await paidOrder(bed, 'authorized')
      await bed.bench.spoil({ kind: 'amended', amend: { amount: 1 } })
      const reply = await bed.provider.capture(captureRequest(paid))
      if (reply.outcome === 'accepted') assert.equal(reply.value.amount, 1)
      else assertUnknown(reply)
    })
  })
}

function isAttempt(fact: PaymentFact): fact is AttemptFact {
  return fact.kind === 'attempt'
}

/** An id of the same form that nobody gave out. */
function other(id: string): string {
  return id.slice(0, -4) + (id.endsWith('0000') ? '1111' : '0000')
}

function assertRefusedOrEmpty(reply: Reply<PaymentFact[]>): void {
  if (reply.outcome === 'accepted') assert.deepEqual(reply.value, [])
  else assertRefused(reply)
}
