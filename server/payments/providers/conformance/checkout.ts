/** Opening an order, finding it again, and what the browser brings back. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { add, multiply, subtract } from '../../../../shared/money.ts'
import { accepted, assertRefused, assertUnknown, openOrder, orderRequest, paidOrder, type Bed } from './bed.ts'
import type { Returned, ReturnVerdict } from '../provider.ts'

const CUSTOMER = { name: 'Ananya Deshpande', email: 'ananya@example.test', contact: '+919812345210' }

export function testCheckout(bed: Bed): void {
  describe('closing an order', () => {
    const { canClose } = bed.traits
    const closes = !canClose && 'canClose: the provider ends no order'
    const close = async (id: string) => accepted(await bed.provider.close(id))

    test('that cannot be done says so, and it can still be paid', { skip: canClose && 'canClose' }, async () => {
      const { providerOrderId } = await openOrder(bed)
      assert.deepEqual(await close(providerOrderId), { ending: 'cannot' })
      const { providerPaymentId } = await bed.bench.pay(providerOrderId, 'captured')
      const facts = accepted(await bed.provider.fetchOrderPayments(providerOrderId))
      assert.deepEqual(
        facts.map((fact) => fact.providerPaymentId),
        [providerPaymentId],
      )
    })

    test('ends it: nobody can pay it any more, and closing it again is harmless', { skip: closes }, async () => {
      const { providerOrderId } = await openOrder(bed)
      for (let time = 0; time < 2; time += 1) assert.deepEqual(await close(providerOrderId), { ending: 'closed' })
      await assert.rejects(bed.bench.pay(providerOrderId, 'captured'))
      assert.deepEqual(accepted(await bed.provider.fetchOrderPayments(providerOrderId)), [])
    })

    test('that was paid ends nothing, and tells of the payment', { skip: closes }, async () => {
      const { providerOrderId } = await openOrder(bed)
      const { providerPaymentId } = await bed.bench.pay(providerOrderId, 'captured')
      const closing = await close(providerOrderId)
      assert.ok(closing.ending === 'paid')
      const captured = closing.facts.filter((fact) => fact.kind === 'attempt' && fact.status === 'captured')
      assert.deepEqual(
        captured.map((fact) => fact.providerPaymentId),
        [providerPaymentId],
      )
    })

    test('P2 whose answer is lost is not taken for closed', { skip: closes }, async () => {
      const { providerOrderId } = await openOrder(bed)
      await bed.bench.spoil({ kind: 'reset', effect: 'done' })
      assertUnknown(await bed.provider.close(providerOrderId))
      assert.deepEqual(await close(providerOrderId), { ending: 'closed' })
    })
  })

  describe('an order', () => {
    test('is opened with our amount and currency, under our reference', async () => {
      const before = Date.now()
      const request = orderRequest(bed)
      const opened = accepted(await bed.provider.createOrder(request))
      const { providerOrderId, openUntil } = opened
      assert.deepEqual((await bed.bench.books(request.paymentId, providerOrderId)).orderIds, [providerOrderId])
      assert.deepEqual(accepted(await bed.provider.findOrder(request)), opened)
      assert.ok(openUntil === null || openUntil.getTime() > before, 'it is open')
    })

    test('is opened at the smallest amount, and refused below it', async () => {
      const { least } = bed.provider.amountsIn(bed.bench.currency)
      accepted(await bed.provider.createOrder(orderRequest(bed, least)))
      assertRefused(await bed.provider.createOrder(orderRequest(bed, subtract(least, 1))))
    })

    for (const { currency, least, step } of bed.traits.currencies) {
      test(`in ${currency} is opened for what we say, to its last minor unit, in steps of ${step}`, async () => {
        assert.deepEqual(bed.provider.amountsIn(currency), { least, step })
        assert.equal(bed.provider.takesCurrency(currency), true)
        for (const amount of [least, add(least, step), multiply(least, 12_345)]) {
          const { request, providerOrderId } = await openOrder(bed, amount, currency)
          const { orderIds } = await bed.bench.books(request.paymentId, providerOrderId)
          assert.deepEqual(orderIds, [providerOrderId])
          const { providerPaymentId } = await bed.bench.pay(providerOrderId, 'captured')
          const [fact] = accepted(await bed.provider.fetchOrderPayments(providerOrderId))
          assert.ok(fact?.kind === 'attempt')
          assert.deepEqual([fact.providerPaymentId, fact.amount, fact.currency], [providerPaymentId, amount, currency])
        }
        if (step > 1) assertRefused(await bed.provider.createOrder(orderRequest(bed, add(least, 1), currency)))
      })
    }

    test('that was never made is not found', async () => {
      assert.equal(accepted(await bed.provider.findOrder(orderRequest(bed))), null)
    })

    test('P12 of another amount or currency is not taken for ours', async () => {
      const { request } = await openOrder(bed)
      const dearer = { ...request, amount: request.amount + 100 }
      assert.equal(accepted(await bed.provider.findOrder(dearer)), null)
      const foreign = { ...request, currency: request.currency === 'USD' ? 'INR' : 'USD' }
      assert.equal(accepted(await bed.provider.findOrder(foreign)), null)
    })

    for (const kind of ['reset', 'silence', 'page'] as const) {
      test(`P2 whose answer was lost (${kind}) is found by our reference`, async () => {
        const request = orderRequest(bed)
        await bed.bench.spoil({ kind, effect: 'done' })
        assertUnknown(await bed.provider.createOrder(request))
        const found = accepted(await bed.provider.findOrder(request))
        assert.notEqual(found, null)
        assert.deepEqual((await bed.bench.books(request.paymentId, found?.providerOrderId ?? '')).orderIds, [
          found?.providerOrderId,
        ])
      })
    }

    for (const [what, amend] of [
      ['another amount', { amount: 1_00_00_000 }],
      ['another currency', { currency: 'XTS' }],
    ] as const) {
      test(`P10 P11 answered with ${what} is not taken for ours`, async () => {
        await bed.bench.spoil({ kind: 'amended', amend })
        assertUnknown(await bed.provider.createOrder(orderRequest(bed)))
      })
    }

    test('takes the currencies that the adapter says, and no other text', () => {
      assert.equal(bed.provider.takesCurrency(bed.bench.currency), true)
      for (const text of ['', bed.bench.currency.toLowerCase(), `${bed.bench.currency} `, 'RUPEES', '₹']) {
        assert.equal(bed.provider.takesCurrency(text), false, `takes "${text}"`)
      }
      const { least, step } = bed.provider.amountsIn(bed.bench.currency)
      assert.ok(Number.isSafeInteger(least) && least > 0)
      assert.ok(Number.isSafeInteger(step) && step > 0 && least % step === 0)
    })

    test('is handed to the browser whole, with no secret in it', async () => {
      const { request, providerOrderId, kept } = await openOrder(bed)
      const input = {
        providerOrderId,
        // As it comes back from where it was kept.
        kept: JSON.parse(JSON.stringify(kept)) as typeof kept,
        amount: request.amount,
        currency: request.currency,
        orderNumber: request.orderNumber,
        customer: CUSTOMER,
      }
      const handOff = bed.provider.checkout(input)
      assert.deepEqual(bed.provider.checkout(input), handOff)
      if (handOff.checkout.kind === 'razorpay') {
        assert.match(JSON.stringify(handOff.checkout.options), new RegExp(providerOrderId))
        const { origin } = new URL(handOff.checkout.scriptUrl)
        assert.ok(bed.provider.pageSources.script.includes(origin), `pages let ${origin} in`)
      } else {
        assert.ok(URL.canParse(handOff.checkout.url))
      }
    })
  })

  describe("the browser's word", () => {
    const { signedReturn } = bed.traits
    const unsigned = signedReturn.length === 0 && 'signedReturn: the browser brings nothing signed'
    const signed = signedReturn.length > 0 && 'signedReturn: it is signed'

    test('is never a proof where nothing is signed, and says which order to ask about', { skip: signed }, async () => {
      const [mine, other] = [await paidOrder(bed, 'captured'), await openOrder(bed)]
      const brought = given(mine.browser)
      assert.deepEqual(readReturn(bed, mine.providerOrderId, brought), { verdict: 'unsigned' })
      assert.deepEqual(readReturn(bed, other.providerOrderId, brought), { verdict: 'notMine' })
    })

    test('is accepted when it is genuine', { skip: unsigned }, async () => {
      const { providerOrderId, providerPaymentId, browser } = await paidOrder(bed, 'captured')
      assert.deepEqual(readReturn(bed, providerOrderId, given(browser)), {
        verdict: 'signed',
        providerPaymentId,
      })
    })

    test('W11 is refused for another order, whatever order it names', { skip: unsigned }, async () => {
      const [mine, other] = [await paidOrder(bed, 'captured'), await paidOrder(bed, 'captured')]
      const invalid = { verdict: 'forged' }
      assert.deepEqual(readReturn(bed, other.providerOrderId, given(mine.browser)), invalid)
      assert.deepEqual(readReturn(bed, mine.providerOrderId, given(other.browser)), invalid)
      assert.deepEqual(readReturn(bed, '', given(mine.browser)), invalid)
    })

    for (const field of signedReturn) {
      test(`W16 is refused when ${field} is changed, cut, stretched, empty, missing or another's`, async () => {
        const { providerOrderId, browser } = await paidOrder(bed, 'captured')
        const other = given((await paidOrder(bed, 'captured')).browser)
        const body = given(browser)
        const value = body[field] ?? ''
        assert.notEqual(value, '', `the bench brings ${field}`)
        const forgeries = [
          ...Array.from(value, (_, index) => changedAt(value, index)),
          value.slice(0, -1),
          value.slice(1),
          `${value}0`,
          ` ${value}`,
          `${value}\n`,
          '',
          '0'.repeat(value.length),
          'é'.repeat(value.length),
          other[field],
          undefined,
        ]
        for (const forged of forgeries) {
          const { verdict } = readReturn(bed, providerOrderId, { ...body, [field]: forged })
          const expected = forged === undefined ? ['forged', 'notMine'] : ['forged']
          assert.ok(expected.includes(verdict), `${verdict} for ${field} = ${JSON.stringify(forged)}`)
        }
      })
    }

    test('says nothing when it is empty, or of another provider', () => {
      const empty: Returned = {}
      for (const returned of [empty, { orderId: 'x', sessionId: 'cs_1', token: 'T1', paypalOrderId: 'T1' }]) {
        assert.deepEqual(readReturn(bed, '', returned), { verdict: 'notMine' })
      }
    })
  })
}

function readReturn(bed: Bed, providerOrderId: string, returned: Returned): ReturnVerdict {
  return bed.provider.readReturn({ providerOrderId }, returned)
}

function given(browser: Returned | null): Returned {
  assert.ok(browser !== null, 'the bench brings what a shopper that paid would bring')
  return browser
}

function changedAt(text: string, index: number): string {
  const other = text[index] === '1' ? '2' : '1'
  return text.slice(0, index) + other + text.slice(index + 1)
}
