/**
 * A database filled with orders: stories that were played on it (stories.ts), each copied as often as asked, spread over
 * the past. Afterwards the books are closed day by day, nothing is due, and every question of `npm run check` finds
 * nothing.
 */
import pg from 'pg'
import { closingPass } from '../server/ledger/closing.ts'
import { figuresPass } from '../server/operations/figures.ts'
import { openDatabase } from '../server/platform/database.ts'
import { createLog } from '../server/platform/log.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { createRateLimiter } from '../server/platform/rate-limit.ts'
import type { TestDatabase } from './database.ts'
import {
  copyIn,
  CopyLines,
  emailOf,
  nameOf,
  readTemplate,
  tablesOfOrders,
  userIdOf,
  type Template,
} from './order-copies.ts'
import { playStories, STAND_IN, STORY_KINDS, type Story, type StoryKind } from './stories.ts'

export interface Filling {
  /** Orders that were paid; others come beside them, in their proportion. */
  paidOrders: number
  /** How long ago the first was placed. */
  days: number
  /** How often every kind of story is played; each is copied. */
  times: number
  shops: number
  /** Told of each step. */
  log?: (line: string) => void
}

const DAY_MS = 86_400_000
const RETENTION = { bodiesKeptMs: 180 * DAY_MS, answersKeptMs: 3 * DAY_MS, keysKeptMs: 30 * DAY_MS }
/** Orders of the last days wait to be shipped. */
const FRESH_MS = 3 * DAY_MS
/** Waiting orders and held money are of the last minutes. */
const WAITING_MS = 20 * 60_000
const BATCH = 250

/** @param database migrated and empty */
export async function fillDatabase(database: TestDatabase, filling: Filling): Promise<void> {
  const log = filling.log ?? (() => {})
  const stories = await playStories(database, filling.times, filling.shops)
  log(`${stories.length} stories were played`)
  const client = new pg.Client({ connectionString: database.url })
  const second = new pg.Client({ connectionString: database.url })
  await Promise.all([client.connect(), second.connect()])
  try {
    for (const each of [client, second]) await each.query(`set synchronous_commit = off; set timezone = 'UTC'`)
    await client.query(`set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 2`)
    await insertUsers(client, usersOf(filling))
    const rebuild = await dropIndexes(client)
    log('indexes were dropped')
    await writeCopies([client, second], stories, filling, log)
    for (const statement of rebuild) await client.query(statement)
    log('indexes were made again')
    await balance(client, filling)
    log('stock, wallets and settlements were added up')
    await catchUp(database.url)
    log('days were closed')
    await client.query('vacuum (analyze)')
  } finally {
    await Promise.all([client.end(), second.end()])
  }
}

/** Lets the passes run that add up what was there before. */
export async function catchUp(url: string): Promise<void> {
  const ports = systemPorts()
  const db = openDatabase({ url, max: 2, answerTimeoutMs: 600_000 }, ports)
  const deps = { db, ports, log: createLog('warn'), limiter: createRateLimiter(db, 0), timeZone: 'Asia/Kolkata' }
  for (const pass of [closingPass(deps), figuresPass(deps)]) {
    while ((await pass.runOnce()) > 0);
  }
  await db.close()
}

function usersOf({ paidOrders }: Filling): number {
  return Math.max(10, Math.floor(paidOrders / 4))
}

async function insertUsers(client: pg.Client, count: number): Promise<void> {
  for (let from = 0; from < count; from += 10_000) {
    const users = Array.from({ length: Math.min(10_000, count - from) }, (_, at) => from + at)
    await client.query({
      text: `insert into users (id, name, email, role, created_at)
             select *, 'customer', now() - interval '1 day' from unnest($1::text[], $2::text[], $3::text[])`,
      values: [users.map(userIdOf), users.map(nameOf), users.map(emailOf)],
    })
  }
}

