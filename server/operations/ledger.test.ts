import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { closingPass } from '../ledger/closing.ts'
import { post } from '../ledger/service.ts'
import { inTransaction, sql } from '../platform/database.ts'
import { registerLedgerRoutes } from './ledger-routes.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const CLEARING = 'provider_clearing:razorpay:INR'
const FUNDS = 'customer_funds:orders:INR'
/** What a seller may call a shop, and a customer themselves. */
const SHOP_NAME = '=HYPERLINK("https://evil.example";"Malabar"),\nಮಲಬಾರ್'
const USER_NAME = "@SUM(1+1)*cmd|' /C calc'!A0"

let slice: SliceApp
let admin: { authorization: string }
let customer: { id: string; authorization: string }
let shopId: string
let causes = 0

before(async () => {
  slice = await openSliceApp(registerLedgerRoutes)
  admin = await slice.signedIn({ role: 'admin' })
  customer = await slice.signedIn({ role: 'customer', name: USER_NAME })
  shopId = slice.deps.ports.ids.uuid()
  await slice.deps.db.alone.run(
    'plant',
    sql`insert into shops (id, slug, name) values (${shopId}, 'malabar', ${SHOP_NAME})`,
  )
})
after(() => slice.close())

/** Midnight (UTC) after the last day that can be closed by now. */
const today = Math.floor((Date.now() - HOUR_MS) / DAY_MS) * DAY_MS
const daysAgo = (days: number, hours = 12) => new Date(today - days * DAY_MS + hours * HOUR_MS)
const dayOf = (at: Date) => at.toISOString().slice(0, 10)

async function plantOrder(number: string, userId: string | null): Promise<string> {
  const id = slice.deps.ports.ids.uuid()
  await slice.deps.db.alone.run(
    'plant',
    sql`insert into orders (id, number, user_id, guest_token_hash, status, payment_status, payment_method, currency, subtotal,
          discount, delivery_fee, tax, tax_included, total, stock, created_at, updated_at)
        values (${id}, ${number}, ${userId}, 'x', 'pending', 'pending', 'online', 'INR', 0, 0, 0, 0, 0, 0, 'none', now(), now())`,
  )
  return id
}

type Line = [kind: string, debit: string, credit: string, amount: number]

async function book(at: Date, orderId: string | null, currency: string, ...lines: Line[]): Promise<void> {
  const { db, ports } = slice.deps
  await inTransaction(db, 'book', async (tx) => {
    post(
      tx,
      { ...ports, clock: { ...ports.clock, now: () => at } },
      currency,
      orderId,
      lines.map(([kind, debit, credit, amount]) => {
        causes += 1
        return { kind, debit, credit, amount, cause: `test:${causes}` }
      }),
    )
  })
}

async function closeDays(): Promise<void> {
  const pass = closingPass(slice.deps)
  while ((await pass.runOnce()) > 0);
}

const ask = (path: string, query: Record<string, string | number> = {}, as = admin) =>
  slice.call(
    'GET',
    `/api/admin/ledger/${path}?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`,
    { as },
  )

/** All pages of a statement. */
async function readAll(query: Record<string, string | number>) {
  const transfers: Record<string, unknown>[] = []
  let cursor: string | null = ''
  for (let page = 0; cursor !== null; page += 1) {
    assert.ok(page < 500, 'the pages do not end')
    const answer = await ask('transfers', { ...query, ...(cursor === '' ? {} : { cursor }) })
    assert.equal(answer.status, 200)
    transfers.push(...answer.body.data.transfers)
    cursor = answer.body.pagination.nextCursor
  }
  return transfers
}

async function download(query: Record<string, string>) {
  const response = await slice.app.inject({
    method: 'GET',
    url: `/api/admin/ledger/transfers.csv?${new URLSearchParams(query)}`,
    headers: admin,
  })
  return { status: response.statusCode, headers: response.headers, text: response.body, rows: parseCsv(response.body) }
}

