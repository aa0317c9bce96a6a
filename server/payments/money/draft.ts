/**
 * One transaction's worth of changes, collected: the rows as they are becoming, and everything that must be written with
 * them. Pure.
 */
import { add } from '../../../shared/money.ts'
import type * as ledger from '../../ledger/movement.ts'
import { returnedLess, returnedMore, saleRestored, saleReversed, type Returned, type Step } from '../../ledger/sale.ts'
import { earnedWith, isGivenBack, soldLine, type LineReturn, type SaleLine } from '../../orders/lines.ts'
import type { Ending } from '../../orders/changes.ts'
import type { OrderRow } from '../../orders/order.ts'
import { orderAfter } from '../../orders/parts.ts'
import type { NewAlert } from '../../platform/alerts.ts'
import type { NewReviewItem } from '../../reviews/question.ts'
import type { NewEvent } from '../../timeline/event.ts'
import { nextLook } from './looks.ts'
import { paymentOf } from './belonging.ts'
import type { Decision } from './decide.ts'
import {
  attemptOf,
  foldOrderPaymentStatus,
  foldPaymentStatus,
  refundOf,
  type AttemptRow,
  type Money,
  type PaymentFact,
  type PaymentRow,
  type RefundFact,
  type RefundRow,
} from './payment.ts'

export interface Outcome {
  decisions: Decision[]
  /** Rows that changed or are new, in full. */
  attempts: AttemptRow[]
  refunds: RefundRow[]
  payments: PaymentRow[]
  /** Set when the order becomes confirmed, with where its units come from. */
  confirm: 'reserved' | 'free' | undefined
  /** Set when parts of the order end, and the order with its last. */
  ending: Ending | undefined
  /** The order's payment status, when it changes. */
  orderPaymentStatus: OrderRow['payment_status'] | undefined
  /** True when money came for an order that time had cancelled and that could not be revived. */
  lateForExpired: boolean
  /** All lines of the order, as they are by now. */
  lines: SaleLine[]
  /** Lines and parts of which something was given back, or put back, each with all that is given back of it by now. */
  returned: { lines: LineReturn[]; parts: { shopOrderId: string; amount: number }[]; givenBack: boolean } | undefined
  /** Units that go back into stock. */
  restock: { itemId: string; quantity: number }[]
  /** What comes into the wallets of customers, and, below zero, what they pay with. */
  walletChanges: { userId: string; currency: string; amount: number }[]
  events: NewEvent[]
  movements: { currency: string; movement: ledger.Movement }[]
  reviewItems: NewReviewItem[]
  alerts: NewAlert[]
  /** Open questions, by their cause, that have answered themselves. */
  closed: { cause: string; resolution: string }[]
}

export interface Policy {
  pollAfterS: number
  /** What happens to a capture whose amount or currency differs: it waits for a person, or goes back at once. */
  mismatch: 'hold' | 'refund'
  /** Above this, in minor units of an order, a second person must agree to let money go; null: never. */
  refundApprovalAbove: number | null
  /** For how long after a payment was made its provider may still bring money for it. */
  lateMoneyMs(provider: string): number
}

export interface Maker {
  now: Date
  uuid(): string
}

export class Draft {
  /** As it was read. */
  readonly money: Money
  readonly policy: Policy
  readonly make: Maker
  readonly events: NewEvent[] = []
  readonly reviewItems: NewReviewItem[] = []
  readonly walletChanges: Outcome['walletChanges'] = []
  readonly alerts: NewAlert[] = []
  readonly closed: Outcome['closed'] = []
  readonly decisions: Decision[] = []
  /** As the facts so far have left it. */
  order: OrderRow
  confirm: Outcome['confirm']
  ending: Outcome['ending']
  lateForExpired = false
  private readonly attempts: Map<string, AttemptRow>
  private readonly refunds: Map<string, RefundRow>
  private readonly lines: Map<string, SaleLine>
  private readonly changedAttempts = new Set<string>()
  private readonly changedRefunds = new Set<string>()
  private readonly changedLines = new Set<string>()
  private readonly restocked = new Map<string, number>()
  private readonly movements: Outcome['movements'] = []

  constructor(money: Money, policy: Policy, make: Maker) {
    this.money = money
    this.policy = policy
    this.make = make
    this.order = money.order
    this.attempts = new Map(money.attempts.map((row) => [row.id, row]))
    this.refunds = new Map(money.refunds.map((row) => [row.id, row]))
    this.lines = new Map(money.lines.map((line) => [line.id, line]))
  }

