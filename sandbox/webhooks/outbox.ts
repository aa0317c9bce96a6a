/**
 * Sends webhook events to every receiver until one of three ends: an answer that counts, the end of the provider's
 * retry schedule, or a receiver that has failed for so long that the provider disables it. Events and deliveries are
 * rows of the same transaction as the change they tell of; what waits is taken up again at start.
 */
import type { SandboxPorts } from '../ports.ts'
import type { World } from '../world.ts'
import { Receivers } from './receivers.ts'
import { type Attempt, type Delivery, type Receiver, type WebhookEvent, webhookTables } from './tables.ts'

/** What differs from provider to provider. Times are in milliseconds at the provider's own speed. */
export interface DeliveryPolicy {
  answerTimeoutMs: number
  disableAfterMs: number
  sign(body: string, secret: string): string
  headers(eventId: string, signature: string): Record<string, string>
  /** When to try again, counted from the first try, or undefined when it was the last. */
  retryAtMs(tried: { type: string; attempts: number; elapsedMs: number; status: number }): number | undefined
}

export interface EventDraft {
  type: string
  about: string
  body: string
}

/** How the events of one moment are told; scenarios name one of these. */
export type HookPolicy =
  | { kind: 'now' }
  | { kind: 'late'; afterMs: number }
  | { kind: 'lost' }
  | { kind: 'twice' }
  | { kind: 'reversed' }

/** A delivery whose answer is not written down yet. */
interface Answered {
  event: WebhookEvent
  delivery: Delivery
  attempt: Attempt
}

export interface ResendResult {
  url: string
  status: number
  answer: string
}

const FORGED_SECRET = 'a-secret-that-the-provider-never-had'

/** POSTs under way at once, over all receivers. More wait in line. */
const MOST_IN_FLIGHT = 128

/** Between events that are sent out of order on purpose; long enough that a receiver sees them in that order. */
const REORDER_GAP_MS = 150

const DEFAULT_DELAY_MS = 90_000

export class Outbox {
  readonly #tables
  readonly #world: World
  readonly #provider: string
  readonly #policy: DeliveryPolicy
  readonly #currentSecret: () => string
  readonly #aborts = new Set<AbortController>()
  readonly receivers: Receivers
  #line: number[] = []
  #answered: Answered[] = []
  #generation = 0
  #closed = false

