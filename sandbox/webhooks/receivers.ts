/** The addresses that webhooks go to: one named at start, any number added by the control API. */
import type { Receiver, WebhookTables } from './tables.ts'

/** They are few and asked for at each event, so they are kept in memory beside their rows. */
export class Receivers {
  readonly #tables: WebhookTables
  #known: Receiver[]

  constructor(tables: WebhookTables) {
    this.#tables = tables
    this.#known = tables.receivers()
  }

  list(): readonly Receiver[] {
    return this.#known
  }

  enabled(): Receiver[] {
    return this.#known.filter((receiver) => receiver.enabled)
  }

  find(id: number): Receiver | undefined {
    return this.#known.find((receiver) => receiver.id === id)
  }

  /** Names the one receiver of the start options. It is enabled again, and what waited for an older address follows. */
  configure(url: string): void {
    const named = this.#known.find((receiver) => receiver.configured)
    const added = this.#known.find((receiver) => receiver.url === url && !receiver.configured)
    if (added !== undefined) this.#tables.deleteReceiver(added.id)
    if (named === undefined) this.#tables.insertReceiver(url, added?.secret ?? null, true)
    else this.#tables.updateReceiver({ ...named, url, enabled: true, failingSince: null })
    this.reload()
  }

  /** Adds a receiver, or enables it again when it is known. Without a secret it shares the provider's. */
  add(url: string, secret: string | null): Receiver | undefined {
    const known = this.#known.find((receiver) => receiver.url === url)
    if (known === undefined) this.#tables.insertReceiver(url, secret, false)
    else this.#tables.updateReceiver({ ...known, secret: secret ?? known.secret, enabled: true, failingSince: null })
    this.reload()
    return this.#known.find((receiver) => receiver.url === url)
  }

  /** False when there is no such receiver. */
  remove(url: string): boolean {
    const known = this.#known.find((receiver) => receiver.url === url)
    if (known === undefined) return false
    this.#tables.deleteReceiver(known.id)
    this.reload()
    return true
  }

  update(receiver: Receiver): void {
    this.#tables.updateReceiver(receiver)
    this.reload()
  }

  reload(): void {
    this.#known = this.#tables.receivers()
  }
}
