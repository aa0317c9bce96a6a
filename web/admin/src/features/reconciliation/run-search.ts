/** Which lines of a run are shown, as it stands in the address. */
export type RunSearch = { subject?: string | undefined; outcome?: string | undefined }

const SUBJECTS = ['payment', 'refund', 'settlement'] as const
/** Lines that are simply matched or booked are counted, not kept. */
export const KEPT_OUTCOMES = ['differs', 'unreadable', 'unknown_here', 'unknown_there', 'healed', 'foreign'] as const

export function parseRunSearch(raw: Record<string, unknown>): RunSearch {
  return {
    subject: SUBJECTS.find((subject) => subject === raw.subject),
    outcome: KEPT_OUTCOMES.find((outcome) => outcome === raw.outcome),
  }
}
