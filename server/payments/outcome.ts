/**
 * From what is known and what was learned to the rows that must change. Pure: `settle` reads, calls this, and writes.
 *
 * Facts are taken one after the other, each against the state that the one before left, so several facts of one payment
 * (a signature and the provider's own word, a capture and its refund) settle in one transaction.
 */
import { add, subtract } from '../../shared/money.ts'
import * as ledger from '../ledger/service.ts'
import { isConfirmed, type OrderRow } from '../orders/order.ts'
import type { NewEvent } from '../orders/service.ts'
import { nextLook } from './looks.ts'
import {
  decide,
  foldOrderPaymentStatus,
  foldPaymentStatus,
  type AttemptFact,
  type AttemptRow,
  type Decision,
  type LateReason,
  type PaymentFact,
  type PaymentRow,
  type RefundFact,
  type RefundRow,
  type ReviewReason,
} from './payment.ts'
import type { NewReviewItem } from './queries.ts'
import { PAYMENT_WINDOW_MS, REFUND_WINDOW_MS } from './looks.ts'

export interface State {
  order: OrderRow
  /** What confirming the order would sell, by shop. */
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
  events: NewEvent[]
  movements: { currency: string; movement: ReturnType<typeof ledger.captured> }[]
  reviewItems: NewReviewItem[]
}

export interface Policy {
  pollAfterS: number
  /** What happens to a capture whose amount or currency differs: it waits for a person, or goes back at once. */
  mismatch: 'hold' | 'refund'
}

export interface Maker {
  now: Date
  uuid(): string
}

export function applyFacts(state: State, facts: readonly PaymentFact[], policy: Policy, make: Maker): Outcome {
  const work = new Work(state, policy, make)
  for (const fact of facts) work.apply(fact)
  return work.finish()
}

/** One transaction's worth of changes, collected. */
class Work {
  private readonly attempts: Map<string, AttemptRow>
  private readonly refunds: Map<string, RefundRow>
  private readonly changedAttempts = new Set<string>()
  private readonly changedRefunds = new Set<string>()
  private readonly decisions: Decision[] = []
  private readonly events: NewEvent[] = []
  private readonly movements: Outcome['movements'] = []
  private readonly reviewItems: NewReviewItem[] = []
  private order: OrderRow
  private confirm: Outcome['confirm']
  private lateForExpired = false
  private readonly state: State
  private readonly policy: Policy
  private readonly make: Maker

  constructor(state: State, policy: Policy, make: Maker) {
    this.state = state
    this.policy = policy
    this.make = make
    this.order = state.order
    this.attempts = new Map(state.attempts.map((row) => [row.id, { ...row }]))
    this.refunds = new Map(state.refunds.map((row) => [row.id, { ...row }]))
  }

  apply(fact: PaymentFact): void {
    const refund = fact.kind === 'refund' ? this.findRefund(fact) : undefined
    const known = {
      order: this.order,
      payment: this.state.payment,
      attempts: [...this.attempts.values()],
      refund,
      stockFree: this.state.stockFree,
    }
    const decision = decide(known, fact)
    this.decisions.push(decision)
    switch (decision.kind) {
      case 'claimed':
        return this.claim(fact)
      case 'moved':
        return this.moveAttempt(fact as AttemptFact, decision)
      case 'late':
        return this.takeLate(fact as AttemptFact, decision.reason)
      case 'review':
        return this.review(fact, decision.reason, decision.record)
      case 'refund_moved':
        return this.moveRefund(fact as RefundFact, refund, decision)
      case 'repeated':
        if (fact.kind === 'attempt') this.fillIn(fact)
        return
      case 'stale':
      case 'early':
        return
    }
  }

