import { isFinal, type PaymentOutcome } from './payment-outcome.ts'

/**
 * Waits before the next question to the server, in milliseconds. Most payments are confirmed within the first three
 * questions; after that each wait is a little longer, and from the eleventh on it stays at half a minute.
 */
export const POLL_GAPS_MS: readonly number[] = [
  1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 8_000, 10_000, 15_000, 20_000, 30_000,
]

/** With the gaps above, the last question is asked after about half an hour, when an unpaid order ends anyway. */
export const MOST_POLLS = 68

/** Nothing is being confirmed, so nobody waits for the answer: a slower pace is enough to notice another tab. */
const IDLE_GAP_MS = 5_000
const IDLE: ReadonlySet<PaymentOutcome> = new Set([
  'unpaid',
  'declined',
  'again',
  'going_back',
  'not_gone_back',
  'under_review',
])

/** Beyond this the page says that it takes longer than usual. */
export const LONGER_THAN_USUAL_MS = 30_000

/**
 * How long to wait before asking again; null to stop.
 * @param asked questions asked so far, answered or not
 * @param outcome what the last answer meant; undefined when none has arrived yet
 */
export function nextPollMs(asked: number, outcome: PaymentOutcome | undefined): number | null {
  if (asked >= MOST_POLLS || (outcome !== undefined && isFinal(outcome))) return null
  const gap = POLL_GAPS_MS[Math.min(Math.max(asked - 1, 0), POLL_GAPS_MS.length - 1)] ?? IDLE_GAP_MS
  return outcome !== undefined && IDLE.has(outcome) ? Math.max(gap, IDLE_GAP_MS) : gap
}