  /** Ends parts of the order, and the order with its last. What was paid for them is still to be sent back. */
  endParts(ending: Ending): void {
    this.ending = ending
    for (const line of this.allLines()) {
      const ended = ending.parts.find((part) => part.id === line.shop_order_id)
      if (ended !== undefined) this.lines.set(line.id, { ...line, shop_status: ended.to })
    }
    const status = orderAfter(this.allLines(), ending.parts)
    if (status !== 'cancelled') return
    this.order = { ...this.order, status, cancel_reason: ending.reason, cancelled_at: this.make.now }
  }

  allAttempts(): AttemptRow[] {
    return [...this.attempts.values()]
  }

  /** Everything as the facts so far have left it. */
  known(): Money {
    return {
      ...this.money,
      order: this.order,
      attempts: this.allAttempts(),
      refunds: this.allRefunds(),
      lines: this.allLines(),
    }
  }

  attemptOf(fact: Pick<PaymentFact, 'provider' | 'providerPaymentId'>): AttemptRow | undefined {
    return attemptOf({ attempts: this.allAttempts() }, fact)
  }

  /** The payment that a fact or an attempt is of, as it was read. */
  paymentOf(of: Pick<PaymentFact, 'provider' | 'of'> | Pick<AttemptRow, 'payment_id'>): PaymentRow {
    const { payments } = this.money
    const payment =
      'payment_id' in of
        ? payments.find((row) => row.id === of.payment_id)
        : paymentOf({ payments, attempts: this.allAttempts() }, of)
    if (payment === undefined) throw new Error(`${JSON.stringify(of)} is of no payment of order ${this.order.id}`)
    return payment
  }

  attempt(id: string): AttemptRow {
    const row = this.attempts.get(id)
    if (row === undefined) throw new Error(`attempt ${id} is not of order ${this.order.id}`)
    return row
  }

  allRefunds(): RefundRow[] {
    return [...this.refunds.values()]
  }

  refundOf(fact: RefundFact): RefundRow | undefined {
    return refundOf({ refunds: this.allRefunds() }, fact)
  }

  allLines(): SaleLine[] {
    return [...this.lines.values()]
  }

  line(itemId: string): SaleLine {
    const line = this.lines.get(itemId)
    if (line === undefined) throw new Error(`line ${itemId} is not of order ${this.order.id}`)
    return line
  }

  /** What is left of what the order sells, in minor units of its currency; of an order that stands, what was earned. */
  earned(): number {
    return earnedWith(this.allLines())
  }

  setAttempt(attempt: AttemptRow): void {
    this.attempts.set(attempt.id, attempt)
    this.changedAttempts.add(attempt.id)
  }

  setRefund(refund: RefundRow): void {
    this.refunds.set(refund.id, refund)
    this.changedRefunds.add(refund.id)
  }

  /**
   * Gives back units and money of lines: what was earned with them is held for the customer again.
   *
   * @param cause what gives it back: a refund's id, or what ended a part or the order; each once
   */
  returnLines(returns: readonly LineReturn[], cause: string): void {
    this.bookAll(saleReversed(this.order.currency, this.stepsOf(returns), cause))
    for (const given of returns) this.setReturned(given.itemId, (returned) => returnedMore(returned, given))
  }

  /** Takes back that units and money of lines were given back. */
  restoreLines(returns: readonly LineReturn[], cause: string): void {
    this.bookAll(saleRestored(this.order.currency, this.stepsOf(returns), cause))
    for (const given of returns) this.setReturned(given.itemId, (returned) => returnedLess(returned, given))
  }

  /** Puts units of lines back into stock, and of none more than are still out. */
  restock(units: readonly { itemId: string; quantity: number }[]): void {
    for (const { itemId, quantity } of units) {
      const line = this.line(itemId)
      const before = this.restocked.get(itemId) ?? 0
      const back = Math.min(quantity, line.quantity - line.restocked - before)
      if (back <= 0) continue
      this.restocked.set(itemId, before + back)
      this.changedLines.add(itemId)
    }
  }

  addEvent(event: Omit<NewEvent, 'orderId' | 'actor'> & { actor?: NewEvent['actor'] }): void {
    this.events.push({ orderId: this.order.id, actor: 'system', ...event })
  }

  book(currency: string, movement: ledger.Movement): void {
    this.movements.push({ currency, movement })
  }

  finish(): Outcome {
    const orderPaymentStatus = foldOrderPaymentStatus(this.order.status, this.known())
    const payments = this.foldPayments()
    return {
      decisions: this.decisions,
      attempts: this.allAttempts().filter((row) => this.changedAttempts.has(row.id)),
      refunds: this.allRefunds().filter((row) => this.changedRefunds.has(row.id)),
      payments,
      confirm: this.confirm,
      ending: this.ending,
      orderPaymentStatus: orderPaymentStatus === this.money.order.payment_status ? undefined : orderPaymentStatus,
      lateForExpired: this.lateForExpired,
      lines: this.allLines(),
      returned: this.returned(),
      restock: [...this.restocked].map(([itemId, quantity]) => ({ itemId, quantity })),
      walletChanges: this.walletChanges,
      events: this.events,
      movements: this.movements,
      reviewItems: this.reviewItems,
      alerts: this.alerts,
      closed: this.closed,
    }
  }

