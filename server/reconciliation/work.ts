/**
 * What every phase of a run works with: its claim, the provider behind its lists, and what one step has found. Nothing
 * here changes anything; a step's findings are written by `run.ts` in one transaction.
 */
import type { ReconciledSubject, ReconcileOutcome } from '../../shared/contract/reconciliation.ts'
import { add } from '../../shared/money.ts'
import type { Movement } from '../ledger/movement.ts'
import { call as callAbout, type PaymentDeps } from '../payments/context.ts'
import type { AttemptFact, RefundFact } from '../payments/money/payment.ts'
import { recordProviderCall } from '../payments/providers/call-queries.ts'
import type { Listing, PaymentProvider, Reply, Window } from '../payments/providers/provider.ts'
import type { NewReviewItem } from '../reviews/question.ts'
import * as queries from './queries.ts'
import type { OutcomeRow, RunRow } from './queries.ts'
import type { BookedLine } from './settlement-queries.ts'

/** Longer than two calls of five seconds, each tried twice; a step that takes longer keeps its claim as it goes. */
const LEASE_MS = 60_000
/** Reads are harmless to repeat. */
const TRIES = 2
/** As many entries of a list are asked for at once; a provider with smaller pages gives fewer. */
const PAGE = 100
/** Pages of one list that are asked for at the same time, and other calls of one step. */
export const AT_ONCE = 4

/** The provider did not answer, or not so that it could be understood. */
export class Unanswered extends Error {}
/** The provider answered about one thing, and the answer does not say what it must. */
export class Unreadable extends Error {}
/** The provider will not answer this: a defect of ours, or an account that lacks something. */
export class Refused extends Error {}
/** Somebody else has this run now. */
export class ClaimLost extends Error {}

export interface Finding {
  subject: ReconciledSubject
  outcome: ReconcileOutcome
  providerRef: string
  orderId: string | null
  ourAmount: number | null
  theirAmount: number | null
  currency: string
  detail: string
  /** The question that it leaves for a person, asked once. */
  question?: NewReviewItem
  /** Causes of questions that may have been asked already and then stand for this one. */
  asked?: readonly string[]
}

/** A movement that is posted unless its cause has been. */
export interface Posting {
  currency: string
  movement: Movement
}

/** What one step found. */
export interface Found {
  /** How many rows of the provider or of ours, whichever were more, were in memory at once. */
  rows: number
  matched: Tally
  findings: Finding[]
  postings: Posting[]
  lines: BookedLine[]
  checked: { settlementId: string; amount: number; linesAmount: number }[]
}

/** A step that has found nothing yet. */
export function nothing(rows = 0): Found {
  return { rows, matched: new Tally(), findings: [], postings: [], lines: [], checked: [] }
}

/** Counts and sums of what needs no line. */
export class Tally {
  readonly #rows: Map<string, OutcomeRow>

  /** @param from what has been counted so far; it stays as it is */
  constructor(from?: Tally) {
    this.#rows = new Map(from === undefined ? [] : from.#rows)
  }

  add(subject: ReconciledSubject, outcome: ReconcileOutcome, currency: string, amount: number): void {
    const key = `${subject} ${outcome} ${currency}`
    const row = this.#rows.get(key) ?? { subject, outcome, currency, count: 0, amount: 0 }
    this.#rows.set(key, { ...row, count: row.count + 1, amount: add(row.amount, amount) })
  }

  rows(): OutcomeRow[] {
    return [...this.#rows.values()]
  }
}

/** One claimed step of a run. */
export class Work {
  readonly deps: PaymentDeps
  readonly run: RunRow
  readonly provider: PaymentProvider
  /** Calls about single things, to be written with the step; pages of lists are too large to keep. */
  readonly calls: Recorded[] = []
  #leaseUntilMs: number

  constructor(deps: PaymentDeps, run: RunRow, provider: PaymentProvider) {
    this.deps = deps
    this.run = run
    this.provider = provider
    this.#leaseUntilMs = run.next_step_at?.getTime() ?? 0
  }

  static leaseFrom(now: Date): Date {
    return new Date(now.getTime() + LEASE_MS)
  }

  /** What questions are made with. */
  maker(): { provider: string; now: Date; uuid(): string } {
    const { clock, ids } = this.deps.ports
    return { provider: this.provider.name, now: clock.now(), uuid: () => ids.uuid() }
  }

