/**
 * Settlements: what the bank account receives, two working days after capture. They are not kept but computed from the
 * books each time: every capture and refund of one UTC day goes into one settlement, whose id follows from that day.
 */
import { createHash } from 'node:crypto'
import { add, subtract } from '../../shared/money.ts'
import { type Collection, collection, type Dispute, type Payment, type PaymentTerms, type Refund } from './entities.ts'
import { badRequest, unknownId } from './errors.ts'
import { type Fields, parseId, parsePage, parseWhole } from './input.ts'
import type { Shop } from './shop.ts'
import type { Kept, Page } from './tables.ts'

const DAY_S = 86_400
const RECON_DEFAULT = 10
const RECON_MOST = 1000

/** More than any report of a simulator needs; a bound all the same. */
const MOST_ROWS = 100_000

interface Settlement {
  id: string
  entity: 'settlement'
  amount: number
  status: 'processed'
  fees: number
  tax: number
  utr: string
  created_at: number
}

interface ReconItem {
  entity_id: string
  type: 'payment' | 'refund' | 'adjustment'
  debit: number
  credit: number
  amount: number
  currency: string
  fee: number
  tax: number
  on_hold: boolean
  settled: boolean
  created_at: number
  settled_at: number | null
  settlement_id: string | null
  posted_at: null
  credit_type: 'default'
  description: string | null
  notes: unknown
  payment_id: string | null
  settlement_utr: string | null
  order_id: string
  order_receipt: string | null
  method: string
  card_network: string | null
  card_issuer: string | null
  card_type: string | null
  dispute_id: string | null
}

/**
 * GET /v1/settlements/recon/combined: what was settled in a month or on a day, newest first
 * (razorpay.com/docs/api/settlements/fetch-recon). What is not settled yet stands on no day.
 */
export function reconCombined(shop: Shop, query: Fields): Collection<ReconItem> {
  const year = parseWhole(query, 'year')
  const month = parseWhole(query, 'month')
  const day = parseWhole(query, 'day')
  if (year === undefined) throw badRequest('The year field is required.', 'year')
  if (year < 2000 || year > 2100) throw badRequest('The year is not a valid year.', 'year')
  if (month === undefined || month < 1 || month > 12) throw badRequest('The month is not a valid month.', 'month')
  if (day !== undefined && (day < 1 || day > 31)) throw badRequest('The day is not a valid day.', 'day')
  const from = Date.UTC(year, month - 1, day ?? 1) / 1000
  const until = (day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + 1)) / 1000
  const skip = parseWhole(query, 'skip') ?? 0
  const count = Math.min(parseWhole(query, 'count') ?? RECON_DEFAULT, RECON_MOST)
  const settled = itemsUntil(shop, until).filter(({ settled_at: at }) => at !== null && at >= from && at < until)
  return collection(settled.slice(skip, skip + count))
}

export function listSettlements(shop: Shop, query: Fields): Collection<Settlement> {
  const { from, to, count, skip } = parsePage(shop, query, true)
  const within = allSettlements(shop).filter((each) => each.created_at >= from && each.created_at <= to)
  return collection(within.slice(skip, skip + count))
}

export function getSettlement(shop: Shop, id: string): Settlement {
  const wanted = parseId(id, 'setl')
  const found = allSettlements(shop).find((settlement) => settlement.id === wanted)
  if (found === undefined) throw unknownId()
  return found
}

function allSettlements(shop: Shop): Settlement[] {
  const byId = new Map<string, Settlement>()
  for (const item of itemsUntil(shop, Number.MAX_SAFE_INTEGER)) {
    const { settlement_id: id, settlement_utr: utr, settled_at: settledAt } = item
    if (id === null || utr === null || settledAt === null) continue
    const settlement = byId.get(id) ?? {
      id,
      entity: 'settlement',
      amount: 0,
      status: 'processed',
      fees: 0,
      tax: 0,
      utr,
      created_at: settledAt,
    }
    settlement.amount = add(settlement.amount, item.credit, -item.debit)
    settlement.fees = add(settlement.fees, item.fee)
    settlement.tax = add(settlement.tax, item.tax)
    byId.set(id, settlement)
  }
  return [...byId.values()]
}

