/**
 * Webhook receivers, events, deliveries and attempts. An event is one body; a delivery is that body on its way to one
 * receiver; an attempt is one POST. The signature is fixed when the delivery is made, so a retry after a change of
 * secret still carries the old one, as at the providers.
 */
import type { DatabaseSync } from 'node:sqlite'

export const WEBHOOK_SCHEMA = `
create table if not exists webhook_receivers (
  id integer primary key,
  provider text not null,
  url text not null,
  secret text,                          -- null: the provider's own
  configured integer not null,          -- 1: named at start, follows the option; 0: added by the control API
  enabled integer not null default 1,
  failing_since integer,                -- first failure after the last success
  unique (provider, url)
) strict;
create table if not exists webhook_events (
  sequence integer primary key,
  id text not null unique,
  provider text not null,
  type text not null,
  about text not null,                  -- the order it belongs to
  body text not null,
  forged integer not null,
  created_at integer not null           -- milliseconds
) strict;
create table if not exists webhook_deliveries (
  id integer primary key,
  event_id text not null,
  receiver_id integer not null,
  provider text not null,
  kind text not null,                   -- scheduled, duplicate, resend, forged
  status text not null,                 -- waiting, delivered, given_up, dropped, disabled
  signature text not null,
  body text,                            -- only where it differs from the event's
  attempts integer not null default 0,
  first_at integer,
  due_at integer not null
) strict;
create index if not exists webhook_deliveries_of_event on webhook_deliveries (event_id);
create index if not exists webhook_deliveries_waiting on webhook_deliveries (due_at) where status = 'waiting';
create table if not exists webhook_attempts (
  id integer primary key,
  delivery_id integer not null,
  at integer not null,
  duration_ms integer not null,
  status integer not null,              -- 0: no answer
  answer text not null
) strict;
create index if not exists webhook_attempts_of_delivery on webhook_attempts (delivery_id);
`

export type DeliveryKind = 'scheduled' | 'duplicate' | 'resend' | 'forged'
export type DeliveryStatus = 'waiting' | 'delivered' | 'given_up' | 'dropped' | 'disabled'

export interface Receiver {
  id: number
  url: string
  secret: string | null
  configured: boolean
  enabled: boolean
  failingSince: number | null
}

export interface WebhookEvent {
  id: string
  type: string
  about: string
  body: string
  forged: boolean
  createdAt: number
}

export interface Delivery {
  id: number
  eventId: string
  receiverId: number
  kind: DeliveryKind
  status: DeliveryStatus
  signature: string
  body: string | null
  attempts: number
  firstAt: number | null
  dueAt: number
}

export interface Attempt {
  at: number
  durationMs: number
  status: number
  answer: string
}

type Row = Record<string, unknown>