/** Reads RFC 4180: fields and lines, quotes and what they protect. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const next = text[at] as string
    if (quoted) {
      if (next !== '"') field += next
      else if (text[at + 1] === '"') {
        field += '"'
        at += 1
      } else quoted = false
    } else if (next === '"') quoted = true
    else if (next === ',') {
      row.push(field)
      field = ''
    } else if (next === '\r' && text[at + 1] === '\n') {
      rows.push([...row, field])
      row = []
      field = ''
      at += 1
    } else field += next
  }
  assert.deepEqual([row, field, quoted], [[], '', false], 'the text does not end with a line')
  return rows
}

const brief = (rows: Record<string, unknown>[]) => rows.map((row) => `${row['kind']} ${row['amount']}`)

describe('statements', () => {
  let order: string
  let other: string
  const payable = () => `seller_payable:${shopId}:INR`
  const wallet = () => `wallet:${customer.id}:INR`

  before(async () => {
    order = await plantOrder('H-STATE-0001', customer.id)
    other = await plantOrder('H-STATE-0002', null)
    // Four days ago, from the first to the last millisecond of the day; then after a silence; then now.
    await book(daysAgo(4, 0), order, 'INR', ['capture', CLEARING, FUNDS, 10_000])
    await book(
      daysAgo(4, 6),
      order,
      'INR',
      ['sale', FUNDS, payable(), 8_000],
      ['commission', FUNDS, 'commission:hundi:INR', 1_000],
      ['delivery', FUNDS, `delivery:${shopId}:INR`, 600],
      ['tax', FUNDS, `tax:${shopId}:INR`, 400],
    )
    await book(new Date(daysAgo(3, 0).getTime() - 1), other, 'INR', ['capture', CLEARING, FUNDS, 777])
    await book(daysAgo(3, 0), null, 'INR', ['goodwill', 'write_offs:hundi:INR', wallet(), 50])
    await book(
      daysAgo(1),
      order,
      'INR',
      ['wallet_used', wallet(), FUNDS, 30],
      ['to_suspense', FUNDS, 'suspense:razorpay:INR', 30],
    )
    await closeDays()
    await book(new Date(today), other, 'INR', ['settled', 'bank:razorpay:INR', CLEARING, 9_000])
  })

  const CASES: [name: string, query: () => Record<string, string>, expected: string[], bounds?: [number, number]][] = [
    [
      'everything, oldest first',
      () => ({}),
      [
        'capture 10000',
        'sale 8000',
        'commission 1000',
        'delivery 600',
        'tax 400',
        'capture 777',
        'goodwill 50',
        'wallet_used 30',
        'to_suspense 30',
        'settled 9000',
      ],
    ],
    [
      'an account that has a normal debit side',
      () => ({ account: CLEARING }),
      ['capture 10000', 'capture 777', 'settled 9000'],
      [0, 1_777],
    ],
    [
      'an account with a normal credit side, from a date',
      () => ({ account: FUNDS, from: dayOf(daysAgo(3)) }),
      ['wallet_used 30', 'to_suspense 30'],
      [777, 777],
    ],
    [
      'an account up to a date, that day included',
      () => ({ account: CLEARING, to: dayOf(daysAgo(4)) }),
      ['capture 10000', 'capture 777'],
      [0, 10_777],
    ],
    [
      'an account up to a time, exclusive',
      () => ({ account: CLEARING, to: new Date(daysAgo(3, 0).getTime() - 1).toISOString() }),
      ['capture 10000'],
      [0, 10_000],
    ],
    [
      'an account from a time, inclusive',
      () => ({ account: CLEARING, from: new Date(daysAgo(3, 0).getTime() - 1).toISOString(), to: dayOf(daysAgo(3)) }),
      ['capture 777'],
      [10_000, 10_777],
    ],
    [
      'an account on a day without transfers',
      () => ({ account: CLEARING, day: dayOf(daysAgo(2)) }),
      [],
      [10_777, 10_777],
    ],
    [
      'an account on a day of another account',
      () => ({ account: 'bank:razorpay:INR', day: dayOf(daysAgo(1)) }),
      [],
      [0, 0],
    ],
    [
      'a day, from its first to its last millisecond',
      () => ({ day: dayOf(daysAgo(4)) }),
      ['capture 10000', 'sale 8000', 'commission 1000', 'delivery 600', 'tax 400', 'capture 777'],
    ],
    ['the day after it', () => ({ day: dayOf(daysAgo(3)) }), ['goodwill 50']],
    ['an order', () => ({ orderId: other }), ['capture 777', 'settled 9000']],
    [
      'an order within a window',
      () => ({ orderId: order, from: dayOf(daysAgo(3)) }),
      ['wallet_used 30', 'to_suspense 30'],
    ],
    [
      'a user: the orders, and what else moved in the wallet, each once',
      () => ({ userId: customer.id }),
      [
        'capture 10000',
        'sale 8000',
        'commission 1000',
        'delivery 600',
        'tax 400',
        'goodwill 50',
        'wallet_used 30',
        'to_suspense 30',
      ],
    ],
    ['a shop: its goods, delivery and tax', () => ({ shopId }), ['sale 8000', 'delivery 600', 'tax 400']],
    ['a shop on a day without sales', () => ({ shopId, day: dayOf(daysAgo(3)) }), []],
  ]
  for (const [name, query, expected, bounds] of CASES) {
    test(`of ${name}`, async () => {
      const { body } = await ask('transfers', query())
      assert.deepEqual(brief(body.data.transfers), expected)
      const [opening, closing] = bounds ?? [null, null]
      assert.deepEqual(
        { opening: body.data.opening, closing: body.data.closing, currency: body.data.currency },
        { opening, closing, currency: bounds === undefined ? null : 'INR' },
      )
      assert.deepEqual(body.pagination, { limit: 24, nextCursor: null })
      // One at a time gives the same.
      assert.deepEqual(await readAll({ ...query(), limit: 1 }), body.data.transfers)
    })
  }

  test('a transfer says whose it is and why it was', async () => {
    const { body } = await ask('transfers', { orderId: order, limit: 1 })
    const [transfer] = body.data.transfers
    assert.match(transfer.id, /^[0-9a-f-]{36}$/)
    assert.match(transfer.cause, /^test:\d+$/)
    assert.deepEqual(transfer, {
      id: transfer.id,
      kind: 'capture',
      debit: CLEARING,
      credit: FUNDS,
      amount: 10_000,
      currency: 'INR',
      orderId: order,
      orderNumber: 'H-STATE-0001',
      cause: transfer.cause,
      createdAt: daysAgo(4, 0).toISOString(),
    })
  })

  test('accounts are listed with their owners, sides and balances', async () => {
    const { status, body } = await ask('accounts', { limit: 100 })
    assert.equal(status, 200)
    assert.deepEqual(body.pagination, { limit: 100, nextCursor: null })
    const row = (
      id: string,
      ownerName: string | null,
      normalSide: string,
      debits: number,
      credits: number,
      balance: number,
    ) => {
      const [kind, owner, currency] = id.split(':')
      return { id, kind, owner, ownerName, currency, normalSide, debits, credits, balance }
    }
    assert.deepEqual(body.data.accounts, [
      row('bank:razorpay:INR', null, 'debit', 9_000, 0, 9_000),
      row('commission:hundi:INR', null, 'credit', 0, 1_000, 1_000),
      row(FUNDS, null, 'credit', 10_030, 10_807, 777),
      row(`delivery:${shopId}:INR`, SHOP_NAME, 'credit', 0, 600, 600),
      row(CLEARING, null, 'debit', 10_777, 9_000, 1_777),
      row(payable(), SHOP_NAME, 'credit', 0, 8_000, 8_000),
      row('suspense:razorpay:INR', null, 'credit', 0, 30, 30),
      row(`tax:${shopId}:INR`, SHOP_NAME, 'credit', 0, 400, 400),
      row(wallet(), USER_NAME, 'credit', 30, 50, 20),
      row('write_offs:hundi:INR', null, 'debit', 50, 0, 50),
    ])
  })

  test('accounts at a time, of a kind, and page by page', async () => {
    const held = async (query: Record<string, string | number>) =>
      (await ask('accounts', query)).body.data.accounts.map((row: { id: string; balance: number }) => [
        row.id,
        row.balance,
      ])
    assert.deepEqual(await held({ kind: 'provider_clearing', at: dayOf(daysAgo(4)) }), [[CLEARING, 10_777]])
    assert.deepEqual(await held({ kind: 'provider_clearing', at: daysAgo(4, 6).toISOString() }), [[CLEARING, 10_000]])
    assert.deepEqual(await held({ kind: 'provider_clearing', at: daysAgo(4, 0).toISOString() }), [[CLEARING, 0]])
    assert.deepEqual(await held({ kind: 'wallet' }), [[wallet(), 20]])
    assert.deepEqual(await held({ kind: 'chargebacks' }), [])

    const all = await held({ limit: 100 })
    const paged: unknown[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await ask('accounts', { limit: 3, ...(cursor === '' ? {} : { cursor }) })
      paged.push(...body.data.accounts.map((row: { id: string; balance: number }) => [row.id, row.balance]))
      cursor = body.pagination.nextCursor
    }
    assert.deepEqual(paged, all)
  })

  test("an account's file has the same lines, the running balance, and both bounds", async () => {
    const { status, headers, rows } = await download({ account: CLEARING, from: dayOf(daysAgo(3)) })
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/csv; charset=utf-8; header=present')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.match(
      String(headers['content-disposition']),
      new RegExp(
        `^attachment; filename="ledger_provider_clearing-razorpay-INR_${dayOf(daysAgo(3))}_to-[0-9TZ-]+\\.csv"$`,
      ),
    )
    const [header, ...lines] = rows
    assert.deepEqual(header, [
      'time',
      'transfer_id',
      'kind',
      'debit_account',
      'debit_name',
      'credit_account',
      'credit_name',
      'currency',
      'amount_minor',
      'amount',
      'order_number',
      'order_id',
      'cause',
      'balance_minor',
      'balance',
    ])
    const [settled] = (await ask('transfers', { orderId: other, from: new Date(today).toISOString() })).body.data
      .transfers
    const end = String(lines.at(-1)?.[0])
    assert.ok(Math.abs(Date.parse(end) - Date.now()) < 60_000, end)
    assert.deepEqual(lines, [
      [
        daysAgo(3, 0).toISOString(),
        '',
        'opening_balance',
        '',
        '',
        '',
        '',
        'INR',
        '',
        '',
        '',
        '',
        '',
        '10777',
        '107.77',
      ],
      [
        new Date(today).toISOString(),
        settled.id,
        'settled',
        'bank:razorpay:INR',
        '',
        CLEARING,
        '',
        'INR',
        '9000',
        '90.00',
        'H-STATE-0002',
        other,
        settled.cause,
        '1777',
        '17.77',
      ],
      [end, '', 'closing_balance', '', '', '', '', 'INR', '', '', '', '', '', '1777', '17.77'],
    ])
  })

  test('X4 what people call themselves is text in the file, and reads back as it was', async () => {
    const { rows } = await download({ userId: customer.id })
    const names = rows.slice(1).map((row) => [row[2], row[4], row[6]])
    assert.deepEqual(names, [
      ['capture', '', ''],
      ['sale', '', `'${SHOP_NAME}`],
      ['commission', '', ''],
      ['delivery', '', `'${SHOP_NAME}`],
      ['tax', '', `'${SHOP_NAME}`],
      ['goodwill', '', `'${USER_NAME}`],
      ['wallet_used', `'${USER_NAME}`, ''],
      ['to_suspense', '', ''],
    ])
    for (const cell of rows.flat()) assert.doesNotMatch(cell, /^[=+@-]/)
  })

  test('a file of another currency has its own decimals, and one without transfers has its header alone', async () => {
    const yen = await plantOrder('H-STATE-0003', null)
    await book(new Date(), yen, 'JPY', [
      'capture',
      'provider_clearing:razorpay:JPY',
      'customer_funds:orders:JPY',
      1_234,
    ])
    const amounts = (rows: string[][]) => rows.slice(1).map((row) => row.slice(7, 10))
    assert.deepEqual(amounts((await download({ orderId: yen })).rows), [['JPY', '1234', '1234']])
    const empty = await download({ orderId: await plantOrder('H-STATE-0004', null) })
    assert.equal(empty.rows.length, 1)
  })

  describe('are refused', () => {
    const UNKNOWN = '00000000-0000-7000-8000-00000000ffff'
    const WRONG: [path: string, query: Record<string, string>, field: string][] = [
      ['accounts', { at: 'yesterday' }, 'at'],
      ['accounts', { at: '2026-02-30' }, 'at'],
      ['accounts', { kind: 'banks' }, 'kind'],
      ['accounts', { cursor: 'bm8' }, 'cursor'],
      ['accounts', { limit: '101' }, 'limit'],
      ['transfers', { from: '2026-11-21T10:00:00' }, 'from'],
      ['transfers', { to: '2026-13-01' }, 'to'],
      ['transfers', { from: '2026-11-21', to: '2026-11-20' }, 'to'],
      ['transfers', { day: '2026-11-31' }, 'day'],
      ['transfers', { day: '21.11.2026' }, 'day'],
      ['transfers', { day: '2026-11-20', from: '2026-11-20' }, 'from'],
      ['transfers', { day: '2026-11-20', to: '2026-11-20' }, 'to'],
      ['transfers', { orderId: 'H-STATE-0001' }, 'orderId'],
      ['transfers', { account: CLEARING, shopId: UNKNOWN }, 'shopId'],
      ['transfers', { cursor: 'WzEsIngiXQ' }, 'cursor'],
      ['transfers.csv', { to: 'soon' }, 'to'],
      ['transfers.csv', { orderId: UNKNOWN, userId: 'a' }, 'userId'],
    ]
    for (const [path, query, field] of WRONG) {
      test(`${path} with ${JSON.stringify(query)}: ${field} is named`, async () => {
        const { status, body } = await ask(path, query)
        assert.equal(status, 400)
        assert.equal(body.error.code, 'validation_failed')
        assert.equal(body.error.details.fields[0].field, field)
      })
    }

    const MISSING: [query: Record<string, string>, code: string][] = [
      [{ account: 'provider_clearing:stripe:INR' }, 'not_found'],
      [{ account: 'nonsense' }, 'not_found'],
      [{ orderId: UNKNOWN }, 'order_not_found'],
      [{ userId: 'nobody' }, 'not_found'],
      [{ shopId: UNKNOWN }, 'not_found'],
    ]
    for (const [query, code] of MISSING) {
      for (const path of ['transfers', 'transfers.csv']) {
        test(`${path} of what is not there: ${JSON.stringify(query)}`, async () => {
          const { status, body } = await ask(path, query)
          assert.deepEqual([status, body.error.code], [404, code])
        })
      }
    }

    for (const path of ['accounts', 'transfers', 'transfers.csv']) {
      test(`${path} to all but admins`, async () => {
        const seller = await slice.signedIn({ role: 'seller', shopId })
        for (const as of [customer, seller]) assert.equal((await ask(path, { at: 'x', to: 'x' }, as)).status, 403)
        const { status } = await slice.call('GET', `/api/admin/ledger/${path}?to=x`)
        assert.equal(status, 401)
      })
    }
  })
})

describe('long statements', () => {
  test('paging shows each transfer once, also those that are added meanwhile, and those of one moment', async () => {
    const account = 'chargebacks:razorpay:INR'
    const line = (amount: number): Line => ['back', account, 'provider_clearing:razorpay:INR', amount]
    // Twelve in one moment, others before and after, more of other accounts in between, days of silence.
    const order = await plantOrder('H-LONG-0001', null)
    const at = new Date(today + 1)
    await book(at, order, 'INR', ...Array.from({ length: 12 }, (_, index) => line(100 + index)))
    await book(new Date(today), order, 'INR', line(1))
    await book(new Date(today + 2), order, 'INR', ['capture', CLEARING, FUNDS, 5], line(200))

    const seen: number[] = []
    let cursor = ''
    let added = 300
    for (let page = 0; page < 20; page += 1) {
      const { body } = await ask('transfers', { account, limit: 4, ...(cursor === '' ? {} : { cursor }) })
      seen.push(...body.data.transfers.map((row: { amount: number }) => row.amount))
      if (body.pagination.nextCursor === null) break
      cursor = body.pagination.nextCursor
      if (page < 3) {
        await book(new Date(today + 3 + page), order, 'INR', line(added))
        added += 1
      }
    }
    assert.deepEqual(seen, [1, ...Array.from({ length: 12 }, (_, index) => 100 + index), 200, 300, 301, 302])
  })

  test('a file of thousands of transfers has each once, in order, and its balance adds up', async () => {
    const order = await plantOrder('H-LONG-0002', null)
    const account = 'provider_fees:razorpay:INR'
    const start = daysAgo(0, 0).getTime()
    for (let batch = 0; batch < 5; batch += 1) {
      const lines = Array.from({ length: 500 }, (_, index): Line => ['fee', account, CLEARING, batch * 500 + index + 1])
      await book(new Date(start + batch), order, 'INR', ...lines)
    }
    const { rows } = await download({ account })
    const lines = rows.slice(1, -1)
    assert.equal(lines.length, 2_500)
    assert.deepEqual(
      lines.map((row) => Number(row[8])),
      Array.from({ length: 2_500 }, (_, index) => index + 1),
    )
    assert.equal(new Set(lines.map((row) => row[1])).size, 2_500)
    const sum = (2_500 * 2_501) / 2
    assert.deepEqual(rows.at(-1)?.slice(13), [
      String(sum),
      `${Math.floor(sum / 100)}.${String(sum % 100).padStart(2, '0')}`,
    ])
    const { body } = await ask('transfers', { account, limit: 1 })
    assert.equal(body.data.closing, sum)
    assert.deepEqual(
      (await readAll({ account, limit: 100 })).map((row) => row['id']),
      lines.map((row) => row[1]),
    )
  })
})
