/**
 * Copies of orders: all rows that belong to an order, in whatever tables, written again and again under new ids, at
 * other times, for other people. So any number of orders can be had that look as those which the system itself made.
 *
 * Rows of a story are read once and cut into pieces: what every copy has alike, and what is its own (its ids, its
 * provider's ids, its number, its customer, its times). Copies go in by COPY.
 */
import assert from 'node:assert/strict'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { orderWords } from '../server/orders/order-words.ts'

/** What of a copy differs from its story. */
export interface Copy {
  /** Unlike any other copy's, from 0. */
  number: number
  /** When it began. */
  startMs: number
  /** The customer's number; used by orders that are not a guest's. */
  user: number
}

/** Which of the copy's rows are as old that what they held was emptied or forgotten since; by their ages in ms. */
export interface Retention {
  nowMs: number
  bodiesKeptMs: number
  answersKeptMs: number
  keysKeptMs: number
}

/** The customer of a story, wherever it is named. */
export interface StandIn {
  userId: string
  name: string
  email: string
}

type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'token'; token: number }
  /** The words by which an order is found, which are not pieces of what it says. */
  | { kind: 'words' }
  /** Microseconds after the story's beginning. */
  | { kind: 'time'; offset: number }

interface Row {
  table: string
  pieces: Piece[][]
  /** Of the row's own time, for what is emptied or forgotten by age. */
  atOffsetMs: number
}

/** What of an order it is found by, beside what each copy has of its own. */
type SearchedOrder = Parameters<typeof orderWords>[0] & { titles: { title: string }[] }

type TokenKind = 'uuid' | 'number' | 'user' | 'name' | 'email' | 'settlement' | 'other'

interface Token {
  kind: TokenKind
  value: string
  /** Of a uuid: how long after the story's beginning it was made, and what follows its time. */
  offsetMs: number
}

export interface Template {
  rows: Row[]
  order: SearchedOrder
  tokens: Token[]
  /** From the first to the last of what happened. */
  spanMs: number
}

export interface Table {
  name: string
  columns: string[]
  types: Map<string, string>
}

/** Columns that hold another's id of a thing, and so differ from copy to copy. */
const FOREIGN_IDS = new Set([
  'provider_order_id',
  'provider_payment_id',
  'provider_refund_id',
  'event_id',
  'entity_id',
  'idempotency_key',
  'key',
  'provider_ref',
  'dispute_id',
])
const SETTLEMENT_IDS = new Set(['settlement_id', 'utr'])
/** Tables without the order's id, and how their rows of it are found. */
const FOUND_OTHERWISE: Readonly<Record<string, string>> = {
  orders: 'id = $1',
  // What a settlement moves is of the provider's payment and not of an order.
  ledger_transfers: `order_id = $1 or exists (select from settlement_lines s
    where s.order_id = $1 and starts_with(cause, 'settlement:' || s.provider || ':' || s.entity_id || ':'))`,
  webhook_history: 'webhook_event_id in (select id from webhook_events where order_id = $1)',
  idempotency_keys: `effect_id in (select $1::uuid union all select id from payments where order_id = $1
    union all select id from refunds where order_id = $1)`,
}
/** What lies apart by comparison and is not copied with the order. */
const LEFT_OUT = new Set(['reconciliation_lines'])

/** The tables that hold rows of an order. */
export async function tablesOfOrders(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query(
    `select c.table_name, c.column_name, c.data_type, c.is_identity = 'YES' as drawn
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name, ordinal_position`,
  )
  const tables = new Map<string, Table>()
  const ofOrders = new Set(Object.keys(FOUND_OTHERWISE))
  for (const row of rows) {
    const found = tables.get(row.table_name)
    const table: Table = found ?? { name: row.table_name, columns: [], types: new Map() }
    tables.set(row.table_name, table)
    if (!row.drawn) table.columns.push(row.column_name)
    table.types.set(row.column_name, row.data_type)
    if (row.column_name === 'order_id') ofOrders.add(row.table_name)
  }
  return [...tables.values()].filter(({ name }) => ofOrders.has(name) && !LEFT_OUT.has(name))
}

