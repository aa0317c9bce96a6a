/**
 * When to ask a provider again. Pure.
 *
 * Webhooks are faster, but any of them may never come: asking alone brings every payment to its end.
 */

const SECOND_MS = 1_000
const HOUR_MS = 3_600 * SECOND_MS

/** After a call whose outcome is unknown, or a signature that the provider has not confirmed. */
const AFTER_UNKNOWN_S = [5, 15, 60, 300, 900] as const
/** While a shopper takes time: multiples of POLL_AFTER_S. */
const WHILE_OPEN_FACTORS = [1, 2, 4, 8, 15] as const
/** Razorpay asks banks for three days about payments without an answer; after that nothing more can come. */
export const PAYMENT_WINDOW_MS = 3 * 24 * HOUR_MS
/** A refund can take longer; banks answer within two weeks or not at all. */
export const REFUND_WINDOW_MS = 14 * 24 * HOUR_MS

/** Whether asking about a payment that began then may be over, so that a person may have been told to see to it. */
export function mayBeGivenUp(since: Date, now: Date): boolean {
  return now.getTime() - since.getTime() > PAYMENT_WINDOW_MS - HOUR_MS
}

export type LookPlan = 'open' | 'unknown'

/**
 * @param looks how often it has been asked already
 * @param since when the thing began
 * @returns when to ask next, or null when the provider's window has passed and asking is over
 */
export function nextLook(
  plan: LookPlan,
  looks: number,
  since: Date,
  now: Date,
  options: { pollAfterS: number; windowMs: number },
): Date | null {
  const steps = plan === 'unknown' ? AFTER_UNKNOWN_S : WHILE_OPEN_FACTORS.map((factor) => factor * options.pollAfterS)
  const step = steps[looks]
  const next = new Date(now.getTime() + (step === undefined ? HOUR_MS : step * SECOND_MS))
  return next.getTime() - since.getTime() > options.windowMs ? null : next
}