/** Everything that moves money and was made by then, newest first. */
function itemsUntil(shop: Shop, to: number): ReconItem[] {
  const page: Page = { from: 0, to, count: MOST_ROWS, skip: 0, changedUntil: Number.MAX_SAFE_INTEGER }
  const payments = shop.tables.listPayments(page).filter(({ doc }) => doc.captured)
  const refunds = shop.tables.listRefunds(page).filter((refund) => refund.status === 'processed')
  const items = payments.map((payment) => paymentItem(shop, payment))
  for (const refund of refunds) {
    const payment = shop.tables.findPayment(refund.payment_id)
    // What was never captured was never credited, so its return is no debit.
    if (payment?.doc.captured === true) items.push(refundItem(shop, refund, payment))
  }
  for (const dispute of shop.tables.listDisputes(page)) {
    const payment = shop.tables.findPayment(dispute.payment_id)
    if (payment !== undefined && dispute.amount_deducted > 0) items.push(adjustmentItem(shop, dispute, payment))
  }
  return items.sort((a, b) => b.created_at - a.created_at)
}

function paymentItem(shop: Shop, payment: Kept<Payment, PaymentTerms>): ReconItem {
  const { doc } = payment
  const fee = doc.fee ?? 0
  return {
    ...sharedFields(shop, payment, doc.created_at),
    entity_id: doc.id,
    type: 'payment',
    debit: 0,
    credit: subtract(doc.amount, fee),
    amount: doc.amount,
    fee,
    tax: doc.tax ?? 0,
    payment_id: null,
  }
}

function refundItem(shop: Shop, refund: Refund, payment: Kept<Payment, PaymentTerms>): ReconItem {
  return {
    ...sharedFields(shop, payment, refund.created_at),
    entity_id: refund.id,
    type: 'refund',
    debit: refund.amount,
    credit: 0,
    amount: refund.amount,
    fee: 0,
    tax: 0,
    payment_id: payment.doc.id,
    notes: refund.notes,
  }
}

/** A lost dispute is taken off the next settlement as an adjustment. */
function adjustmentItem(shop: Shop, dispute: Dispute, payment: Kept<Payment, PaymentTerms>): ReconItem {
  return {
    ...sharedFields(shop, payment, dispute.created_at),
    entity_id: `adj_${dispute.id.slice('disp_'.length)}`,
    type: 'adjustment',
    debit: dispute.amount_deducted,
    credit: 0,
    amount: dispute.amount_deducted,
    fee: 0,
    tax: 0,
    payment_id: payment.doc.id,
    dispute_id: dispute.id,
  }
}

function sharedFields(shop: Shop, { doc, terms }: Kept<Payment, PaymentTerms>, createdAt: number) {
  const settledAt = settlementTime(createdAt)
  const settled = settledAt <= shop.world.nowSeconds()
  const day = new Date(settledAt * 1000).toISOString().slice(0, 10)
  return {
    currency: doc.currency,
    on_hold: false,
    settled,
    created_at: createdAt,
    settled_at: settled ? settledAt : null,
    settlement_id: settled ? `setl_${fromDay(shop, day, 14)}` : null,
    posted_at: null,
    credit_type: 'default' as const,
    description: doc.description,
    notes: doc.notes as unknown,
    settlement_utr: settled ? `UTR${fromDay(shop, `utr ${day}`, 13).toUpperCase()}` : null,
    order_id: doc.order_id,
    order_receipt: shop.tables.findOrder(doc.order_id)?.doc.receipt ?? null,
    method: doc.method,
    card_network: terms.card?.network ?? null,
    card_issuer: terms.card?.issuer ?? null,
    card_type: terms.card?.type ?? null,
    dispute_id: null,
  }
}

/** The start of the second working day (UTC, Saturday and Sunday off) after a moment in unix seconds. */
export function settlementTime(createdAt: number): number {
  let day = createdAt - (createdAt % DAY_S)
  for (let workingDays = 0; workingDays < 2; ) {
    day += DAY_S
    const weekday = new Date(day * 1000).getUTCDay()
    if (weekday !== 0 && weekday !== 6) workingDays += 1
  }
  return day
}

function fromDay(shop: Shop, day: string, length: number): string {
  const digest = createHash('sha256').update(`${shop.accountId} ${day}`).digest('base64')
  return digest.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, length)
}
