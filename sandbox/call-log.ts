/** The last API calls, for the page. Kept in memory: the books hold what the calls did. */

export interface RecordedCall {
  sequence: number
  at: number
  provider: string
  method: string
  path: string
  status: number
  durationMs: number
  request: string
  response: string
  /** The fault that was played on this call, when there was one. */
  fault: string | null
}

const KEPT_CALLS = 200
const KEPT_CHARACTERS = 4000

export class CallLog {
  #calls: RecordedCall[] = []
  #sequence = 0
  #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  record(call: Omit<RecordedCall, 'sequence'>): void {
    this.#sequence += 1
    this.#calls.push({
      ...call,
      sequence: this.#sequence,
      request: call.request.slice(0, KEPT_CHARACTERS),
      response: call.response.slice(0, KEPT_CHARACTERS),
    })
    // Dropping half at a time keeps the cost of forgetting out of the single call.
    if (this.#calls.length > KEPT_CALLS * 2) this.#calls = this.#calls.slice(-KEPT_CALLS)
    this.#onChange()
  }

  /** Newest first. */
  list(provider: string, limit: number): RecordedCall[] {
    return this.#calls
      .filter((call) => call.provider === provider)
      .slice(-Math.min(limit, KEPT_CALLS))
      .reverse()
  }

  clear(): void {
    this.#calls = []
    this.#onChange()
  }
}
