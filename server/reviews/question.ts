/** A question for a person. */
export interface NewReviewItem {
  id: string
  orderId: string | null
  paymentId: string | null
  attemptId: string | null
  kind: string
  summary: string
  /** What it is about, when it is about an amount. */
  amount?: number | null
  currency?: string | null
  /** The provider's own name for the thing, for what is no payment of ours. */
  provider?: string | null
  providerRef?: string | null
  refundId?: string | null
  evidence: Record<string, unknown>
  /** The same question is asked once. */
  cause: string
  createdAt: Date
}
