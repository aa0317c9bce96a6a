/** Refunds, as /v1/payments/:id/refund and /v1/refunds behave (razorpay.com/docs/api/refunds). */
import { subtract } from '../../shared/money.ts'
import { type Collection, collection, type Payment, type Refund } from './entities.ts'
import { badRequest, conflict, unknownId } from './errors.ts'
import {
  type Fields,
  parseId,
  parseNotes,
  parseOptionalAmount,
  parsePage,
  parseText,
  refuseUnknownFields,
} from './input.ts'
import { createRefund, type NewRefund } from './lifecycle.ts'
import { mustFindPayment } from './payments.ts'
import type { Shop } from './shop.ts'

const REFUND_FIELDS = new Set(['amount', 'speed', 'notes', 'receipt', 'reverse_all'])
const LEAST_INR = 100

/** refund.* webhooks came six seconds after the call, measured. */
const HOOKS = { kind: 'late', afterMs: 6000 } as const

/** How long an idempotency key lives is not published; a day is the habit of the field. */
const KEY_LIFE_MS = 86_400_000

/** A normal refund of an older payment is accepted and fails. */
const OLDEST_S = 182 * 86_400

/** Gives money back at once. A refusal (400) changes nothing. */
export function refundPayment(shop: Shop, paymentId: string, body: Fields): Refund {
  const { doc, terms } = mustFindPayment(shop, paymentId)
  refuseUnknownFields(body, REFUND_FIELDS)
  const input = parseRefund(doc, body)
  const tooOld = shop.world.nowSeconds() - doc.created_at > OLDEST_S && input.speed === 'normal'
  if (terms.refunds === 'refuse') {
    throw badRequest('Your account does not have enough balance to carry out the refund operation.')
  }
  const { refund, drafts } = createRefund(shop, paymentId, input, tooOld ? 'refused' : terms.refunds)
  shop.outbox.emit(drafts, HOOKS)
  return refund
}

function parseRefund(payment: Payment, body: Fields): NewRefund {
  // Without an amount the whole payment is meant, also after a partial refund; then it is more than what is left.
  const amount = parseOptionalAmount(body) ?? payment.amount
  if (payment.status === 'refunded') throw badRequest('The payment has been fully refunded already.')
  if (payment.status !== 'captured') {
    throw badRequest('The payment status should be captured for action to be taken')
  }
  if (amount < (payment.currency === 'INR' ? LEAST_INR : 1)) {
    throw badRequest('The amount must be at least INR 1.00', 'amount')
  }
  if (amount > subtract(payment.amount, payment.amount_refunded)) {
    throw badRequest('The refund amount provided is greater than amount captured.', 'amount')
  }
  const speed = body.speed ?? 'normal'
  if (speed !== 'normal' && speed !== 'optimum') throw badRequest('The speed must be normal or optimum.', 'speed')
  return { amount, speed, notes: parseNotes(body.notes), receipt: parseText(body, 'receipt', 40) }
}

/**
 * The same under an idempotency key. The first request with a key claims it, the answer is kept with it, and the same
 * request gets that answer again; another request with that key is refused, and so is the same one while the first is
 * under way. A refusal frees the key.
 *
 * @param work makes the refund; `pause` lets a fault hold the request up while the key is claimed
 */
export async function refundOnce(
  shop: Shop,
  key: string | undefined,
  fingerprint: string,
  pause: (() => Promise<void>) | undefined,
  work: () => Refund,
): Promise<Refund> {
  const { books } = shop.world
  if (key === undefined) {
    await pause?.()
    return books.transaction(work)
  }
  if (key.length < 10) throw badRequest('The idempotency key must be at least 10 characters long.')
  if (!/^[A-Za-z0-9_-]+$/.test(key)) throw badRequest('The idempotency key may only contain A-Z, a-z, 0-9, - and _.')
  const now = shop.world.agenda.now()
  const known = shop.tables.findRefundKey(key)
  if (known !== undefined && now - known.createdAt < shop.world.scaled(KEY_LIFE_MS)) {
    if (known.fingerprint !== fingerprint) {
      throw conflict('Different request with the same idempotency key has already been processed.')
    }
    if (known.reply === null) throw conflict('Another request with the same idempotency key is still in progress.')
    return JSON.parse(known.reply)
  }
  const claim = () => {
    if (known !== undefined) shop.tables.deleteRefundKey(key)
    shop.tables.insertRefundKey(key, fingerprint, now)
  }
  if (pause === undefined) {
    return books.transaction(() => {
      claim()
      return concluded(shop, key, work())
    })
  }
  books.transaction(claim)
  try {
    await pause()
    return books.transaction(() => concluded(shop, key, work()))
  } catch (error) {
    shop.tables.deleteRefundKey(key)
    throw error
  }
}

function concluded(shop: Shop, key: string, refund: Refund): Refund {
  shop.tables.concludeRefundKey(key, JSON.stringify(refund))
  return refund
}

export function listRefunds(shop: Shop, query: Fields): Collection<Refund> {
  return collection(shop.tables.listRefunds(parsePage(shop, query)))
}

/** The refunds of one payment; this list does not lag. */
export function listPaymentRefunds(shop: Shop, paymentId: string, query: Fields): Collection<Refund> {
  const { doc } = mustFindPayment(shop, paymentId)
  return collection(shop.tables.refundsOfPayment(doc.id, parsePage(shop, query, true)))
}

export function getRefund(shop: Shop, id: string, paymentId?: string): Refund {
  const refund = shop.tables.findRefund(parseId(id, 'rfnd'))
  if (refund === undefined || (paymentId !== undefined && refund.payment_id !== paymentId)) throw unknownId()
  return refund
}

export function patchRefund(shop: Shop, id: string, body: Fields): Refund {
  const refund = getRefund(shop, id)
  refuseUnknownFields(body, new Set(['notes']))
  refund.notes = parseNotes(body.notes)
  shop.tables.updateRefund(refund, shop.world.agenda.now())
  return refund
}
