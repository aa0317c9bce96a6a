/**
 * The narrow interface behind which a payment provider lives. Nothing outside `providers/<name>/` knows a provider's
 * words. Adapters hold no state but their client, run no SQL and know no orders.
 *
 * Every call ends in one of three ways. `accepted` and `refused` are the provider's explicit word. Everything else (a
 * time-out, a reset, a 5xx, 401, 429, an answer that cannot be read) is `unknown`: the provider may or may not have
 * acted, so nothing changes until it is asked again.
 */
import type { HandOff } from '../../../shared/contract/payments.ts'
import type { AttemptFact, PaymentFact, RefundFact, UnreadFact } from '../money/payment.ts'

export type Reply<T> = Exchange &
  (
    | { outcome: 'accepted'; value: T }
    | { outcome: 'refused'; code: string; message: string }
    /** `unreadable`: it answered, and the answer does not say what it must. Asking again would change nothing. */
    | { outcome: 'unknown'; message: string; unreadable?: true }
  )

/** What went over the wire, for the record; without secrets. */
export interface Exchange {
  httpStatus: number | null
  reply: unknown
}

export interface ProviderOrderRequest {
  /**
   * Our payment's id: what we can search for at the provider when an answer got lost, and the key that makes asking again
   * harmless where the provider knows keys.
   */
  paymentId: string
  amount: number
  currency: string
  orderNumber: string
  /** The shopper's, where the provider's own page asks for one. */
  email: string | null
  /** When it is asked. */
  now: Date
  /** Until when the order waits for its money: later the provider should take none by itself, where it can be told so. */
  openUntil: Date
  /** Where the provider's own page sends the shopper's browser afterwards: back to us, and back to the order unpaid. */
  returnUrl: string
  cancelUrl: string
}

/** An order as the provider has opened it. */
export interface Opened {
  providerOrderId: string
  /**
   * What only this answer tells of the shopper's way to pay, such as the address of a page. It is kept as it is, and given
   * back to `checkout`, where it is read by the adapter that wrote it. Null where the order's id says enough.
   */
  checkout: Record<string, unknown> | null
  /** When the provider closes it by itself; null when it does not, or does not say. */
  openUntil: Date | null
}

/**
 * Why a provider opens no order, as the code of the refusal, where its words can be told apart: what the shop's account
 * takes. For any other reason the code is the provider's own.
 */
export type OpeningRefusal = 'amount_too_large' | 'amount_too_small' | 'currency_not_enabled'

/**
 * What became of closing an order. `closed`: nobody can pay it any more. `paid`: somebody had; its facts are to be settled.
 * `cannot`: this provider closes none, so it may be paid for as long as it takes money.
 */
export type Closing =
  | { ending: 'closed' }
  | { ending: 'paid'; facts: [PaymentFact, ...PaymentFact[]] }
  | { ending: 'cannot' }

export interface CaptureRequest {
  providerOrderId: string
  providerPaymentId: string
  amount: number
  currency: string
}

export interface RefundRequest {
  providerOrderId: string
  providerPaymentId: string
  /** Our refund's id. */
  refundId: string
  amount: number
  currency: string
  idempotencyKey: string
}

/** One payment at the provider; its order there where we know of one. */
export interface RefundsOf {
  providerOrderId: string | null
  providerPaymentId: string
}

export interface CheckoutInput {
  providerOrderId: string
  /** As `Opened.checkout` was; null for whatever was opened before it was kept. */
  kept: Record<string, unknown> | null
  amount: number
  currency: string
  orderNumber: string
  customer: HandOff['customer']
}

/** What the shopper's browser brought from the provider, by the provider's own names. */
export type Returned = Readonly<Record<string, string | undefined>>

/**
 * What it is worth. `signed`: the provider vouches that this attempt belongs to this payment. `unsigned`: it speaks of this
 * payment and proves nothing, so the provider is asked. `forged`: it claims a proof that is none. `notMine`: it has nothing
 * that this provider would have given, or speaks of another payment.
 */
