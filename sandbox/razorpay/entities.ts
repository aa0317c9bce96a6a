/**
 * The entities of Razorpay's API as it writes them (razorpay.com/docs/api). Amounts are in minor units, times in unix
 * seconds. Empty notes are `[]`, which is why a note map is never typed as an object alone.
 */

export type Notes = Record<string, string> | []

export interface Order {
  id: string
  entity: 'order'
  amount: number
  amount_paid: number
  amount_due: number
  currency: string
  receipt: string | null
  offer_id: null
  /** created → attempted (first payment) → paid (captured in full); paid stays after a refund. */
  status: 'created' | 'attempted' | 'paid'
  attempts: number
  notes: Notes
  created_at: number
}

/** What the provider knows of an order and does not show. */
export interface OrderTerms {
  capture: 'automatic' | 'manual'
  /** Minutes after which an authorized payment that nobody captured goes back. */
  manualExpiryMinutes: number
}

export type PaymentStatus = 'created' | 'authorized' | 'captured' | 'refunded' | 'failed'
export type Method = 'upi' | 'card' | 'netbanking' | 'wallet'
export const METHODS: readonly Method[] = ['upi', 'card', 'netbanking', 'wallet']

export interface Card {
  id: string
  entity: 'card'
  name: string
  last4: string
  network: string
  type: 'credit' | 'debit'
  issuer: string | null
  international: boolean
  emi: boolean
  sub_type: 'consumer'
  token_iin: null
}

export interface Payment {
  id: string
  entity: 'payment'
  amount: number
  currency: string
  status: PaymentStatus
  order_id: string
  invoice_id: null
  international: boolean
  method: Method
  amount_refunded: number
  refund_status: null | 'partial' | 'full'
  captured: boolean
  description: string | null
  card_id: string | null
  bank: string | null
  wallet: string | null
  vpa: string | null
  email: string
  contact: string
  notes: Notes
  fee: number | null
  tax: number | null
  error_code: string | null
  error_description: string | null
  error_source: string | null
  error_step: string | null
  error_reason: string | null
  acquirer_data: Record<string, string | null>
  created_at: number
  upi?: { vpa: string; flow: 'collect' | 'intent'; payer_account_type: 'bank_account' }
}

/** What the provider knows of a payment and does not show in the entity. */
export interface PaymentTerms {
  card: Card | null
  /** What becomes of refunds that the merchant asks for; `return`: processed, and failed days later. */
  refunds: 'now' | 'fail' | 'late' | 'return' | 'refuse'
}

export interface Refund {
  id: string
  entity: 'refund'
  amount: number
  currency: string
  payment_id: string
  notes: Notes
  receipt: string | null
  acquirer_data: { arn: string | null }
  created_at: number
  batch_id: null
  status: 'pending' | 'processed' | 'failed'
  speed_processed: 'normal' | 'instant'
  speed_requested: 'normal' | 'optimum'
}

export interface Dispute {
  id: string
  entity: 'dispute'
  payment_id: string
  amount: number
  currency: string
  amount_deducted: number
  reason_code: string
  respond_by: number
  status: 'open' | 'under_review' | 'won' | 'lost' | 'closed'
  phase: 'fraud' | 'retrieval' | 'chargeback' | 'pre_arbitration' | 'arbitration'
  created_at: number
  evidence: { amount: number; summary: string | null; submitted_at: number | null }
}

export interface Collection<T> {
  entity: 'collection'
  count: number
  items: T[]
}

/** A list as the API answers it; `count` is the number of items given, not a total. */
export function collection<T>(items: T[]): Collection<T> {
  return { entity: 'collection', count: items.length, items }
}
