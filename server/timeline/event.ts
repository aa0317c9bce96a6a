/** One entry of an order's timeline. */
export interface NewEvent {
  orderId: string
  type: string
  subject: 'order' | 'shop_order' | 'payment' | 'attempt' | 'refund'
  subjectId: string | null
  from?: string | null
  to?: string | null
  actor: 'shopper' | 'provider' | 'admin' | 'seller' | 'system'
  actorId?: string | null
  source?: string | null
  data?: Record<string, unknown>
}
