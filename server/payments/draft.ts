/**
 * One transaction's worth of changes, collected: the rows as they are becoming, and everything that must be written with
 * them. Pure.
 */
import { add, subtract } from '../../shared/money.ts'
import * as ledger from '../ledger/movement.ts'
import { isConfirmed, type OrderRow } from '../orders/order.ts'
import type { NewEvent } from '../orders/service.ts'
import type { NewAlert } from '../platform/alerts.ts'
import { nextLook } from './looks.ts'
import {
  foldOrderPaymentStatus,
  foldPaymentStatus,
  type AttemptRow,
  type Decision,
  type PaymentFact,
  type PaymentRow,
  type RefundFact,
  type RefundRow,
} from './payment.ts'
import type { NewReviewItem } from './queries.ts'

export interface State {
  order: OrderRow
  /** What confirming the order sells, by shop, and what of it was given back. */
  sales: readonly ledger.Sale[]
  payment: PaymentRow
  /** All attempts and refunds of the order. */
  attempts: readonly AttemptRow[]
  refunds: readonly RefundRow[]
  /** For an expired order: whether all of its units could be taken now. */
  stockFree: boolean
}

export interface Outcome {
  decisions: Decision[]
  /** Rows that changed or are new, in full. */
  attempts: AttemptRow[]
  refunds: RefundRow[]
  payment: PaymentRow | undefined
  /** Set when the order becomes confirmed, with where its units come from. */
  confirm: 'reserved' | 'free' | undefined
  /** The order's payment status, when it changes. */
  orderPaymentStatus: OrderRow['payment_status'] | undefined
  /** True when money came for an order that time had cancelled and that could not be revived. */
  lateForExpired: boolean
  /** Parts of the order of whose sale something was given back, with how much in all. */
  returned: { shopOrderId: string; returned: number }[]
  /** Money for the wallets of customers. */
  walletCredits: { userId: string; currency: string; amount: number }[]
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
  /** Above this, in minor units, a second person must agree to a refund by hand; null: never. */
  refundApprovalAbove: number | null
  /** For how long after a payment was made its provider may still bring money for it. */
  lateMoneyMs(provider: string): number
}

export interface Maker {
  now: Date
  uuid(): string
}

export class Draft {
  readonly state: State
  readonly policy: Policy
  readonly make: Maker
  readonly events: NewEvent[] = []
  readonly reviewItems: NewReviewItem[] = []
  readonly walletCredits: Outcome['walletCredits'] = []
  readonly alerts: NewAlert[] = []
  readonly closed: Outcome['closed'] = []
  readonly decisions: Decision[] = []
  /** As the facts so far have left it. */
  order: OrderRow
  confirm: Outcome['confirm']
  lateForExpired = false
  private readonly attempts: Map<string, AttemptRow>
  private readonly refunds: Map<string, RefundRow>
  private readonly sales: Map<string, ledger.Sale>
  private readonly changedAttempts = new Set<string>()
  private readonly changedRefunds = new Set<string>()
  private readonly changedSales = new Set<string>()
  private readonly movements: Outcome['movements'] = []

  constructor(state: State, policy: Policy, make: Maker) {
    this.state = state
    this.policy = policy
    this.make = make
    this.order = state.order
    this.attempts = new Map(state.attempts.map((row) => [row.id, row]))
    this.refunds = new Map(state.refunds.map((row) => [row.id, row]))
    this.sales = new Map(state.sales.map((sale) => [sale.shopOrderId, sale]))
  }

  allAttempts(): AttemptRow[] {
    return [...this.attempts.values()]
  }

  attemptOf(fact: Pick<PaymentFact, 'provider' | 'providerPaymentId'>): AttemptRow | undefined {
    return this.allAttempts().find(
      (row) => row.provider === fact.provider && row.provider_payment_id === fact.providerPaymentId,
    )
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
    return this.allRefunds().find(
      (row) =>
        row.provider === fact.provider &&
        (row.provider_refund_id === fact.providerRefundId || row.id === fact.ourRefundId),
    )
  }

  allSales(): ledger.Sale[] {
    return [...this.sales.values()]
  }

  setAttempt(attempt: AttemptRow): void {
    this.attempts.set(attempt.id, attempt)
    this.changedAttempts.add(attempt.id)
  }

  setRefund(refund: RefundRow): void {
    this.refunds.set(refund.id, refund)
    this.changedRefunds.add(refund.id)
  }

  /** Gives back this much of a part's sale: what the shop earned with it is held for the customer again. */
  returnSale(shopOrderId: string, amount: number, by: string): void {
    const sale = this.saleOf(shopOrderId)
    for (const movement of ledger.saleReversed(this.order.currency, sale, amount, by)) {
      this.book(this.order.currency, movement)
    }
    this.setReturned(sale, add(sale.returned, amount))
  }

  /** Takes back that this much of a part's sale was given back. */
  restoreSale(shopOrderId: string, amount: number, by: string): void {
    const sale = this.saleOf(shopOrderId)
    for (const movement of ledger.saleRestored(this.order.currency, sale, amount, by)) {
      this.book(this.order.currency, movement)
    }
    this.setReturned(sale, subtract(sale.returned, amount))
  }

  addEvent(event: Omit<NewEvent, 'orderId' | 'actor'> & { actor?: NewEvent['actor'] }): void {
    this.events.push({ orderId: this.order.id, actor: 'system', ...event })
  }

  book(currency: string, movement: ledger.Movement): void {
    this.movements.push({ currency, movement })
  }

  finish(): Outcome {
    const confirmed = this.confirm !== undefined || isConfirmed(this.state.order.status)
    const orderPaymentStatus = foldOrderPaymentStatus(confirmed, this.allAttempts(), this.state.payment)
    const payment = this.foldPayment()
    return {
      decisions: this.decisions,
      attempts: this.allAttempts().filter((row) => this.changedAttempts.has(row.id)),
      refunds: this.allRefunds().filter((row) => this.changedRefunds.has(row.id)),
      payment,
      confirm: this.confirm,
      orderPaymentStatus: orderPaymentStatus === this.state.order.payment_status ? undefined : orderPaymentStatus,
      lateForExpired: this.lateForExpired,
      returned: this.allSales()
        .filter((sale) => this.changedSales.has(sale.shopOrderId))
        .map(({ shopOrderId, returned }) => ({ shopOrderId, returned })),
      walletCredits: this.walletCredits,
      events: this.events,
      movements: this.movements,
      reviewItems: this.reviewItems,
      alerts: this.alerts,
      closed: this.closed,
    }
  }

  private saleOf(shopOrderId: string): ledger.Sale {
    const sale = this.sales.get(shopOrderId)
    if (sale === undefined) throw new Error(`part ${shopOrderId} is not of order ${this.order.id}`)
    return sale
  }

  private setReturned(sale: ledger.Sale, returned: number): void {
    this.sales.set(sale.shopOrderId, { ...sale, returned })
    this.changedSales.add(sale.shopOrderId)
  }

  /** The payment as its attempts make it; undefined when nothing about it has changed. */
  private foldPayment(): PaymentRow | undefined {
    const { payment } = this.state
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
    return same ? undefined : { ...payment, status, captured_amount, refunded_amount, method, ...this.looks(status) }
  }

  /** When to look next, for the status the payment has come to. */
  private looks(status: PaymentRow['status']): Pick<PaymentRow, 'next_look_at' | 'looks' | 'look_plan'> {
    const { payment } = this.state
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