  finish(): Outcome {
    const { order, payment } = this.state
    const own = [...this.attempts.values()].filter((row) => row.payment_id === payment.id)
    const all = [...this.attempts.values()]
    const captured = add(...own.map((row) => row.captured_amount))
    const refunded = add(...own.map((row) => row.refunded_amount))
    const base = payment.status === 'abandoned' ? 'abandoned' : payment.status === 'creating' ? 'creating' : 'created'
    const folded = foldPaymentStatus(base, own)
    const method = own.find((row) => row.disposition === 'kept')?.method ?? payment.method
    const changed =
      folded !== payment.status ||
      captured !== payment.captured_amount ||
      refunded !== payment.refunded_amount ||
      method !== payment.method
    let updated: PaymentRow | undefined
    if (changed) {
      updated = {
        ...payment,
        status: folded,
        captured_amount: captured,
        refunded_amount: refunded,
        method,
        ...this.looks(folded),
      }
      if (folded !== payment.status) {
        this.event({
          type: `payment.${folded}`,
          subject: 'payment',
          subjectId: payment.id,
          from: payment.status,
          to: folded,
        })
      }
    }
    const confirmed = this.confirm !== undefined || isConfirmed(order.status)
    const orderPaymentStatus = foldOrderPaymentStatus(confirmed, all)
    return {
      decisions: this.decisions,
      attempts: [...this.changedAttempts].map((id) => this.attempt(id)),
      refunds: [...this.changedRefunds].map((id) => this.refund(id)),
      payment: updated,
      confirm: this.confirm,
      orderPaymentStatus: orderPaymentStatus === order.payment_status ? undefined : orderPaymentStatus,
      lateForExpired: this.lateForExpired,
      events: this.events,
      movements: this.movements,
      reviewItems: this.reviewItems,
    }
  }

  private claim(fact: PaymentFact): void {
    const attempt =
      this.attemptFor(fact) ?? this.newAttempt(fact, this.state.payment.amount, this.state.payment.currency)
    this.change({ ...attempt, claimed: true })
    this.event({
      type: 'payment.signature_verified',
      subject: 'attempt',
      subjectId: attempt.id,
      actor: 'shopper',
      source: fact.source,
      data: { providerPaymentId: fact.providerPaymentId },
    })
  }

  private moveAttempt(fact: AttemptFact, decision: Extract<Decision, { kind: 'moved' }>): void {
    const before = this.attemptFor(fact)
    const attempt = {
      ...(before ?? this.newAttempt(fact, fact.amount, fact.currency)),
      ...learned(fact),
      status: decision.attempt,
    }
    if (decision.disposition === 'kept') {
      attempt.disposition = 'kept'
      attempt.captured_amount = fact.amount
      this.book(attempt.currency, ledger.captured(attempt.provider, attempt.currency, attempt.id, fact.amount))
    }
    this.change(attempt)
    this.attemptEvent(fact, before?.status ?? null, attempt)
    if (decision.confirm !== false) this.confirmOrder(decision.confirm, fact)
  }

  private confirmOrder(how: 'reserved' | 'free', fact: PaymentFact): void {
    this.confirm = how
    this.event({
      type: how === 'free' ? 'order.revived' : 'order.confirmed',
      subject: 'order',
      subjectId: this.order.id,
      from: this.order.status,
      to: 'confirmed',
      actor: 'system',
      source: fact.source,
    })
    for (const movement of ledger.sold(this.order.currency, this.state.sales)) this.book(this.order.currency, movement)
    this.order = { ...this.order, status: 'confirmed' }
  }

  /** Records captured money that this order cannot take, and sends it back. */
  private takeLate(fact: AttemptFact, reason: LateReason): void {
    const attempt = this.recordCapture(fact, 'surplus')
    this.lateForExpired ||= reason === 'stock_gone'
    this.requestRefund(attempt, reason)
  }

