/** What an authentic event says: facts that are bound to our order, or nothing; and never a repaired number. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AttemptFact, PaymentFact, RefundFact } from '../../money/payment.ts'
import type { Amendment, Delivery } from '../conformance.ts'
import { accepted, attemptOf, essence, isOfOurs, paidOrder, refundRequest, type Bed, type OpenOrder } from './bed.ts'

/** Amounts as no provider documents them (fault P25). Numbers beyond the safe integers would change when read. */
export const UNREADABLE_AMOUNTS: readonly unknown[] = [
  '100',
  '1e3',
  '',
  '1.00 ',
  100.5,
  -1,
  1e21,
  2 ** 53,
  null,
  true,
  [100],
  { value: 100 },
]

export function testWebhookEvents(bed: Bed): void {
  const factsOf = async ({ providerOrderId }: OpenOrder): Promise<PaymentFact[]> =>
    (await bed.bench.deliveries(providerOrderId)).flatMap(({ rawBody }) => bed.provider.readEvent(rawBody).facts)

  const amended = ({ rawBody }: Delivery, amendment: Amendment): Buffer =>
    Buffer.from(JSON.stringify(bed.bench.amend(JSON.parse(rawBody.toString('utf8')), amendment)))

  describe('a webhook event', () => {
    test('tells of a capture, in full, of our order', async () => {
      const paid = await paidOrder(bed, 'captured')
      const facts = await factsOf(paid)
      const captured = attempts(facts).filter((fact) => fact.status === 'captured')
      assert.notEqual(captured.length, 0)
      for (const fact of captured) assert.deepEqual(essence(fact, paid), attemptOf(bed, paid, 'captured'))
      assert.deepEqual([...new Set(facts.map((fact) => fact.source))], ['webhook'])
    })

    const { separateCapture } = bed.traits
    test('tells of an authorization', { skip: !separateCapture && 'it captures at once' }, async () => {
      const paid = await paidOrder(bed, 'authorized')
      assert.deepEqual(
        attempts(await factsOf(paid)).map((fact) => essence(fact, paid)),
        [attemptOf(bed, paid, 'authorized')],
      )
    })

    test('tells of a failure, and why', async () => {
      const paid = await paidOrder(bed, 'failed')
      const facts = attempts(await factsOf(paid))
      assert.deepEqual(
        facts.map((fact) => essence(fact, paid)),
        [attemptOf(bed, paid, 'failed')],
      )
      assert.ok(facts.every((fact) => fact.errorCode !== null && fact.errorDescription !== null))
    })

    test('tells of our refund by our id, and of one made elsewhere without', async () => {
      const paid = await paidOrder(bed, 'captured')
      const request = refundRequest(paid, 100)
      const ours = accepted(await bed.provider.refund(request))
      await bed.bench.refundElsewhere(paid.providerPaymentId, 200)
      const told = new Map(
        refunds(await factsOf(paid)).map((fact) => {
          const { ourRefundId, providerPaymentId, amount, currency, status } = fact
          assert.deepEqual([isOfOurs(fact, paid), providerPaymentId], [true, paid.providerPaymentId])
          assert.equal(currency, paid.request.currency)
          return [fact.providerRefundId, { ourRefundId, amount, status }]
        }),
      )
      const { refunds: books } = await bed.bench.books(paid.request.paymentId, paid.providerOrderId)
      const elsewhere = books.find(({ id }) => id !== ours.providerRefundId)?.id ?? ''
      assert.deepEqual(
        told,
        new Map([
          [ours.providerRefundId, { ourRefundId: request.refundId, amount: 100, status: 'processed' }],
          [elsewhere, { ourRefundId: null, amount: 200, status: 'processed' }],
        ]),
      )
    })

    test('P19 tells of a refund that the bank took back', async () => {
      const paid = await paidOrder(bed, 'captured')
      const { providerRefundId } = accepted(await bed.provider.refund(refundRequest(paid, 100)))
      await bed.bench.endRefund(providerRefundId, 'failed')
      const told = refunds(await factsOf(paid)).filter((fact) => fact.providerRefundId === providerRefundId)
      // Events overtake each other, so no place in the line is expected of it.
      assert.deepEqual(new Set(told.map((fact) => fact.status)), new Set(['processed', 'failed']))
    })

    test('W11 belongs to the order that it names, whichever order that is', async () => {
      const [mine, other] = [await paidOrder(bed, 'captured'), await paidOrder(bed, 'captured')]
      for (const delivery of await bed.bench.deliveries(mine.providerOrderId)) {
        const { facts } = bed.provider.readEvent(amended(delivery, { providerOrderId: other.providerOrderId }))
        const itsOrder = { ...other, providerPaymentId: mine.providerPaymentId }
        for (const fact of facts) assert.ok(isOfOurs(fact, itsOrder))
      }
    })

    test('P10 P11 says the amount and currency that the provider says, not those that we asked for', async () => {
      const paid = await paidOrder(bed, 'captured')
      for (const delivery of await bed.bench.deliveries(paid.providerOrderId)) {
        const { facts } = bed.provider.readEvent(amended(delivery, { amount: 1, currency: 'XTS' }))
        for (const fact of attempts(facts)) assert.deepEqual([fact.amount, fact.currency], [1, 'XTS'])
      }
    })

    test('P25 with an amount that is none is unreadable, never repaired', async () => {
      const paid = await paidOrder(bed, 'captured')
      await bed.provider.refund(refundRequest(paid, 100))
      for (const delivery of await bed.bench.deliveries(paid.providerOrderId)) {
        if (bed.provider.readEvent(delivery.rawBody).facts.length === 0) continue
        for (const amount of UNREADABLE_AMOUNTS) {
          assert.throws(
            () => bed.provider.readEvent(amended(delivery, { amount })),
            `reads ${JSON.stringify(amount)} as an amount`,
          )
        }
      }
    })

    test('P22 with a status word that we do not know tells that word, and nothing of money', async () => {
      const paid = await paidOrder(bed, 'captured')
      for (const delivery of await bed.bench.deliveries(paid.providerOrderId)) {
        const { type, facts } = bed.provider.readEvent(amended(delivery, { status: 'levitating' }))
        assert.notEqual(type, '')
        for (const fact of facts) {
          assert.deepEqual([fact.kind, fact.kind === 'unread' && fact.word], ['unread', 'levitating'])
          assert.ok(isOfOurs(fact, paid))
          assert.equal(fact.providerPaymentId, paid.providerPaymentId)
        }
      }
    })

    test('that is no event of this provider is unreadable', () => {
      for (const text of ['', '{', 'null', '[]', '"captured"', '1', '{}', '{"event":null}', '<html></html>']) {
        assert.throws(() => bed.provider.readEvent(Buffer.from(text)), `reads ${text}`)
      }
      assert.throws(() => bed.provider.readEvent(Buffer.from([0xff, 0xfe, 0x7b])))
    })
  })
}

function attempts(facts: readonly PaymentFact[]): AttemptFact[] {
  return facts.filter((fact) => fact.kind === 'attempt')
}

function refunds(facts: readonly PaymentFact[]): RefundFact[] {
  return facts.filter((fact) => fact.kind === 'refund')
}