  /** Holds on to the run while a step takes long. Throws ClaimLost when somebody else has it. */
  async keep(): Promise<void> {
    const now = this.deps.ports.clock.now()
    if (now.getTime() < this.#leaseUntilMs - LEASE_MS / 2) return
    const until = Work.leaseFrom(now)
    this.#leaseUntilMs = until.getTime()
    if (!(await queries.extendClaim(this.deps.db.alone, this.run, until))) throw new ClaimLost()
  }

  /**
   * Asks the provider.
   *
   * @returns undefined when the provider refuses: for things that are asked for by id, there is no such thing
   * @throws Unanswered; Unreadable when it answered and would answer the same again
   */
  async ask<T>(
    operation: string,
    request: Record<string, unknown>,
    call: () => Promise<Reply<T>>,
    about: { id: string | null; order_id: string | null } = { id: null, order_id: null },
  ): Promise<{ value: T; record: Recorded } | undefined> {
    await this.keep()
    const subject = { ...about, provider: this.provider.name }
    const { reply, record } = await callAbout(this.deps, subject, operation, request, call, TRIES)
    if (reply.outcome === 'accepted') {
      if (!operation.startsWith('list')) this.calls.push(record)
      return { value: reply.value, record }
    }
    await recordProviderCall(this.deps.db.alone, record)
    if (reply.outcome === 'refused') return undefined
    throw reply.unreadable === true ? new Unreadable(reply.message) : new Unanswered(`${operation}: ${reply.message}`)
  }

  /**
   * Reads a list to its end. Pages shift while things are added at their front, so the same row may come twice; nothing
   * is ever removed from a list, so none is missed.
   *
   * @param take what to do with a page; gives how many rows it holds on to by now
   * @returns false when it held more than `most` rows and gave up
   * @throws Unanswered, Refused
   */
  async readList<P extends { nextCursor: string | null }>(
    operation: string,
    { list, pagesAhead }: Listing<P>,
    window: Window,
    take: (page: P) => number,
    most: number,
  ): Promise<boolean> {
    const page = async (cursor: string | null): Promise<P> => {
      const asked = { cursor, count: PAGE }
      const answer = await this.ask(operation, { ...window, ...asked }, () => list(window, asked))
      if (answer === undefined) throw new Refused(`${operation}: ${this.provider.name} refused`)
      return answer.value
    }
    const first = await page(null)
    if (take(first) > most) return false
    for (let next = first.nextCursor; next !== null; ) {
      const ahead: readonly string[] = pagesAhead?.({ cursor: next, count: PAGE }, AT_ONCE - 1) ?? []
      const answers = await Promise.allSettled([next, ...ahead].map(page))
      for (const answer of answers) {
        if (answer.status === 'rejected') throw answer.reason
        if (take(answer.value) > most) return false
        next = answer.value.nextCursor
        if (next === null) break
      }
    }
    return true
  }

  /**
   * The provider's word on one payment. Undefined: it has none by this id, or none that belongs to an order. An answer
   * that cannot be read holds up nothing: it is kept as a question for a person.
   */
  async fetchPayment(
    providerPaymentId: string,
    about?: { payment_id: string; order_id: string },
  ): Promise<{ fact: AttemptFact; record: Recorded } | 'unreadable' | undefined> {
    const asked = this.ask('fetchPayment', { providerPaymentId }, () => this.provider.fetchPayment(providerPaymentId), {
      id: about?.payment_id ?? null,
      order_id: about?.order_id ?? null,
    })
    const answer = await asked.catch((error: unknown) => {
      if (error instanceof Unreadable) return 'unreadable' as const
      throw error
    })
    if (answer === 'unreadable') return answer
    if (answer === undefined || answer.value === null) return undefined
    return { fact: { ...answer.value, source: 'reconciliation' }, record: answer.record }
  }

  /** The provider's word on all refunds of one payment; none where it knows no such payment. */
  async fetchRefunds(of: {
    orderId: string
    paymentId: string | null
    providerOrderId: string | null
    providerPaymentId: string
  }): Promise<{ facts: RefundFact[]; record: Recorded } | undefined> {
    const { providerOrderId, providerPaymentId } = of
    const answer = await this.ask(
      'fetchRefunds',
      { providerOrderId, providerPaymentId },
      () => this.provider.fetchRefunds({ providerOrderId, providerPaymentId }),
      { id: of.paymentId, order_id: of.orderId },
    )
    if (answer === undefined) return undefined
    return { facts: answer.value.map((fact) => ({ ...fact, source: 'reconciliation' })), record: answer.record }
  }
}

export type Recorded = Parameters<typeof recordProviderCall>[1]