  private review(fact: PaymentFact, reason: ReviewReason, record: boolean): void {
    let attemptId = this.attemptFor(fact)?.id ?? null
    const refundAtOnce = record && this.policy.mismatch === 'refund'
    if (record && fact.kind === 'attempt') {
      const attempt = this.recordCapture(fact, refundAtOnce ? 'surplus' : 'review')
      attemptId = attempt.id
      if (refundAtOnce) this.requestRefund(attempt, reason)
    }
    this.reviewItems.push({
      id: this.make.uuid(),
      orderId: this.order.id,
      paymentId: this.state.payment.id,
      attemptId,
      kind: reason,
      summary: reviewSummary(reason, fact, this.state.payment),
      evidence: {
        fact,
        expected: { amount: this.state.payment.amount, currency: this.state.payment.currency },
        refundAtOnce,
      },
      cause: `${reason}:${fact.provider}:${fact.providerPaymentId}:${fact.kind === 'refund' ? fact.providerRefundId : ''}`,
      createdAt: this.make.now,
    })
    this.event({
      type: 'review.opened',
      subject: 'payment',
      subjectId: this.state.payment.id,
      actor: 'system',
      source: fact.source,
      data: { reason },
    })
  }

  private recordCapture(fact: AttemptFact, disposition: 'surplus' | 'review'): AttemptRow {
    const before = this.attemptFor(fact)
    const attempt: AttemptRow = {
      ...(before ?? this.newAttempt(fact, fact.amount, fact.currency)),
      ...learned(fact),
      status: 'captured',
      disposition,
      captured_amount: fact.amount,
    }
    this.change(attempt)
    this.book(attempt.currency, ledger.captured(attempt.provider, attempt.currency, attempt.id, fact.amount))
    this.attemptEvent(fact, before?.status ?? null, attempt)
    return attempt
  }

  private requestRefund(attempt: AttemptRow, reason: string): void {
    const refund = newRefund(attempt, attempt.captured_amount, reason, this.make)
    this.change({ ...attempt, refunding_amount: add(attempt.refunding_amount, refund.amount) })
    this.changeRefund(refund)
    this.book(refund.currency, ledger.refundOwed(refund.provider, refund.currency, refund.id, refund.amount))
    this.event({
      type: 'refund.requested',
      subject: 'refund',
      subjectId: refund.id,
      to: 'requested',
      actor: 'system',
      data: { amount: refund.amount, currency: refund.currency, reason },
    })
  }

  private moveRefund(
    fact: RefundFact,
    before: RefundRow | undefined,
    decision: Extract<Decision, { kind: 'refund_moved' }>,
  ): void {
    const attempt = this.attemptFor(fact)
    if (attempt === undefined) return
    let refund = before
    if (refund === undefined) {
      // Made at the provider's dashboard: taken over as if it had been decided here.
      refund = { ...newRefund(attempt, fact.amount, 'made_at_provider', this.make), status: 'requested' }
      this.change({ ...attempt, refunding_amount: add(attempt.refunding_amount, fact.amount) })
      this.book(refund.currency, ledger.refundOwed(refund.provider, refund.currency, refund.id, refund.amount))
    }
    const next: RefundRow = {
      ...refund,
      provider_refund_id: fact.providerRefundId,
      status: decision.to,
      processed_at: decision.to === 'processed' ? this.make.now : refund.processed_at,
      next_look_at: decision.to === 'processing' ? this.nextRefundLook(refund) : null,
    }
    this.changeRefund(next)
    this.event({
      type: `refund.${decision.to}`,
      subject: 'refund',
      subjectId: refund.id,
      from: before?.status ?? null,
      to: decision.to,
      actor: 'provider',
      source: fact.source,
      data: { amount: fact.amount, currency: fact.currency, providerRefundId: fact.providerRefundId },
    })
    if (decision.to === 'processed') this.refundArrived(attempt.id, next)
    if (decision.to === 'failed') this.refundFailed(attempt.id, next, before?.status === 'processed')
  }