/** Reads an order with all that belongs to it. */
export async function readTemplate(
  client: pg.Client,
  tables: readonly Table[],
  orderId: string,
  standIn: StandIn,
): Promise<Template> {
  const found: { table: Table; row: Record<string, string | null> }[] = []
  for (const table of tables) {
    const order = table.columns.includes('created_at') ? 'order by created_at, 1' : 'order by 1'
    const sequence = table.types.has('seq') ? 'order by seq' : order
    const { rows } = await client.query({
      text: `select ${table.columns.map((column) => `${column}::text`).join(', ')} from ${table.name}
             where ${FOUND_OTHERWISE[table.name] ?? 'order_id = $1'} ${sequence}`,
      values: [orderId],
    })
    for (const row of rows) found.push({ table, row })
  }
  const start = Math.min(...found.map(({ row }) => microsOf(row['created_at']) ?? Number.POSITIVE_INFINITY))
  const times = found.flatMap(({ table, row }) =>
    table.columns
      .filter((column) => isTime(table, column) && !/expires|next|locked/.test(column))
      .flatMap((column) => microsOf(row[column]) ?? []),
  )
  const tokens = tokensOf(found, standIn, start / 1_000)
  const pattern = new RegExp(
    tokens
      .map(({ value }) => value)
      .toSorted((a, b) => b.length - a.length)
      .map((value) => value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('|'),
    'g',
  )
  const known = new Map(tokens.map(({ value }, at) => [value, at]))
  const order = found.find(({ table }) => table.name === 'orders')?.row ?? assert.fail(orderId)
  return {
    tokens,
    order: {
      number: order['number'] ?? '',
      email: order['email'] ?? null,
      customer_name: order['customer_name'] ?? null,
      shipping_address: JSON.parse(order['shipping_address'] ?? 'null'),
      created_at: new Date(start / 1_000),
      titles: found.flatMap(({ table, row }) => (table.name === 'order_items' ? { title: row['title'] ?? '' } : [])),
    },
    spanMs: (Math.max(...times) - start) / 1_000,
    rows: found.map(({ table, row }) => ({
      table: table.name,
      atOffsetMs: ((microsOf(row['created_at'] ?? row['received_at'] ?? null) ?? start) - start) / 1_000,
      pieces: table.columns.map((column) => cut(table, column, row[column] ?? null, pattern, known, start)),
    })),
  }
}

function isTime(table: Table, column: string): boolean {
  return table.types.get(column) === 'timestamp with time zone'
}

function microsOf(text: string | null | undefined): number | undefined {
  if (text == null) return undefined
  const [, date = '', time = '', fraction = ''] = /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/.exec(text) ?? []
  return Date.parse(`${date}T${time}Z`) * 1_000 + Number(fraction.padEnd(6, '0'))
}

function tokensOf(
  found: readonly { table: Table; row: Record<string, string | null> }[],
  standIn: StandIn,
  startMs: number,
): Token[] {
  const tokens = new Map<string, Token>()
  const add = (kind: TokenKind, value: string | null | undefined) => {
    if (value == null || tokens.has(value)) return
    const offsetMs = kind === 'uuid' ? Number.parseInt(value.replaceAll('-', '').slice(0, 12), 16) - startMs : 0
    tokens.set(value, { kind, value, offsetMs: Math.round(offsetMs) })
  }
  add('user', standIn.userId)
  add('name', standIn.name)
  add('email', standIn.email)
  for (const { table, row } of found) {
    if (table.types.get('id') === 'uuid') add('uuid', row['id'])
    if (table.name === 'idempotency_keys') add('uuid', row['effect_id'])
    if (table.name === 'orders') add('number', row['number'])
    for (const column of table.columns) {
      if (table.types.get(column) !== 'text') continue
      if (FOREIGN_IDS.has(column)) add('other', row[column])
      if (SETTLEMENT_IDS.has(column)) add('settlement', row[column])
    }
  }
  return [...tokens.values()]
}

function cut(
  table: Table,
  column: string,
  value: string | null,
  pattern: RegExp,
  known: ReadonlyMap<string, number>,
  start: number,
): Piece[] {
  if (value === null) return [{ kind: 'text', text: '\\N' }]
  const micros = isTime(table, column) ? microsOf(value) : undefined
  if (micros !== undefined) return [{ kind: 'time', offset: micros - start }]
  if (table.name === 'order_search' && column === 'words') return [{ kind: 'words' }]
  const isBytes = table.types.get(column) === 'bytea'
  const text = isBytes ? Buffer.from(value.slice(2), 'hex').toString('utf8') : value
  const pieces: Piece[] = []
  let done = 0
  const literal = (part: string) => {
    // Bytes are written in their escaped form, in which only the backslash is special.
    const plain = isBytes ? part.replaceAll('\\', '\\\\') : part
    if (part !== '') pieces.push({ kind: 'text', text: escaped(plain) })
  }
  for (const match of text.matchAll(pattern)) {
    literal(text.slice(done, match.index))
    pieces.push({ kind: 'token', token: known.get(match[0]) ?? assert.fail(match[0]) })
    done = match.index + match[0].length
  }
  literal(text.slice(done))
  return pieces
}

function escaped(text: string): string {
  return text.replaceAll(/[\\\n\r\t]/g, (found) => `\\${{ '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't' }[found]}`)
}

const FIRST_NAMES =
  'Aarav Aditi Amit Ananya Arjun Asha Bhavna Chirag Deepa Devika Dinesh Esha Farhan Gauri Harish Imran Ishita Jaya Kabir Kavya Lakshmi Manoj Meera Mohan Nadia Neha Nikhil Omkar Pooja Pranav Priya Rahul Ravi Rekha Rohan Sana Sanjay Shreya Sunil Tara Uma Varun Vidya Vikram Yash Zoya लक्ष्मी आरव'.split(
    ' ',
  )
const LAST_NAMES =
  'Agarwal Ahmed Bhat Bose Chauhan Chopra Das Desai Deshpande Dutta Fernandes Gandhi Ghosh Gowda Gupta Iyer Jain Joshi Kapoor Khan Kulkarni Kumar Mehta Menon Mishra Mukherjee Naidu Nair Pandey Patel Patil Pillai Prasad Rao Reddy Sahu Sen Shah Sharma Shetty Singh Sinha Srinivasan Tiwari Varma Verma Yadav Zaveri शर्मा'.split(
    ' ',
  )

export function userIdOf(user: number): string {
  return `user-${user}`
}

export function nameOf(user: number): string {
  const first = FIRST_NAMES[user % FIRST_NAMES.length]
  return `${first} ${LAST_NAMES[Math.floor(user / FIRST_NAMES.length) % LAST_NAMES.length]}`
}

export function emailOf(user: number): string {
  return `customer.${user}@mail.test`
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Eight characters without visible order, another for every number below ten million. */
function scattered(number: number): string {
  // Odd, so that no two numbers meet; and small enough for their product to be exact.
  let left = (number * 500_000_003) % 2 ** 40
  let text = ''
  for (let digit = 0; digit < 8; digit += 1) {
    text += DIGITS[left % 32]
    left = Math.floor(left / 32)
  }
  return text
}

/** What stands in the place of each token in one copy. */
function valuesOf(template: Template, copy: Copy): string[] {
  const own = scattered(copy.number)
  const hex = copy.number.toString(16).padStart(8, '0')
  const day = new Date(copy.startMs).toISOString().slice(0, 10).replaceAll('-', '')
  return template.tokens.map(({ kind, value, offsetMs }, at) => {
    switch (kind) {
      case 'uuid': {
        const time = Math.round(copy.startMs + offsetMs)
          .toString(16)
          .padStart(12, '0')
        return `${time.slice(0, 8)}-${time.slice(8)}-${value.slice(14, 28)}${hex}`
      }
      case 'number':
        return `H-${own.slice(0, 4)}-${own.slice(4)}`
      case 'user':
        return userIdOf(copy.user)
      case 'name':
        return nameOf(copy.user)
      case 'email':
        return emailOf(copy.user)
      case 'settlement':
        return `${/^[a-z]*_?/.exec(value)?.[0]}${day}`
      case 'other':
        return `${/^[a-z]*_?/.exec(value)?.[0]}${own}${DIGITS[at % 32]}${DIGITS[Math.floor(at / 32)]}`
    }
  })
}

/** Lines for COPY, by table. */
export class CopyLines {
  readonly lines = new Map<string, string[]>()
  readonly #tables: ReadonlyMap<string, Table>
  readonly #retention: Retention

  constructor(tables: ReadonlyMap<string, Table>, retention: Retention) {
    this.#tables = tables
    this.#retention = retention
  }

  add(template: Template, copy: Copy): void {
    const values = valuesOf(template, copy)
    const startMicros = copy.startMs * 1_000
    for (const row of template.rows) {
      const ageMs = this.#retention.nowMs - copy.startMs - row.atOffsetMs
      if (row.table === 'idempotency_keys' && ageMs > this.#retention.keysKeptMs) continue
      const emptied = this.#emptiedColumns(row.table, ageMs)
      const { columns } = this.#tables.get(row.table) ?? assert.fail(row.table)
      let line = ''
      for (let at = 0; at < columns.length; at += 1) {
        if (at > 0) line += '\t'
        const instead = emptied?.[columns[at] ?? '']
        if (instead !== undefined) {
          line += instead
          continue
        }
        for (const piece of row.pieces[at] ?? []) {
          if (piece.kind === 'text') line += piece.text
          else if (piece.kind === 'token') line += values[piece.token]
          else if (piece.kind === 'words') line += wordsText(template, values, copy)
          else line += timeText(startMicros + piece.offset)
        }
      }
      const lines = this.lines.get(row.table)
      if (lines === undefined) this.lines.set(row.table, [line])
      else lines.push(line)
    }
  }

  /** What stands in columns of rows that are so old. */
  #emptiedColumns(table: string, ageMs: number): Record<string, string> | undefined {
    const old = ageMs > this.#retention.bodiesKeptMs
    if (table === 'webhook_events' && old) return { raw_body: '\\N', headers: '{}' }
    if (table === 'provider_calls' && old) return { reply: '\\N' }
    if (table === 'idempotency_keys' && ageMs > this.#retention.answersKeptMs) return { response_body: '\\N' }
    return undefined
  }
}

function wordsText({ order, tokens }: Template, values: readonly string[], copy: Copy): string {
  const own = (kind: TokenKind) => values[tokens.findIndex((token) => token.kind === kind)] ?? ''
  const words = orderWords(
    {
      number: own('number'),
      email: order.email === null ? null : own('email'),
      customer_name: order.customer_name === null ? null : own('name'),
      shipping_address: order.shipping_address,
      created_at: new Date(copy.startMs),
    },
    order.titles,
  )
  return words.map((word) => `'${word}'`).join(' ')
}

/** ISO, with its microseconds. */
function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const rest = Math.round(micros - seconds * 1_000_000)
  return `${new Date(seconds * 1_000).toISOString().slice(0, 19)}.${String(rest).padStart(6, '0')}Z`
}

/** Sends lines to a table. */
export async function copyIn(client: pg.Client, table: Table, lines: readonly string[]): Promise<void> {
  const stream = client.query(copyFrom(`copy ${table.name} (${table.columns.join(', ')}) from stdin`))
  const done = new Promise<void>((resolve, reject) => stream.once('finish', resolve).once('error', reject))
  stream.end(`${lines.join('\n')}\n`)
  await done
}
