/** Which runs, and which lines of a run, are shown, as it stands in the address. */
export type RunsSearch = { provider?: string | undefined; open?: 'true' | undefined }
export type RunSearch = { subject?: string | undefined; outcome?: string | undefined; open?: 'true' | undefined }

const SUBJECTS = ['payment', 'refund', 'settlement'] as const
/** Lines that are simply matched or booked are counted, not kept. */
export const KEPT_OUTCOMES = ['differs', 'unreadable', 'unknown_here', 'unknown_there', 'healed', 'foreign'] as const

export function parseRunsSearch(raw: Record<string, unknown>): RunsSearch {
  return {
    provider: typeof raw.provider === 'string' && /^[a-z_]{1,30}$/.test(raw.provider) ? raw.provider : undefined,
    open: isOpen(raw.open),
  }
}

export function parseRunSearch(raw: Record<string, unknown>): RunSearch {
  return {
    subject: SUBJECTS.find((subject) => subject === raw.subject),
    outcome: KEPT_OUTCOMES.find((outcome) => outcome === raw.outcome),
    open: isOpen(raw.open),
  }
}

/** The router reads `true` in an address as more than text. */
function isOpen(value: unknown): 'true' | undefined {
  return value === true || value === 'true' ? 'true' : undefined
}
