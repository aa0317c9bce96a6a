/** Which payment of ours something that a provider says is of. Pure. */

/**
 * By what its source can name the payment.
 *
 * - `providerOrderId`: the provider's id of the payment's order, which we stored when we opened the payment.
 * - `paymentId`: our own id, where the adapter vouches that only we, with our key, can have written it there. What a
 *   shopper or anybody else could have written never stands here.
 * - `providerPaymentId`: the provider's id of an attempt that we know, or shall know: a refund that names its capture alone.
 */
export type FactOf = { providerOrderId: string } | { paymentId: string } | { providerPaymentId: string }

/** Whether something is of this payment; of this attempt of it, where it names an attempt. */
export function isOf(
  of: FactOf,
  ours: { provider_order_id: string | null; payment_id: string; provider_payment_id: string },
): boolean {
  if ('providerOrderId' in of) return of.providerOrderId === ours.provider_order_id
  if ('paymentId' in of) return of.paymentId === ours.payment_id
  return of.providerPaymentId === ours.provider_payment_id
}

/** The payment, among all of an order, that something of this provider is of. */
export function paymentOf<Payment extends { id: string; provider: string; provider_order_id: string | null }>(
  known: {
    payments: readonly Payment[]
    attempts: readonly { payment_id: string; provider: string; provider_payment_id: string }[]
  },
  { provider, of }: { provider: string; of: FactOf },
): Payment | undefined {
  const { payments, attempts } = known
  const its = payments.filter((payment) => payment.provider === provider)
  if ('providerOrderId' in of) return its.find((payment) => payment.provider_order_id === of.providerOrderId)
  if ('paymentId' in of) return its.find((payment) => payment.id === of.paymentId)
  const attempt = attempts.find((row) => row.provider === provider && row.provider_payment_id === of.providerPaymentId)
  return its.find((payment) => payment.id === attempt?.payment_id)
}

/** The provider's id of the order, where the source names it. */
export function providerOrderOf(of: FactOf): string | null {
  return 'providerOrderId' in of ? of.providerOrderId : null
}

/** What the source names, for people. */
export function nameOf(of: FactOf): string {
  if ('providerOrderId' in of) return of.providerOrderId
  return 'paymentId' in of ? of.paymentId : of.providerPaymentId
}
