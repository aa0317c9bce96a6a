/** When money that was sent back has arrived at the latest. */

/** Working days that banks take, by the way that was paid. */
export const BANK_DAYS: Readonly<Record<string, number>> = { upi: 3, card: 7, netbanking: 7, wallet: 0 }

const DAY_MS = 86_400_000
/** India has one zone and no summer time. */
const IST_OFFSET_MS = 5.5 * 3_600_000

/** The moment that many working days (Monday to Friday in India) after `from`, as ISO text. */
export function latestArrival(from: string, workingDays: number): string {
  let at = new Date(from).getTime()
  for (let left = workingDays; left > 0; ) {
    at += DAY_MS
    const weekday = new Date(at + IST_OFFSET_MS).getUTCDay()
    if (weekday !== 0 && weekday !== 6) left -= 1
  }
  return new Date(at).toISOString()
}
