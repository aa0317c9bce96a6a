/**
 * Faults that a test or a person asks for. A rule names what it hits with a regular expression, what happens, and how
 * many times; API rules are matched against `METHOD /path` without the provider's prefix, webhook rules against the
 * event's name. Rules live in memory: a restarted simulator behaves well.
 */

/** What an API call can suffer. Those named effect-then-… take effect at the provider first. */
export const API_FAULTS = {
  error: "the provider's own error reply, nothing is done",
  status: 'an HTTP status (503) with an error body, nothing is done',
  hang: 'no answer at all, nothing is done',
  reset: 'the connection is reset, nothing is done',
  html: "200 with a proxy's HTML page, nothing is done",
  delay: 'the right answer, late',
  'effect-then-drop': 'it is done, then the connection is reset',
  'effect-then-hang': 'it is done, then no answer comes',
  'effect-then-status': 'it is done, then an HTTP status (503)',
  'effect-then-html': "it is done, then 200 with a proxy's HTML page",
  'effect-then-truncate': 'it is done, then half of the answer comes',
  'effect-then-alter': 'it is done, then an answer with other values (`set`)',
} as const

/** What a webhook can suffer. */
export const WEBHOOK_FAULTS = {
  'webhook-drop': 'it is never sent',
  'webhook-duplicate': 'it is sent twice at the same moment',
  'webhook-delay': 'it is sent late (`delayMs`, 90000)',
  'webhook-reorder': 'the events of one moment are sent in reverse',
  'webhook-forge': 'a false one with a bad signature is sent before it',
} as const

export type ApiFaultKind = keyof typeof API_FAULTS
export type WebhookFaultKind = keyof typeof WEBHOOK_FAULTS
export type FaultKind = ApiFaultKind | WebhookFaultKind

export interface FaultRule {
  id: number
  provider: string
  match: string
  kind: FaultKind
  /** How many more times it is played. */
  times: number
  /** How many more matches pass by before it is played. */
  skip: number
  status?: number
  delayMs?: number
  retryAfter?: number
  code?: string
  description?: string
  /** For effect-then-alter: fields of the reply that get other values. */
  set?: Record<string, unknown>
  played: number
}

export type FaultRequest = Partial<Omit<FaultRule, 'id' | 'provider' | 'played'>>

export class FaultRefused extends Error {}

/** A rule plays at most this often, and at most this many rules exist: a forgotten one must not live for ever. */
const MOST_TIMES = 100_000
const MOST_RULES = 200
const MATCH_CHARACTERS = 300

export class Faults {
  #rules: Array<{ rule: FaultRule; pattern: RegExp }> = []
  #nextId = 1

  /** Adds a rule. Throws {@link FaultRefused} with a sentence when it makes no sense. */
  add(provider: string, request: FaultRequest): FaultRule {
    const kind = request.kind
    if (kind === undefined || !(kind in API_FAULTS || kind in WEBHOOK_FAULTS)) {
      throw new FaultRefused(`kind is one of ${Object.keys({ ...API_FAULTS, ...WEBHOOK_FAULTS }).join(', ')}`)
    }
    const match = request.match ?? '.*'
    if (typeof match !== 'string' || match.length > MATCH_CHARACTERS) throw new FaultRefused('match is a short text')
    let pattern: RegExp
    try {
      pattern = new RegExp(match)
    } catch {
      throw new FaultRefused('match is not a regular expression')
    }
    for (const name of ['times', 'skip', 'status', 'delayMs', 'retryAfter'] as const) {
      const value = request[name]
      if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
        throw new FaultRefused(`${name} is a whole number`)
      }
    }
    for (const name of ['code', 'description'] as const) {
      if (request[name] !== undefined && typeof request[name] !== 'string') throw new FaultRefused(`${name} is a text`)
    }
    if (request.set !== undefined && (typeof request.set !== 'object' || request.set === null)) {
      throw new FaultRefused('set is an object')
    }
    if (request.status !== undefined && (request.status < 200 || request.status > 599)) {
      throw new FaultRefused('status is between 200 and 599')
    }
    if (this.#rules.length >= MOST_RULES) this.#rules = this.#rules.filter(({ rule }) => rule.times > 0)
    if (this.#rules.length >= MOST_RULES) throw new FaultRefused(`there are ${MOST_RULES} faults already; clear some`)
    const rule: FaultRule = {
      ...request,
      id: this.#nextId++,
      provider,
      match,
      kind,
      times: Math.min(request.times ?? 1, MOST_TIMES),
      skip: request.skip ?? 0,
      played: 0,
    }
    this.#rules.push({ rule, pattern })
    return rule
  }

  /** The first rule that hits this API call, used up by one. */
  takeForCall(provider: string, methodAndPath: string): FaultRule | undefined {
    return this.#take(provider, (kind) => kind in API_FAULTS, [methodAndPath])
  }

  /** The first rule that hits this webhook event, used up by one. */
  takeForWebhook(provider: string, eventType: string): FaultRule | undefined {
    return this.#take(provider, (kind) => kind in WEBHOOK_FAULTS, [eventType, `WEBHOOK ${eventType}`])
  }

  #take(provider: string, isKind: (kind: FaultKind) => boolean, texts: string[]): FaultRule | undefined {
    for (const { rule, pattern } of this.#rules) {
      if (rule.provider !== provider || rule.times <= 0 || !isKind(rule.kind)) continue
      if (!texts.some((text) => pattern.test(text))) continue
      if (rule.skip > 0) {
        rule.skip -= 1
        continue
      }
      rule.times -= 1
      rule.played += 1
      return rule
    }
    return undefined
  }

  /** Those that still wait to be played and those that were, oldest first. */
  list(provider: string): FaultRule[] {
    return this.#rules.filter(({ rule }) => rule.provider === provider).map(({ rule }) => rule)
  }

  /** Removes one rule, or all of a provider; tells how many went. */
  clear(provider: string, id?: number): number {
    const before = this.#rules.length
    this.#rules = this.#rules.filter(({ rule }) => rule.provider !== provider || (id !== undefined && rule.id !== id))
    return before - this.#rules.length
  }
}