export type ReturnVerdict =
  | { verdict: 'signed'; providerPaymentId: string }
  | { verdict: 'unsigned' }
  | { verdict: 'forged' }
  | { verdict: 'notMine' }

export type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * One delivery, read. `unsure`: what proves it could not be looked up now, such as a certificate that the provider shows
 * elsewhere; it is sent again, and then checked.
 */
export type WebhookReading =
  | { verdict: 'signed'; eventId: string; content: WebhookContent | UnreadableEvent }
  | { verdict: 'missing' }
  | { verdict: 'invalid' }
  | { verdict: 'unsure'; why: string }

/** The facts in one webhook event; none for events that say nothing about money. */
export interface WebhookContent {
  type: string
  facts: PaymentFact[]
}

/** An authentic event that does not say what it must: to be looked at by a person, under its own name where it has one. */
export class UnreadableEvent extends Error {
  readonly type: string

  constructor(type: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.type = type
  }
}

/** Which page of a list, and of how many entries at most: a provider may give fewer at once. */
export interface PageRequest {
  /** Null for the first page, then what the page before said. Its own adapter alone reads it; it may be kept for days. */
  cursor: string | null
  count: number
}

export interface Window {
  from: Date
  to: Date
}

/**
 * An entry that does not say what it must: an amount that is none, a missing currency. It may mean money, so that it is
 * neither left out nor guessed at: a person is asked, and everything around it goes on.
 */
export interface UnreadRecord {
  /** The provider's id of it; where it has none, a name that the same entry will have again. */
  ref: string
  providerOrderId: string | null
  why: string
  /** As it came. */
  record: unknown
}

export interface PaymentPage {
  /** May be fewer than were asked for, or none, on a page that is not the last: what says nothing to us is left out. */
  facts: AttemptFact[]
  /** Payments that belong to no order of the provider: never ours, and money all the same. */
  unbound: UnboundPayment[]
  /** Payments of orders of which something is said in a word that we do not know. */
  said: UnreadFact[]
  unread: UnreadRecord[]
  nextCursor: string | null
}

export type UnboundPayment = Pick<
  AttemptFact,
  'providerPaymentId' | 'status' | 'amount' | 'currency' | 'refundedAmount' | 'providerCreatedAt'
>

/** A refund as a list over all payments tells it: it names its payment, and not that payment's order. */
export type ListedRefund = Omit<RefundFact, 'of'>

export interface RefundPage {
  /** May be fewer than were asked for on a page that is not the last. */
  refunds: ListedRefund[]
  unread: UnreadRecord[]
  nextCursor: string | null
}

/** One thing that a settlement paid out to our bank account, or kept back from it. All amounts in minor units. */
export interface SettlementLine {
  /** The provider's id of the payment, refund or adjustment. */
  entityId: string
  /** `other` is for kinds that we do not deal in, such as transfers to linked accounts. */
  type: 'payment' | 'refund' | 'adjustment' | 'other'
  /** What it is about: what the shopper paid, or got back. */
  amount: number
  /** What the settlement took off for it, or added. */
  debit: number
  credit: number
  /** The provider's fee, with the tax on it. */
  fee: number
  tax: number
  currency: string
  settlementId: string
  /** The bank's reference of the transfer to us, by which it is found on a statement; null where it is not known yet. */
  utr: string | null
  settledAt: Date
  /** For refunds and adjustments: the payment that they are about. */
  providerPaymentId: string | null
  providerOrderId: string | null
  disputeId: string | null
}

export interface SettlementLinePage {
  lines: SettlementLine[]
  unread: UnreadRecord[]
  nextCursor: string | null
}

/** One transfer to our bank account. */
export interface Settlement {
  settlementId: string
  amount: number
  utr: string | null
}