/** Takes away what makes writing slow (indexes, references, triggers), and gives the statements that bring it back. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const names = (await tablesOfOrders(client)).map(({ name }) => name)
  const { rows: constraints } = await client.query(
    `select conrelid::regclass::text as of_table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition, contype
     from pg_constraint where connamespace = 'public'::regnamespace and contype in ('f', 'u')
       and (conrelid::regclass::text = any($1) or confrelid::regclass::text = any($1))
     order by contype = 'u'`,
    [names],
  )
  for (const name of names) await client.query(`alter table ${name} disable trigger user`)
  for (const { of_table, name } of constraints) await client.query(`alter table ${of_table} drop constraint ${name}`)
  const { rows: indexes } = await client.query(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid::regclass::text = any($1) and not indisprimary`,
    [names],
  )
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  const add = ({ of_table, name, definition }: (typeof constraints)[number]) =>
    `alter table ${of_table} add constraint ${name} ${definition}`
  return [
    ...constraints.filter(({ contype }) => contype === 'u').map(add),
    ...indexes.map(({ definition }) => definition),
    ...constraints.filter(({ contype }) => contype === 'f').map(add),
    ...names.map((name) => `alter table ${name} enable trigger user`),
  ]
}

async function writeCopies(
  clients: readonly [pg.Client, pg.Client],
  stories: readonly Story[],
  filling: Filling,
  log: (line: string) => void,
): Promise<void> {
  const [client] = clients
  const tables = await tablesOfOrders(client)
  const byName = new Map(tables.map((table) => [table.name, table]))
  const { rows } = await client.query('select id from users where email = $1', [STAND_IN.email])
  const standIn = { ...STAND_IN, userId: rows[0].id }
  const templates = new Map<StoryKind, Template[]>()
  for (const { kind, orderId } of stories) {
    templates.set(kind, [...(templates.get(kind) ?? []), await readTemplate(client, tables, orderId, standIn)])
  }
  const nowMs = Date.now() - 60_000
  const plan = planCopies(filling, nowMs)
  const users = usersOf(filling)
  log(`${plan.length} orders will be written`)
  let sending: Promise<void>[] = []
  for (let from = 0; from < plan.length; from += BATCH) {
    const lines = new CopyLines(byName, { ...RETENTION, nowMs })
    for (let number = from; number < Math.min(from + BATCH, plan.length); number += 1) {
      const { kind, startMs } = plan[number] as Planned
      const choice = templates.get(kind) ?? []
      const template = choice[number % choice.length] as Template
      lines.add(template, { number, startMs, user: (number * 7_919) % users })
    }
    // Two batches are on their way while the next one is written.
    if (sending.length === 2) await sending.shift()
    const turn = clients[(from / BATCH) % 2] as pg.Client
    const sent = (async () => {
      for (const [name, own] of lines.lines) await copyIn(turn, byName.get(name) as never, own)
    })()
    sent.catch(() => {})
    sending = [...sending, sent]
    if (from > 0 && (from / BATCH) % 100 === 0) log(`${from} orders were written`)
  }
  await Promise.all(sending)
}

interface Planned {
  kind: StoryKind
  startMs: number
}

/** Which kind begins when, in the order of time. */
export function planCopies({ paidOrders, days }: Pick<Filling, 'paidOrders' | 'days'>, nowMs: number): Planned[] {
  const kinds = Object.entries(STORY_KINDS) as [StoryKind, { share?: number; always?: number }][]
  const unpaid = new Set<StoryKind>(['expired', 'came_late'])
  const paidShares = kinds.filter(([kind]) => !unpaid.has(kind)).reduce((sum, [, { share = 0 }]) => sum + share, 0)
  const of = (share: number) => Math.round((paidOrders * share) / paidShares)
  const planned: Planned[] = []
  for (const [kind, { share, always }] of kinds) {
    const count = share === undefined ? Math.min(always ?? 0, Math.ceil(paidOrders / 50)) : of(share)
    const spanMs = share === undefined ? WAITING_MS : days * DAY_MS
    for (let at = 0; at < count; at += 1) {
      const startMs = Math.round(nowMs - spanMs * (1 - (at + 0.5) / count))
      const isYoung = share !== undefined && nowMs - startMs < FRESH_MS
      // What takes days has not ended yet for orders of the last days.
      planned.push({ kind: isYoung ? 'fresh' : kind, startMs: isYoung ? startMs - 1_000 : startMs })
    }
  }
  return planned.sort((a, b) => a.startMs - b.startMs)
}

