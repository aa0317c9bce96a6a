/**
 * The conformance kit: the behaviours that money depends on, the same for every adapter of `PaymentProvider`, written
 * against the interface alone. Whoever adds a provider writes a {@link Bench} for it, calls {@link runConformance} in a
 * test file of the adapter's folder, and knows by a green run that the core may trust the adapter.
 *
 * It guarantees that the adapter tells the provider's explicit word from silence, never invents or repairs an amount,
 * binds every fact to the order that we opened, checks signatures over the raw bytes and leaks no secret. It does not
 * tell whether the bench is like the true provider: that is what recorded fixtures and a test account are for.
 */
import { after, before, describe } from 'node:test'
import { notShown, witness, type Bed } from './conformance/bed.ts'
import { testBooks } from './conformance/books.ts'
import { testCalls } from './conformance/calls.ts'
import { testCheckout } from './conformance/checkout.ts'
import { testPayments } from './conformance/payments.ts'
import { testRefunds } from './conformance/refunds.ts'
import { testSecrets } from './conformance/secrets.ts'
import { testSettlements } from './conformance/settlements.ts'
import { testWebhookEvents } from './conformance/webhook-events.ts'
import { testWebhookSignatures } from './conformance/webhook-signatures.ts'
import type { PaymentProvider, ProviderBooks, Returned, TakenAmounts } from './provider.ts'

/** Where providers legitimately differ. A behaviour that a trait rules out is shown as skipped, with the reason. */
export interface Traits {
  /** Fields of the browser's answer that prove the payment; empty where the browser brings nothing signed. */
  signedReturn: readonly string[]
  /** Headers without which a webhook counts as unsigned. */
  signatureHeaders: readonly string[]
  /** How far from ours a signed time may lie, in seconds; null where the signature carries none. */
  signatureToleranceS: number | null
  /** An authorization can wait for our capture call. */
  separateCapture: boolean
  /** An order that nobody has paid can be ended by a call. */
  canClose: boolean
  /** What it takes in some currencies that it takes: with no decimals, with two, and with three. */
  currencies: readonly (TakenAmounts & { currency: string })[]
  /** Which of its books it shows for reconciliation. */
  books: readonly (keyof ProviderBooks)[]
  /** An attempt that failed may still be authorized later. */
  lateAuthorization: boolean
}

/** How the next call that the adapter makes goes wrong on the wire. */
export type CallFault =
  /** The connection opens and no byte comes back. */
  | { kind: 'silence'; effect: 'none' | 'done' }
  /** The connection breaks before an answer. */
  | { kind: 'reset'; effect: 'none' | 'done' }
  /** Half of the answer comes, then the connection breaks; the provider has acted. */
  | { kind: 'truncated' }
  /** 200 with a proxy's HTML page. */
  | { kind: 'page'; effect: 'none' | 'done' }
  /** A status with the provider's own error body. */
  | { kind: 'status'; status: number; effect: 'none' | 'done' }
  /** A status with this body in place of the provider's; nothing is done. */
  | { kind: 'body'; status: number; body: string }
  /** The true answer, with other values in it. */
  | { kind: 'amended'; amend: Amendment }

/**
 * Other values in a document of the provider (an answer, a webhook), wherever the document carries them. Amounts are
 * JSON values as the provider writes them: what a decimal provider would write as "1.00" is the bench's to say.
 */
export interface Amendment {
  amount?: unknown
  currency?: unknown
  /** The provider's status word of the payment, or of the refund where the document is of a refund. */
  status?: unknown
  /** The id of the provider order to which the payment belongs. */
  providerOrderId?: string
  /** The id of the payment, or the payment's id in a refund. */
  providerPaymentId?: string
}

export type Ending = 'captured' | 'authorized' | 'failed' | 'pending'

export interface Paid {
  providerPaymentId: string
  /** What the shopper's browser brings to us; null where it learns nothing. */
  browser: Returned | null
}

export interface Delivery {
  rawBody: Buffer
  headers: Record<string, string>
}