  private refundArrived(attemptId: string, refund: RefundRow): void {
    const attempt = this.attempt(attemptId)
    const refunded = add(attempt.refunded_amount, refund.amount)
    this.change({
      ...attempt,
      refunded_amount: refunded,
      status: refunded === attempt.captured_amount ? 'refunded' : attempt.status,
    })
    this.book(refund.currency, ledger.refunded(refund.provider, refund.currency, refund.id, refund.amount))
  }

  private refundFailed(attemptId: string, refund: RefundRow, hadArrived: boolean): void {
    const attempt = this.attempt(attemptId)
    const { provider, currency, id, amount } = refund
    if (hadArrived) this.book(currency, ledger.refundReturned(provider, currency, id, amount))
    this.book(currency, ledger.refundGivenUp(provider, currency, id, amount))
    this.change({
      ...attempt,
      status: 'captured',
      refunding_amount: subtract(attempt.refunding_amount, amount),
      refunded_amount: hadArrived ? subtract(attempt.refunded_amount, amount) : attempt.refunded_amount,
    })
    this.reviewItems.push(refundReview(refund, attempt.id, this.make))
  }

  /** A repeated fact may still know more than the first one did: the fee comes with the capture, or after it. */
  private fillIn(fact: AttemptFact): void {
    const attempt = this.attemptFor(fact)
    if (attempt === undefined) return
    const fee = attempt.fee ?? fact.fee
    const tax = attempt.tax ?? fact.tax
    const method = attempt.method ?? fact.method
    const method_detail = attempt.method_detail ?? fact.methodDetail
    const same =
      fee === attempt.fee && tax === attempt.tax && method === attempt.method && method_detail === attempt.method_detail
    if (!same) this.change({ ...attempt, fee, tax, method, method_detail })
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
              windowMs: PAYMENT_WINDOW_MS,
            }),
        }
      case 'creating':
      case 'created':
      case 'abandoned':
        return unchanged
    }
  }

  private nextRefundLook(refund: RefundRow): Date {
    const next = nextLook('unknown', refund.looks, refund.created_at, this.make.now, {
      pollAfterS: this.policy.pollAfterS,
      windowMs: REFUND_WINDOW_MS,
    })
    return next ?? new Date(this.make.now.getTime() + REFUND_WINDOW_MS)
  }

  private findRefund(fact: RefundFact): RefundRow | undefined {
    for (const row of this.refunds.values()) {
      if (row.provider !== fact.provider) continue
      if (row.provider_refund_id === fact.providerRefundId || row.id === fact.ourRefundId) return row
    }
    return undefined
  }

  private attemptFor(fact: PaymentFact): AttemptRow | undefined {
    for (const row of this.attempts.values()) {
      if (row.provider === fact.provider && row.provider_payment_id === fact.providerPaymentId) return row
    }
    return undefined
  }

  private newAttempt(fact: PaymentFact, amount: number, currency: string): AttemptRow {
    return {
      id: this.make.uuid(),
      payment_id: this.state.payment.id,
      order_id: this.order.id,
      provider: fact.provider,
      provider_payment_id: fact.providerPaymentId,
      status: 'created',
      claimed: false,
      disposition: 'none',
      amount,
      currency,
      captured_amount: 0,
      refunding_amount: 0,
      refunded_amount: 0,
      method: null,
      method_detail: null,
      fee: null,
      tax: null,
      error_code: null,
      error_description: null,
      created_at: this.make.now,
    }
  }

  private attemptEvent(fact: AttemptFact, from: string | null, attempt: AttemptRow): void {
    this.event({
      type: `payment.attempt_${attempt.status}`,
      subject: 'attempt',
      subjectId: attempt.id,
      from,
      to: attempt.status,
      actor: 'provider',
      source: fact.source,
      data: {
        providerPaymentId: fact.providerPaymentId,
        amount: fact.amount,
        currency: fact.currency,
        method: fact.method,
        methodDetail: fact.methodDetail,
        ...(fact.errorCode === null ? {} : { errorCode: fact.errorCode, errorDescription: fact.errorDescription }),
        ...(attempt.disposition === 'none' ? {} : { disposition: attempt.disposition }),
      },
    })
  }

  private event(event: Omit<NewEvent, 'orderId' | 'actor'> & { actor?: NewEvent['actor'] }): void {
    this.events.push({ orderId: this.order.id, actor: 'system', ...event })
  }

  private book(currency: string, movement: ReturnType<typeof ledger.captured>): void {
    this.movements.push({ currency, movement })
  }

  private change(attempt: AttemptRow): void {
    this.attempts.set(attempt.id, attempt)
    this.changedAttempts.add(attempt.id)
  }

  private changeRefund(refund: RefundRow): void {
    this.refunds.set(refund.id, refund)
    this.changedRefunds.add(refund.id)
  }

  private attempt(id: string): AttemptRow {
    const row = this.attempts.get(id)
    if (row === undefined) throw new Error(`attempt ${id} vanished`)
    return row
  }

  private refund(id: string): RefundRow {
    const row = this.refunds.get(id)
    if (row === undefined) throw new Error(`refund ${id} vanished`)
    return row
  }
}