/** A list that is read page by page. Pages may shift while entries arrive at its front; none is ever lost from it. */
export interface Listing<Page> {
  /** The entries that were created in a window. */
  list(window: Window, page: PageRequest): Promise<Reply<Page>>
  /**
   * The cursors of so many pages after the one with this cursor, so that several can be asked for at once. Null where each
   * page alone tells the next.
   */
  pagesAhead: ((page: { cursor: string; count: number }, pages: number) => string[]) | null
}

/** What was paid out to our bank account. */
export interface SettlementBooks {
  /**
   * One page of what was settled on a day. A provider that lists by payout goes through the payouts of that day, one after
   * the other, and keeps in the cursor where it is.
   *
   * @param day YYYY-MM-DD by the provider's own calendar; ask the days on either side too, as its midnight may not be ours
   */
  list(day: string, page: PageRequest): Promise<Reply<SettlementLinePage>>
  /** What was transferred in all. */
  fetchSettlement(settlementId: string): Promise<Reply<Settlement>>
}

/** Which of its books a provider shows; null for what it does not, and what is then compared with nothing. */
export interface ProviderBooks {
  payments: Listing<PaymentPage> | null
  /** Refunds of any payment. */
  refunds: Listing<RefundPage> | null
  settlements: SettlementBooks | null
}

/** The amounts that a provider takes in one currency, in our minor units: from `least` on, in multiples of `step`. */
export interface TakenAmounts {
  least: number
  step: number
}

export interface PaymentProvider {
  readonly name: string
  /** How shoppers know this way to pay. */
  readonly title: string
  /** Origins that the pages must let in for this provider's checkout: its script, its windows, its calls. */
  readonly pageSources: { script: readonly string[]; frame: readonly string[]; connect: readonly string[] }
  /** For how long after a payment was made it may still bring money: it is asked about that long. */
  readonly lateMoneyMs: number
  /** For reconciliation. */
  readonly books: ProviderBooks
  takesCurrency(currency: string): boolean
  /** Which amounts in this currency can be paid and sent back. */
  amountsIn(currency: string): TakenAmounts

  createOrder(request: ProviderOrderRequest): Promise<Reply<Opened>>
  /**
   * Makes sure of the order that an unanswered `createOrder` may have made: looks for it, or asks again under the same
   * key while that lives. `null`: there is none to be seen, and opening another is harmless, because nobody was shown it.
   */
  findOrder(request: ProviderOrderRequest): Promise<Reply<Opened | null>>
  /** Closes an order, so that nobody can pay it any more. Closing one that is closed is harmless. */
  close(providerOrderId: string): Promise<Reply<Closing>>
  /** What the browser needs, for an order that is open. Pure. */
  checkout(input: CheckoutInput): Pick<HandOff, 'keyId' | 'checkout'>
  /** Checks what the browser brought back against the order id that we stored. Pure; signatures in constant time. */
  readReturn(payment: { providerOrderId: string }, returned: Returned): ReturnVerdict

  /**
   * Checks the signature over the raw bytes before anything is parsed, and reads what was signed. Never throws.
   *
   * @param now by which a signature that carries its time is too old, or of a time to come
   */
  readWebhook(rawBody: Buffer, headers: Headers, now: Date): Promise<WebhookReading>
  /**
   * Reads the bytes of an event that was authentic when it came, and is processed later. Pure. Throws an `UnreadableEvent`
   * when it is not what the provider documents.
   */
  readEvent(rawBody: Buffer): WebhookContent

  /** All attempts of a provider order. */
  fetchOrderPayments(providerOrderId: string): Promise<Reply<PaymentFact[]>>
  fetchPayment(providerPaymentId: string): Promise<Reply<AttemptFact | null>>
  capture(request: CaptureRequest): Promise<Reply<AttemptFact>>
  refund(request: RefundRequest): Promise<Reply<RefundFact>>
  /** Refunds of one payment, to find out what became of one that was not answered. */
  fetchRefunds(of: RefundsOf): Promise<Reply<RefundFact[]>>
}

export type Providers = ReadonlyMap<string, PaymentProvider>