/** What is a sum over many orders. */
async function balance(client: pg.Client, { days }: Filling): Promise<void> {
  const statements = [
    `update inventory i set on_hand = m.quantity from (
       select product_id, sum(quantity) as quantity from inventory_movements group by 1) m where m.product_id = i.product_id`,
    `update inventory i set reserved = coalesce((
       select sum(l.quantity) from order_items l join orders o on o.id = l.order_id
       where l.product_id = i.product_id and o.stock = 'reserved'), 0)`,
    `insert into ledger_accounts (id, kind, owner, currency)
       select distinct credit_account_id, 'wallet', split_part(credit_account_id, ':', 2), currency
       from ledger_transfers where credit_account_id like 'wallet:%' on conflict do nothing`,
    `insert into wallets (user_id, currency, balance, updated_at)
       select split_part(credit_account_id, ':', 2), currency, sum(amount), now() from ledger_transfers
       where credit_account_id like 'wallet:%' group by 1, 2
       on conflict (user_id, currency) do update set balance = excluded.balance`,
    'delete from settlements',
    `insert into settlements (provider, settlement_id, currency, utr, settled_at, amount, lines_amount)
       select provider, settlement_id, currency, min(utr), max(settled_at), sum(credit - debit), sum(credit - debit)
       from settlement_lines group by 1, 2, 3`,
    `with days as (
       select gen_random_uuid() as id, now() - n * interval '1 day' as at from generate_series(1, ${days}) n
     ), runs as (
       insert into reconciliation_runs (id, provider, from_at, to_at, trigger, scheduled_for, status, cursor_at, slice_s,
         started_at, finished_at)
       select id, 'razorpay', at - interval '8 days', at, 'schedule', at::date, 'completed', at, 3600, at, at from days
       returning id)
     insert into reconciliation_outcomes select id, 'payment', 'matched', 'INR', 100, 100000 from runs`,
    // The orders that are there are counted anew.
    'delete from order_moves',
    'delete from order_totals',
    'delete from sales_totals',
    `update figures set counted_from = (select max(created_at) + interval '1 millisecond' from orders)`,
    // The books of the days between which the copies were put are closed anew.
    'delete from ledger_day_totals',
    `update ledger_closing set closed_until = 'epoch', totalled_until = 'epoch'`,
    `update timetable set done_until = now() - interval '180 days' where name in ('empty_webhooks', 'empty_calls')`,
    `update timetable set done_until = now() - interval '3 days' where name = 'empty_answers'`,
    // Those of the played stories were emptied by a clock that was ahead.
    `update idempotency_keys set created_at = now() - interval '3 days'
       where response_body is null and status = 'done' and created_at > now() - interval '3 days'`,
  ]
  for (const statement of statements) await client.query(statement)
}

/** Moves ahead whatever is due, so that what is measured finds nothing to do, however old the database is. */
export async function nothingIsDue(client: pg.Client): Promise<void> {
  for (const [table, column] of [
    ['payments', 'next_look_at'],
    ['refunds', 'next_look_at'],
    ['webhook_events', 'next_attempt_at'],
    ['reconciliation_runs', 'next_step_at'],
    ['timetable', 'due_at'],
  ]) {
    await client.query(`update ${table} set ${column} = now() + interval '1 day' where ${column} is not null`)
  }
  await client.query(`update orders set expires_at = now() + interval '1 day' where status = 'pending'`)
}