/** A refund that is decided and not yet asked for. Its id is also the key that makes asking again harmless. */
export function newRefund(attempt: AttemptRow, amount: number, reason: string, make: Maker): RefundRow {
  const id = make.uuid()
  return {
    id,
    order_id: attempt.order_id,
    payment_id: attempt.payment_id,
    attempt_id: attempt.id,
    provider: attempt.provider,
    provider_refund_id: null,
    amount,
    currency: attempt.currency,
    status: 'requested',
    reason,
    destination: 'source',
    idempotency_key: id,
    next_look_at: make.now,
    looks: 0,
    created_at: make.now,
    processed_at: null,
  }
}

/** The question that a refund leaves which the provider will not make. */
export function refundReview(
  refund: RefundRow,
  attemptId: string,
  make: Maker,
  evidence: Record<string, unknown> = {},
): NewReviewItem {
  return {
    id: make.uuid(),
    orderId: refund.order_id,
    paymentId: refund.payment_id,
    attemptId,
    kind: 'refund_failed',
    summary: `A refund of ${refund.amount} ${refund.currency} (minor units) did not go through; the money is still owed.`,
    evidence: { refundId: refund.id, reason: refund.reason, ...evidence },
    cause: `refund_failed:${refund.id}`,
    createdAt: make.now,
  }
}

/** What the provider tells of an attempt beside its status. What is known stays known when it is silent. */
function learned(fact: AttemptFact): Partial<AttemptRow> {
  const row: Partial<AttemptRow> = {
    amount: fact.amount,
    currency: fact.currency,
    error_code: fact.errorCode,
    error_description: fact.errorDescription,
  }
  if (fact.method !== null) row.method = fact.method
  if (fact.methodDetail !== null) row.method_detail = fact.methodDetail
  if (fact.fee !== null) row.fee = fact.fee
  if (fact.tax !== null) row.tax = fact.tax
  return row
}

function reviewSummary(reason: ReviewReason, fact: PaymentFact, payment: PaymentRow): string {
  const said = fact.kind === 'signature' ? '' : `${fact.amount} ${fact.currency}`
  const expected = `${payment.amount} ${payment.currency}`
  switch (reason) {
    case 'amount_differs':
      return `Captured ${said} where ${expected} was asked for (minor units).`
    case 'currency_differs':
      return `Captured ${said} where ${expected} was asked for: another currency.`
    case 'capture_contradicts':
      return `The provider now reports ${said} for a payment that it had reported differently.`
    case 'unexpected_capture':
      return `Captured ${said} for an order that was not waiting for this payment.`
    case 'refund_exceeds_captured':
      return `A refund of ${said} would take back more than was captured.`
    case 'refund_differs':
      return `The provider reports a refund of ${said}, another amount than ours.`
  }
}
