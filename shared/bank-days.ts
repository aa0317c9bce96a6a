/** When money that was sent back, or that we never received, has arrived at the latest. Pure. */
import { INDIAN_BANKS, sameHourAfter } from './working-days.ts'

/** Working days that banks take to credit a refund, by the way that was paid; the longest for what is not listed. */
const REFUND_DAYS: Readonly<Record<string, number>> = { upi: 3, card: 7, netbanking: 7, wallet: 0 }
const LONGEST_REFUND_DAYS = 7

/**
 * Within so many working days a bank returns what it has taken from an account and never handed on.
 * RBI/2019-20/67, harmonisation of turn around time: https://rbidocs.rbi.org.in
 */
const RETURN_DAYS = 5

/** The moment that many working days of Indian banks after `from`, as ISO text. */
export function latestArrival(from: string, workingDays: number): string {
  return sameHourAfter(new Date(from), workingDays, INDIAN_BANKS).toISOString()
}

/**
 * When a refund of `from` has arrived at the latest, as ISO text.
 *
 * @param method the way that was paid; null where it is not known
 */
export function latestRefund(from: string, method: string | null | undefined): string {
  return latestArrival(from, REFUND_DAYS[method ?? ''] ?? LONGEST_REFUND_DAYS)
}

/** When an Indian bank has returned a debit of `from` at the latest that we never received, as ISO text. */
export function latestReturn(from: string): string {
  return latestArrival(from, RETURN_DAYS)
}