  constructor(world: World, provider: string, policy: DeliveryPolicy, currentSecret: () => string) {
    this.#world = world
    this.#provider = provider
    this.#policy = policy
    this.#currentSecret = currentSecret
    this.#tables = webhookTables(world.books.db, provider)
    this.receivers = new Receivers(this.#tables)
  }

  /** Takes up what was waiting when the process ended. */
  resume(): void {
    for (const { id, dueAt } of this.#tables.waitingDeliveries()) this.#plan(id, dueAt)
  }

  close(): void {
    this.#writeAnswers()
    this.#closed = true
    for (const abort of this.#aborts) abort.abort()
  }

  /** Writes events and their deliveries; call it inside the transaction of the change. Returns the event ids. */
  emit(drafts: EventDraft[], policy: HookPolicy): string[] {
    const now = this.#world.agenda.now()
    const rules = drafts.map((draft) => this.#world.faults.takeForWebhook(this.#provider, draft.type))
    const reversed = policy.kind === 'reversed' || rules.some((rule) => rule?.kind === 'webhook-reorder')
    return drafts.map((draft, index) => {
      const rule = rules[index]
      const event = { ...draft, id: this.#world.ids.text(14), forged: false, createdAt: now }
      let dueAt = reversed ? now + (drafts.length - 1 - index) * REORDER_GAP_MS : now
      if (policy.kind === 'late') dueAt += this.#world.scaled(policy.afterMs)
      if (rule?.kind === 'webhook-delay') dueAt += rule.delayMs ?? this.#world.scaled(DEFAULT_DELAY_MS)
      if (rule?.kind === 'webhook-forge') this.forge(draft)
      const lost = policy.kind === 'lost' || rule?.kind === 'webhook-drop'
      const twice = policy.kind === 'twice' || rule?.kind === 'webhook-duplicate'
      this.#tables.insertEvent(event)
      for (const receiver of this.receivers.enabled()) {
        const delivery = {
          eventId: event.id,
          receiverId: receiver.id,
          signature: this.#policy.sign(event.body, receiver.secret ?? this.#currentSecret()),
          body: null,
          dueAt,
        }
        this.#insert({ ...delivery, kind: 'scheduled', status: lost ? 'dropped' : 'waiting' })
        if (twice && !lost) this.#insert({ ...delivery, kind: 'duplicate', status: 'waiting' })
      }
      this.#world.touch()
      return event.id
    })
  }

  /** Sends an event that the provider never wrote, signed with a secret that it never had. Nobody retries it. */
  forge(draft: EventDraft): string {
    const now = this.#world.agenda.now()
    const event = { ...draft, id: this.#world.ids.text(14), forged: true, createdAt: now }
    this.#tables.insertEvent(event)
    for (const receiver of this.receivers.enabled()) {
      const signature = this.#policy.sign(event.body, FORGED_SECRET)
      const target = { eventId: event.id, receiverId: receiver.id, signature, body: null, dueAt: now }
      this.#insert({ ...target, kind: 'forged', status: 'waiting' })
    }
    return event.id
  }

  /**
   * Sends an event once more to every receiver and waits for the answers. With another `body` the signature stays that
   * of the true one, unless `signature` is given: a receiver must refuse it.
   */
  async resend(eventId: string, altered: { body?: string; signature?: string }): Promise<ResendResult[] | undefined> {
    const event = this.#tables.findEvent(eventId)
    if (event === undefined) return undefined
    const made = this.#world.books.transaction(() =>
      this.receivers.enabled().map((receiver) => {
        const original = this.#tables
          .listDeliveries(eventId)
          .find((delivery) => delivery.receiverId === receiver.id && delivery.kind !== 'resend')
        const trueSignature = original?.signature ?? this.#policy.sign(event.body, this.#secretOf(receiver))
        const id = this.#tables.insertDelivery({
          eventId,
          receiverId: receiver.id,
          kind: 'resend',
          status: 'waiting',
          signature: altered.signature ?? trueSignature,
          body: altered.body ?? null,
          dueAt: this.#world.agenda.now(),
        })
        return { id, receiver }
      }),
    )
    return Promise.all(
      made.map(async ({ id, receiver }) => {
        await this.#attempt(id)
        this.#writeAnswers()
        const attempt = this.#tables.listAttempts(id).at(-1)
        return { url: receiver.url, status: attempt?.status ?? 0, answer: attempt?.answer ?? '' }
      }),
    )
  }

  findEvent(id: string): WebhookEvent | undefined {
    return this.#tables.findEvent(id)
  }

  /** The last events with what became of them, newest first. */
  list(limit: number, about?: string) {
    return this.#tables.listEvents(limit, about).map((event) => ({
      ...event,
      deliveries: this.#tables.listDeliveries(event.id).map((delivery) => ({
        ...delivery,
        url: this.receivers.find(delivery.receiverId)?.url ?? '',
        tries: this.#tables.listAttempts(delivery.id),
      })),
    }))
  }

  /** Forgets all events. What is on its way is broken off, since its row's id may be given out again. */
  clear(): void {
    this.#generation += 1
    for (const abort of this.#aborts) abort.abort()
    this.#line = []
    this.#answered = []
    this.#tables.clear()
    this.receivers.reload()
  }

  #secretOf(receiver: Receiver): string {
    return receiver.secret ?? this.#currentSecret()
  }

  #insert(delivery: Omit<Delivery, 'id' | 'attempts' | 'firstAt'>): void {
    const id = this.#tables.insertDelivery(delivery)
    if (delivery.status === 'waiting') this.#world.books.afterCommit(() => this.#plan(id, delivery.dueAt))
  }

  #plan(deliveryId: number, dueAt: number): void {
    this.#world.agenda.plan(dueAt, () => {
      this.#line.push(deliveryId)
      this.#sendFromLine()
    })
  }

  #sendFromLine(): void {
    while (this.#aborts.size < MOST_IN_FLIGHT) {
      const next = this.#line.shift()
      if (next === undefined) return
      void this.#attempt(next).then(() => this.#sendFromLine())
    }
  }

  async #attempt(deliveryId: number): Promise<void> {
    const delivery = this.#tables.findDelivery(deliveryId)
    if (delivery === undefined || delivery.status !== 'waiting' || this.#closed) return
    const receiver = this.receivers.find(delivery.receiverId)
    const event = this.#tables.findEvent(delivery.eventId)
    if (receiver === undefined || event === undefined || !receiver.enabled) {
      this.#tables.updateDelivery({ ...delivery, status: 'disabled' })
      return
    }
    const generation = this.#generation
    const attempt = await this.#post(this.#world.ports, event, delivery, receiver)
    if (this.#closed || generation !== this.#generation) return
    // Answers of one moment share a transaction. A crash before it makes the delivery happen again, as it may.
    if (this.#answered.push({ event, delivery, attempt }) === 1) {
      this.#world.agenda.plan(this.#world.agenda.now(), () => this.#writeAnswers())
    }
  }

  #writeAnswers(): void {
    const answered = this.#answered
    if (answered.length === 0 || this.#closed) return
    this.#answered = []
    this.#world.books.transaction(() => {
      for (const each of answered) this.#conclude(each)
    })
    this.#world.touch()
  }

  async #post(ports: SandboxPorts, event: WebhookEvent, delivery: Delivery, receiver: Receiver): Promise<Attempt> {
    const at = this.#world.agenda.now()
    const abort = new AbortController()
    this.#aborts.add(abort)
    const timedOut = Promise.withResolvers<{ status: number; body: string }>()
    const cancel = ports.after(this.#policy.answerTimeoutMs, () => {
      abort.abort()
      timedOut.resolve({ status: 0, body: `no answer within ${this.#policy.answerTimeoutMs} ms` })
    })
    const request = {
      url: receiver.url,
      headers: this.#policy.headers(event.id, delivery.signature),
      body: delivery.body ?? event.body,
    }
    const sent = ports.send(request, abort.signal).catch((error: NodeJS.ErrnoException) => ({
      status: 0,
      body: error.code ?? error.message,
    }))
    const answer = await Promise.race([sent, timedOut.promise])
    cancel()
    this.#aborts.delete(abort)
    return { at, durationMs: this.#world.agenda.now() - at, status: answer.status, answer: answer.body }
  }

  #conclude({ event, delivery, attempt }: Answered): void {
    const receiver = this.receivers.find(delivery.receiverId)
    if (receiver === undefined) return
    const firstAt = delivery.firstAt ?? attempt.at
    const attempts = delivery.attempts + 1
    const now = attempt.at + attempt.durationMs
    const tried = { ...delivery, attempts, firstAt }
    this.#tables.insertAttempt(delivery.id, attempt)
    if (attempt.status >= 200 && attempt.status < 300) {
      this.#tables.updateDelivery({ ...tried, status: 'delivered' })
      if (receiver.failingSince !== null) this.receivers.update({ ...receiver, failingSince: null })
      return
    }
    const once = delivery.kind === 'forged' || delivery.kind === 'resend'
    if (once) {
      this.#tables.updateDelivery({ ...tried, status: 'given_up' })
      return
    }
    const failingSince = receiver.failingSince ?? attempt.at
    const enabled = now - failingSince < this.#world.scaled(this.#policy.disableAfterMs)
    if (failingSince !== receiver.failingSince || !enabled) {
      this.receivers.update({ ...receiver, failingSince, enabled })
    }
    // The schedule is written at the provider's speed, so what has passed here is stretched before it is looked up.
    const elapsedMs = (now - firstAt) / this.#world.scaled(1)
    const { type } = event
    const retryAtMs = this.#policy.retryAtMs({ type, attempts, elapsedMs, status: attempt.status })
    if (!enabled || retryAtMs === undefined) {
      this.#tables.updateDelivery({ ...tried, status: enabled ? 'given_up' : 'disabled' })
      return
    }
    const dueAt = firstAt + this.#world.scaled(retryAtMs)
    this.#tables.updateDelivery({ ...tried, dueAt })
    this.#world.books.afterCommit(() => this.#plan(delivery.id, dueAt))
  }
}
