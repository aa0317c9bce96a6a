/** Payments, as GET/PATCH /v1/payments and capture behave (razorpay.com/docs/api/payments). */
import { type Collection, collection, type Payment, type PaymentTerms } from './entities.ts'
import { badRequest, unknownId } from './errors.ts'
import {
  type Fields,
  parseAmount,
  parseExpand,
  parseId,
  parseNotes,
  parsePage,
  parseText,
  refuseUnknownFields,
} from './input.ts'
import { captureOrRelease } from './lifecycle.ts'
import { ORDER_ALREADY_PAID } from './play.ts'
import type { Shop } from './shop.ts'
import type { Kept } from './tables.ts'

const NOW = { kind: 'now' } as const

export function getPayment(shop: Shop, id: string, query: Fields): Payment {
  return showPayment(mustFindPayment(shop, id), parseExpand(query))
}

export function listPayments(shop: Shop, query: Fields): Collection<Payment> {
  const expand = parseExpand(query)
  return collection(shop.tables.listPayments(parsePage(shop, query)).map((payment) => showPayment(payment, expand)))
}

export function patchPayment(shop: Shop, id: string, body: Fields): Payment {
  const { doc } = mustFindPayment(shop, id)
  refuseUnknownFields(body, new Set(['notes']))
  doc.notes = parseNotes(body.notes)
  shop.tables.updatePayment(doc, shop.world.agenda.now())
  shop.world.touch()
  return doc
}

/**
 * Captures an authorized payment: the whole amount or nothing, and once. There is no idempotency key for this call;
 * whoever repeats it is told that the payment is captured already.
 */
export function capture(shop: Shop, id: string, body: Fields): Payment {
  const { doc } = mustFindPayment(shop, id)
  const amount = parseAmount(body)
  const currency = parseText(body, 'currency', 3) ?? 'INR'
  if (doc.status === 'captured' || doc.status === 'refunded') {
    throw badRequest('This payment has already been captured')
  }
  if (doc.status !== 'authorized') {
    throw badRequest('Only payments which have been authorized and not yet captured can be captured')
  }
  if (amount !== doc.amount) throw badRequest('Capture amount must be equal to the amount authorized', 'amount')
  if (currency !== doc.currency) throw badRequest('The currency does not match that of the payment.', 'currency')
  if (shop.tables.findOrder(doc.order_id)?.doc.status === 'paid') throw badRequest(ORDER_ALREADY_PAID)
  shop.outbox.emit(captureOrRelease(shop, id, { capture: 'always' }), NOW)
  return mustFindPayment(shop, id).doc
}

/** The payment as it is answered; the card, which lives apart, is shown when asked for. */
export function showPayment({ doc, terms }: Kept<Payment, PaymentTerms>, expand: Set<string>): Payment {
  if (!expand.has('card') || terms.card === null) return doc
  return { ...doc, card: terms.card } as Payment
}

export function mustFindPayment(shop: Shop, id: string): Kept<Payment, PaymentTerms> {
  const payment = shop.tables.findPayment(parseId(id, 'pay'))
  if (payment === undefined) throw unknownId()
  return payment
}