/** The statements on the four tables, prepared once. */
export function webhookTables(db: DatabaseSync, provider: string) {
  db.exec(WEBHOOK_SCHEMA)
  const statements = {
    receivers: db.prepare('select * from webhook_receivers where provider = ? order by id'),
    insertReceiver: db.prepare(
      'insert into webhook_receivers (provider, url, secret, configured) values (?, ?, ?, ?) returning id',
    ),
    updateReceiver: db.prepare(
      'update webhook_receivers set url = ?, secret = ?, enabled = ?, failing_since = ? where id = ?',
    ),
    deleteReceiver: db.prepare('delete from webhook_receivers where id = ?'),
    insertEvent: db.prepare(
      'insert into webhook_events (id, provider, type, about, body, forged, created_at) values (?, ?, ?, ?, ?, ?, ?)',
    ),
    event: db.prepare('select * from webhook_events where id = ? and provider = ?'),
    events: db.prepare('select * from webhook_events where provider = ? order by sequence desc limit ?'),
    eventsAbout: db.prepare(
      'select * from webhook_events where provider = ? and about = ? order by sequence desc limit ?',
    ),
    insertDelivery: db.prepare(
      `insert into webhook_deliveries (provider, event_id, receiver_id, kind, status, signature, body, due_at)
       values (?, ?, ?, ?, ?, ?, ?, ?) returning id`,
    ),
    delivery: db.prepare('select * from webhook_deliveries where id = ?'),
    deliveries: db.prepare('select * from webhook_deliveries where event_id = ? order by id'),
    waiting: db.prepare(
      "select id, due_at from webhook_deliveries where status = 'waiting' and provider = ? order by due_at, id",
    ),
    updateDelivery: db.prepare(
      'update webhook_deliveries set status = ?, attempts = ?, first_at = ?, due_at = ? where id = ?',
    ),
    insertAttempt: db.prepare(
      'insert into webhook_attempts (delivery_id, at, duration_ms, status, answer) values (?, ?, ?, ?, ?)',
    ),
    attempts: db.prepare('select * from webhook_attempts where delivery_id = ? order by id'),
  }
  return {
    receivers: (): Receiver[] => statements.receivers.all(provider).map(toReceiver),
    insertReceiver(url: string, secret: string | null, configured: boolean): number {
      return Number(statements.insertReceiver.get(provider, url, secret, configured ? 1 : 0)?.id)
    },
    updateReceiver(receiver: Receiver): void {
      const { url, secret, enabled, failingSince, id } = receiver
      statements.updateReceiver.run(url, secret, enabled ? 1 : 0, failingSince, id)
    },
    deleteReceiver: (id: number): void => void statements.deleteReceiver.run(id),
    insertEvent(event: WebhookEvent): void {
      const { id, type, about, body, forged, createdAt } = event
      statements.insertEvent.run(id, provider, type, about, body, forged ? 1 : 0, createdAt)
    },
    findEvent(id: string): WebhookEvent | undefined {
      const row = statements.event.get(id, provider)
      return row === undefined ? undefined : toEvent(row)
    },
    /** Newest first. */
    listEvents(limit: number, about?: string): WebhookEvent[] {
      const rows =
        about === undefined
          ? statements.events.all(provider, limit)
          : statements.eventsAbout.all(provider, about, limit)
      return rows.map(toEvent)
    },
    insertDelivery(delivery: Omit<Delivery, 'id' | 'attempts' | 'firstAt'>): number {
      const { eventId, receiverId, kind, status, signature, body, dueAt } = delivery
      const due = Math.round(dueAt)
      return Number(
        statements.insertDelivery.get(provider, eventId, receiverId, kind, status, signature, body, due)?.id,
      )
    },
    findDelivery(id: number): Delivery | undefined {
      const row = statements.delivery.get(id)
      return row === undefined ? undefined : toDelivery(row)
    },
    listDeliveries: (eventId: string): Delivery[] => statements.deliveries.all(eventId).map(toDelivery),
    waitingDeliveries(): Array<{ id: number; dueAt: number }> {
      return statements.waiting.all(provider).map((row) => ({ id: Number(row.id), dueAt: Number(row.due_at) }))
    },
    updateDelivery(delivery: Delivery): void {
      const { status, attempts, firstAt, dueAt, id } = delivery
      statements.updateDelivery.run(status, attempts, firstAt, Math.round(dueAt), id)
    },
    insertAttempt(deliveryId: number, attempt: Attempt): void {
      const { at, durationMs, status, answer } = attempt
      statements.insertAttempt.run(deliveryId, at, Math.round(durationMs), status, answer)
    },
    listAttempts(deliveryId: number): Attempt[] {
      return statements.attempts.all(deliveryId).map((row) => ({
        at: Number(row.at),
        durationMs: Number(row.duration_ms),
        status: Number(row.status),
        answer: String(row.answer),
      }))
    },
    /** Forgets every event, delivery and attempt, and the receivers that were added by the control API. */
    clear(): void {
      db.prepare(
        'delete from webhook_attempts where delivery_id in (select id from webhook_deliveries where provider = ?)',
      ).run(provider)
      db.prepare('delete from webhook_deliveries where provider = ?').run(provider)
      db.prepare('delete from webhook_events where provider = ?').run(provider)
      db.prepare('delete from webhook_receivers where provider = ? and configured = 0').run(provider)
      db.prepare('update webhook_receivers set enabled = 1, failing_since = null where provider = ?').run(provider)
    },
  }
}

export type WebhookTables = ReturnType<typeof webhookTables>

function toReceiver(row: Row): Receiver {
  return {
    id: Number(row.id),
    url: String(row.url),
    secret: row.secret === null ? null : String(row.secret),
    configured: row.configured === 1,
    enabled: row.enabled === 1,
    failingSince: row.failing_since === null ? null : Number(row.failing_since),
  }
}

function toEvent(row: Row): WebhookEvent {
  return {
    id: String(row.id),
    type: String(row.type),
    about: String(row.about),
    body: String(row.body),
    forged: row.forged === 1,
    createdAt: Number(row.created_at),
  }
}

function toDelivery(row: Row): Delivery {
  return {
    id: Number(row.id),
    eventId: String(row.event_id),
    receiverId: Number(row.receiver_id),
    kind: row.kind as DeliveryKind,
    status: row.status as DeliveryStatus,
    signature: String(row.signature),
    body: row.body === null ? null : String(row.body),
    attempts: Number(row.attempts),
    firstAt: row.first_at === null ? null : Number(row.first_at),
    dueAt: Number(row.due_at),
  }
}