  private stepsOf(returns: readonly LineReturn[]): Step[] {
    return returns.map((by) => ({ line: soldLine(this.line(by.itemId)), by }))
  }

  private bookAll(movements: readonly ledger.Movement[]): void {
    for (const movement of movements) this.book(this.order.currency, movement)
  }

  private setReturned(itemId: string, change: (returned: Returned) => Returned): void {
    const line = this.line(itemId)
    const { quantity, amount } = change({ quantity: line.returned_quantity, amount: line.returned_amount })
    this.lines.set(itemId, { ...line, returned_quantity: quantity, returned_amount: amount })
    this.changedLines.add(itemId)
  }

  private returned(): Outcome['returned'] {
    if (this.changedLines.size === 0) return undefined
    const lines = this.allLines()
    const changed = lines.filter((line) => this.changedLines.has(line.id))
    const parts = new Set(changed.map((line) => line.shop_order_id))
    const amountOf = (shopOrderId: string) =>
      add(0, ...lines.filter((line) => line.shop_order_id === shopOrderId).map((line) => line.returned_amount))
    return {
      lines: changed.map((line) => ({
        itemId: line.id,
        quantity: line.returned_quantity,
        amount: line.returned_amount,
      })),
      parts: [...parts].map((shopOrderId) => ({ shopOrderId, amount: amountOf(shopOrderId) })),
      givenBack: isGivenBack(lines),
    }
  }

  /** The payments of which an attempt has changed, as their attempts make them; without those that stay as they were. */
  private foldPayments(): PaymentRow[] {
    const touched = new Set([...this.changedAttempts].map((id) => this.attempt(id).payment_id))
    return this.money.payments
      .filter((payment) => touched.has(payment.id))
      .map((payment) => this.foldPayment(payment))
      .filter((payment) => payment !== undefined)
  }

  private foldPayment(payment: PaymentRow): PaymentRow | undefined {
    const own = this.allAttempts().filter((row) => row.payment_id === payment.id)
    const base = payment.status === 'abandoned' || payment.status === 'creating' ? payment.status : 'created'
    const status = foldPaymentStatus(base, own)
    // A capture in another currency is on its attempt; a sum over two currencies would mean nothing.
    const summed = own.filter((row) => row.currency === payment.currency)
    const captured_amount = add(...summed.map((row) => row.captured_amount))
    const refunded_amount = add(...summed.map((row) => row.refunded_amount))
    const method = own.find((row) => row.disposition === 'kept')?.method ?? payment.method
    if (status !== payment.status) {
      this.addEvent({
        type: `payment.${status}`,
        subject: 'payment',
        subjectId: payment.id,
        from: payment.status,
        to: status,
      })
    }
    const same =
      status === payment.status &&
      captured_amount === payment.captured_amount &&
      refunded_amount === payment.refunded_amount &&
      method === payment.method
    return same
      ? undefined
      : { ...payment, status, captured_amount, refunded_amount, method, ...this.looks(payment, status) }
  }

  /** When to look next, for the status the payment has come to. */
  private looks(
    payment: PaymentRow,
    status: PaymentRow['status'],
  ): Pick<PaymentRow, 'next_look_at' | 'looks' | 'look_plan'> {
    const unchanged = { next_look_at: payment.next_look_at, looks: payment.looks, look_plan: payment.look_plan }
    if (status === payment.status) return unchanged
    switch (status) {
      case 'verified':
      case 'authorized': {
        // Most become captured by themselves within a second or two; the first look comes soon after that.
        const next_look_at = nextLook('unknown', 0, payment.created_at, this.make.now, {
          pollAfterS: this.policy.pollAfterS,
          windowMs: Infinity,
        })
        return { next_look_at, looks: 0, look_plan: 'unknown' }
      }
      case 'paid':
      case 'partially_refunded':
      case 'refunded':
        return { next_look_at: null, looks: payment.looks, look_plan: payment.look_plan }
      case 'failed':
        return {
          ...unchanged,
          next_look_at:
            payment.next_look_at ??
            nextLook('open', payment.looks, payment.created_at, this.make.now, {
              pollAfterS: this.policy.pollAfterS,
              windowMs: this.policy.lateMoneyMs(payment.provider),
            }),
        }
      case 'creating':
      case 'created':
      case 'abandoned':
        return unchanged
    }
  }
}