/** What the provider itself has written down: the measure for what the adapter tells. */
export interface Books {
  /** Ids of the orders that carry our payment's id as their reference. */
  orderIds: string[]
  payments: { id: string; amount: number; currency: string; captured: boolean }[]
  refunds: { id: string; amount: number; currency: string }[]
}

/** The provider's side of the counter, as far as the kit needs to move it. Orders are those that the adapter made. */
export interface Bench {
  /** The adapter as shops run it, but with a deadline of well under a second for calls that meet silence. */
  readonly provider: PaymentProvider
  /** A currency that the provider takes, and an amount in it that is well above the smallest one. */
  readonly currency: string
  readonly amount: number
  /** Every text that must never stand in a record: keys, secrets, and any encoded form in which they travel. */
  readonly secrets: readonly string[]

  /** A shopper pays the order with this ending; rejects when the provider takes no money for it. `refunds`: what the bank does with a refund that is asked for later. */
  pay(providerOrderId: string, ending: Ending, options?: { method?: 'card' | 'upi'; refunds?: 'late' }): Promise<Paid>
  /** The bank says yes after all, to a payment that had failed: it is authorized and waits. */
  authorizeLate(providerPaymentId: string): Promise<void>
  /** Someone gives money back at the provider's dashboard. */
  refundElsewhere(providerPaymentId: string, amount: number): Promise<void>
  /** The bank ends a refund that is under way, or takes back its word on one that had ended well. */
  endRefund(providerRefundId: string, ending: 'processed' | 'failed'): Promise<void>
  /**
   * Lets the provider's time pass until what was captured and refunded so far has been settled to our bank account.
   *
   * @returns the days, as YYYY-MM-DD by the provider's calendar, on which that can have happened
   */
  settle(): Promise<string[]>
  /** Spoils the next call that the adapter makes, and only that. */
  spoil(fault: CallFault): Promise<void>
  /** The webhook secret in use, and the one before it. */
  readonly webhookSecrets: { current: string; previous: string }
  /** The webhooks of this order so far, oldest first, as the bytes that leave the provider. Waits for those under way. */
  deliveries(providerOrderId: string): Promise<Delivery[]>
  /** The same document with other values in it. Pure. */
  amend(document: unknown, amendment: Amendment): unknown
  /** What the provider would send with these bytes: its headers, signed with this secret. Pure. */
  sign(rawBody: Buffer, secret: string): Record<string, string>
  /** The adapter as configuration would build it, with these secrets in place of the bench's. */
  build(options: { webhookSecrets?: readonly string[]; apiSecret?: string }): PaymentProvider
  books(paymentId: string, providerOrderId: string): Promise<Books>
  close(): Promise<void>
}

export interface ConformanceSuite {
  /** The adapter's name, for the report. */
  name: string
  traits: Traits
  open(): Promise<Bench>
}

/** Registers the whole suite with `node:test`. One bench serves all but settlements; every test makes orders of its own. */
export function runConformance(suite: ConformanceSuite): void {
  const replies: unknown[] = []
  // Settling moves the provider's clock, which the other tests must find where ours is.
  const settles = notShown(suite.traits, 'settlements')
  describe(`${suite.name} settles`, { skip: settles }, () => testSettlements(openBed(suite, replies)))
  describe(`${suite.name} conforms`, () => {
    const bed = openBed(suite, replies)
    testBooks(bed)
    testCalls(bed)
    testCheckout(bed)
    testPayments(bed)
    testRefunds(bed)
    testWebhookSignatures(bed)
    testWebhookEvents(bed)
    // Reads what all the others have left behind, so it stands last.
    testSecrets(bed)
  })
}

/** A bench for the tests of one `describe`: open while they run. */
function openBed(suite: ConformanceSuite, replies: unknown[]): Bed {
  const opened: { bench?: Bench } = {}
  before(async () => {
    opened.bench = await suite.open()
  })
  after(() => opened.bench?.close())
  return {
    traits: suite.traits,
    replies,
    get bench() {
      if (opened.bench === undefined) throw new Error('the bench is open only while tests run')
      return opened.bench
    },
    get provider() {
      return witness(this.bench.provider, replies)
    },
  }
}
