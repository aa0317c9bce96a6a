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
const DAY_MS = 24 * HOUR_MS
/** How long money may still come for a payment, where its provider's documents or configuration do not say otherwise. */
export const USUAL_LATE_MONEY_MS = 3 * DAY_MS
/**
 * Banks have been seen to answer after the provider has stopped asking them. So a payment that was closed unpaid is looked
 * at once more when this much time has passed since it was made, and then never again.
 */
export const LAST_LOOK_MS = 7 * DAY_MS
/** A refund can take longer; banks answer within two weeks or not at all. */
export const REFUND_WINDOW_MS = 14 * 24 * HOUR_MS

/**
 * Whether asking about a payment that began then may be over, so that a person may have been told to see to it.
 *
 * @param windowMs for how long its provider may still bring money
 */
export function mayBeGivenUp(since: Date, now: Date, windowMs: number): boolean {
  return now.getTime() - since.getTime() > windowMs - HOUR_MS
}

/** When a payment that is closed unpaid now is looked at for the last time; null when that moment has passed. */
export function lastLook(since: Date, now: Date): Date | null {
  const at = new Date(since.getTime() + LAST_LOOK_MS)
  return at > now ? at : null
}

/** When to try the last look again, which had no answer; null when a day of trying is over. */
export function repeatedLastLook(looks: number, since: Date, now: Date): Date | null {
  return nextLook('unknown', looks, since, now, { pollAfterS: 0, windowMs: LAST_LOOK_MS + DAY_MS })
}

export type LookPlan = 'open' | 'unknown'

/** When to ask about what was never asked, or had no answer for the first time. */
export function soonAfterUnknown(now: Date): Date {
  return new Date(now.getTime() + AFTER_UNKNOWN_S[0] * SECOND_MS)
}

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
