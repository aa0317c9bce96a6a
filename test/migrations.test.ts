/** Migrations that move rows: what was there before, and what is there after. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'node:test'
import pg from 'pg'
import { LINE_INVARIANTS } from '../server/operations/invariant-line-queries.ts'
import { askInvariants } from '../server/operations/invariants.ts'
import type { Db } from '../server/platform/database.ts'
import { migrate } from '../server/platform/migrate.ts'
import { includedTax, proportion, shareDown, spread } from '../shared/money.ts'
import { createTestDatabase, type Template } from './database.ts'

const BARE: Template = { name: 'bare', madeOf: ['test/migrations.test.ts'], fill: async () => {} }
const MIGRATIONS = new URL('../migrations/', import.meta.url)

/** A database as it was before a migration, with rows in it; `now()` applies that migration and all later ones. */
async function before(
  migration: string,
  rows: string,
  work: (client: pg.Client, now: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hundi-before-'))
  const database = await createTestDatabase(BARE)
  const client = new pg.Client({ connectionString: database.url })
  try {
    const earlier = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql') && name < migration)
    assert.ok(readdirSync(MIGRATIONS).some((name) => name.startsWith(migration)))
    for (const name of earlier) copyFileSync(new URL(name, MIGRATIONS), join(folder, name))
    await migrate(database.url, { directory: pathToFileURL(`${folder}/`) })
    await client.connect()
    await client.query(rows)
    await work(client, () => migrate(database.url))
  } finally {
    await client.end()
    await database.drop()
    rmSync(folder, { recursive: true })
  }
}

async function texts(client: pg.Client, query: string): Promise<string[]> {
  return (await client.query({ text: query, rowMode: 'array' })).rows.map((row) => row.join(' '))
}

/** Ids of things by their kind and number. */
const id = (kind: string, n: number) => `00000000-0000-7000-8${kind}-0000000000${String(n).padStart(2, '0')}`

const ORDER = (n: number, total: number) => `
  insert into orders (id, number, guest_token_hash, status, payment_status, payment_method, currency, subtotal, discount,
    delivery_fee, tax, tax_included, total, stock, confirmed_at, created_at, updated_at)
  values ('${id('000', n)}', 'H-${n}', 'none', 'confirmed', 'paid', 'online', 'INR', ${total}, 0, 0, 0,
    0, ${total}, 'deducted', now(), now(), now());`
const CAPTURE = (n: number, provider: string, amount: number) => `
  insert into payments (id, order_id, provider, provider_order_id, status, amount, currency, captured_amount, created_at, updated_at)
  values ('${id('001', n)}', '${id('000', n)}', '${provider}', 'ref-${n}', 'paid', ${amount}, 'INR', ${amount}, now(), now());
  insert into payment_attempts (id, payment_id, order_id, provider, provider_payment_id, status, disposition, amount, currency,
    captured_amount, created_at, updated_at)
  values ('${id('002', n)}', '${id('001', n)}', '${id('000', n)}', '${provider}', 'ref-${n}', 'captured', 'kept', ${amount}, 'INR',
    ${amount}, now(), now());
  insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
  values (gen_random_uuid(), 'capture', 'provider_clearing:${provider}:INR', 'customer_funds:orders:INR', ${amount}, 'INR',
    '${id('000', n)}', 'capture:${id('002', n)}', now());`

test('0013: what customers sent to our bank account is moved there, and what providers hold stays', async () => {
  const rows = [1, 2, 3].map((n) => ORDER(n, n * 100) + CAPTURE(n, n === 3 ? 'razorpay' : 'bank', n * 100)).join('')
  await before('0013', rows, async (client, now) => {
    await now()
    const held = `
      select account, sum(amount) from (
        select debit_account_id as account, amount from ledger_transfers
        union all select credit_account_id, -amount from ledger_transfers) sides group by 1 order by 1`
    assert.deepEqual(await texts(client, held), [
      'bank:manual:INR 300',
      'customer_funds:orders:INR -600',
      'provider_clearing:bank:INR 0',
      'provider_clearing:razorpay:INR 300',
    ])
    assert.deepEqual(
      await texts(client, `select order_id, cause from ledger_transfers where kind = 'capture_moved' order by 1`),
      [1, 2].map(
        (n) => `00000000-0000-7000-8000-00000000000${n} capture_moved:00000000-0000-7000-8002-00000000000${n}`,
      ),
    )
    assert.deepEqual(await texts(client, 'select id from ledger_accounts'), ['bank:manual:INR'])
  })
})

const SHOP = '00000000-0000-7000-8003-000000000001'

/** A part of an order as it was before lines knew what they gave back: three units, one thing, and a delivery fee. */
interface Old {
  n: number
  order?: string
  cancelled?: boolean
  status?: string
  returned?: number
  /** Of the three. */
  restocked?: number
  refunds?: { amount: number; status?: string; approval?: string; reason?: string; units?: number; takes?: boolean }[]
}
const [UNIT, UNITS, THING, FEE, BPS] = [3_333, 3, 7_001, 4_900, 1_000]
const GOODS = UNIT * UNITS + THING
const TOTAL = GOODS + FEE

/** What the accounts had of such a part: every share shrank with all of it. */
function oldShares(kept: number): Record<string, number> {
  const [commission, fee] = [proportion(shareDown(GOODS, BPS), kept, TOTAL), proportion(FEE, kept, TOTAL)]
  return {
    [`seller_payable:${SHOP}`]: kept - commission - fee,
    'commission:hundi': commission,
    [`delivery:${SHOP}`]: fee,
  }
}

function oldOrder({ n, order = 'confirmed', cancelled = false, status = 'accepted', ...old }: Old): string {
  const { returned = 0, restocked = 0, refunds = [] } = old
  const [orderId, part, pepper, honey] = [id('000', n), id('004', n), id('005', n), id('006', n)]
  const sold = order === 'pending' ? [] : Object.entries(oldShares(TOTAL))
  const left = oldShares(cancelled ? 0 : TOTAL - returned)
  return `
    insert into orders (id, number, guest_token_hash, status, payment_status, payment_method, currency, subtotal, discount,
      delivery_fee, tax, tax_included, total, stock, cancel_reason, confirmed_at, cancelled_at, created_at, updated_at)
    values ('${orderId}', 'H-${n}', 'none', '${order}', 'paid', 'online', 'INR', ${GOODS}, 0, ${FEE}, 0,
      ${includedTax(UNIT * UNITS, 500) + includedTax(THING, 1_200) + includedTax(FEE, 500)}, ${TOTAL},
      '${order === 'pending' ? 'reserved' : cancelled ? 'released' : 'deducted'}', ${cancelled ? `'admin'` : 'null'},
      ${order === 'pending' ? 'null' : 'now()'}, ${cancelled ? 'now()' : 'null'}, now(), now());
    insert into shop_orders (id, order_id, shop_id, shop_name, status, auto_accept, commission_bps, subtotal, discount, delivery_fee,
      tax, total, returned_amount, created_at, updated_at)
    values ('${part}', '${orderId}', '${SHOP}', 'Malabar', '${status}', true, ${BPS}, ${GOODS}, 0, ${FEE}, 0, ${TOTAL},
      ${cancelled ? TOTAL : returned}, now(), now());
    insert into order_items (id, order_id, shop_order_id, position, kind, product_id, title, unit_price, quantity, discount,
      tax_rate_bps, total, restocked)
    values ('${pepper}', '${orderId}', '${part}', 0, 'product', '${id('007', 1)}', 'Pepper', ${UNIT}, ${UNITS}, 0, 500,
        ${UNIT * UNITS}, ${restocked}),
      ('${honey}', '${orderId}', '${part}', 1, 'product', '${id('007', 1)}', 'Honey', ${THING}, 1, 0, 1200, ${THING}, 0);
    ${CAPTURE(n, 'razorpay', TOTAL)}
    ${refunds
      .map(
        (
          { amount, status: state = 'processed', approval = 'none', reason = 'Broken', units = 0, takes = true },
          at,
        ) => `
    insert into refunds (id, order_id, payment_id, attempt_id, provider, amount, currency, status, reason, approval, requested_by,
      approved_by, parts, restock, idempotency_key, next_look_at, created_at, updated_at)
    values ('${id('008', n * 10 + at)}', '${orderId}', '${id('001', n)}', '${id('002', n)}', 'razorpay', ${amount}, 'INR',
      '${state}', '${reason}', '${approval}', 'one', ${approval === 'approved' ? `'two'` : 'null'},
      '${takes ? `[{"shopOrderId": "${part}", "amount": ${amount}}]` : '[]'}',
      '${units > 0 ? `[{"itemId": "${pepper}", "quantity": ${units}}]` : '[]'}', '${n}-${at}', now(),
      now() + interval '${at} seconds', now());`,
      )
      .join('')}
    ${sold
      .map(
        ([account, amount]) => `
    insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
    values (gen_random_uuid(), 'sale', 'customer_funds:orders:INR', '${account}:INR', ${amount}, 'INR', '${orderId}',
      '${kindOf(account)}:${part}', now());
    insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
    select gen_random_uuid(), 'sale_reversed', '${account}:INR', 'customer_funds:orders:INR', ${amount - (left[account] ?? 0)},
      'INR', '${orderId}', '${kindOf(account)}:${part}:reversed:r', now() where ${amount !== left[account]};`,
      )
      .join('')}`
}

function kindOf(account: string): string {
  return account.startsWith('seller_payable') ? 'sale' : (account.split(':')[0] ?? '')
}

test('0031: a reconciliation that is under way goes on where it was, by the page or by the day', async () => {
  const RUN = (n: number, status: string, phase: string, skip: number) => `
    insert into reconciliation_runs (id, provider, from_at, to_at, trigger, status, phase, cursor_at, slice_s, page_skip,
      next_step_at, finished_at, started_at)
    values ('${id('003', n)}', 'razorpay', now() - interval '1 day', now(), 'admin', '${status}', '${phase}', now(), 3600, ${skip},
      ${status === 'running' ? 'now(), null' : 'null, now()'}, now());`
  const rows = [
    RUN(1, 'running', 'payments', 0),
    RUN(2, 'running', 'settlements', 0),
    RUN(3, 'running', 'settlements', 1_500),
    RUN(4, 'running', 'settlements', -1),
    RUN(5, 'completed', 'settlements', -1),
  ].join('')
  await before('0031', rows, async (client, now) => {
    await now()
    const places = `select right(id::text, 1), phase, coalesce(page_cursor, 'first'), all_booked from reconciliation_runs order by id`
    assert.deepEqual(await texts(client, places), [
      '1 payments first false',
      '2 settlements first false',
      '3 settlements 1500 false',
      '4 settlements first true',
      '5 settlements first false',
    ])
  })
})

test('0014: what is there is shared out over its lines, delivery among them, and the books agree', async () => {
  const rows = `
    insert into shops (id, name, slug) values ('${SHOP}', 'Malabar', 'malabar');
    insert into products (id, title, slug, price, currency, shop_id, tax_rate_bps)
    values ('${id('007', 1)}', 'Pepper', 'pepper', 1, 'INR', '${SHOP}', 0);
    ${[
      { n: 1 },
      { n: 2, order: 'pending', status: 'pending' },
      {
        n: 3,
        returned: 5_333,
        refunds: [
          { amount: 5_000, status: 'failed' },
          { amount: 100, status: 'failed', approval: 'declined' },
          { amount: 50, status: 'failed', reason: 'made_at_provider' },
          { amount: 333 },
        ],
      },
      { n: 4, returned: 6_666, restocked: 2, refunds: [{ amount: 6_666, units: 2 }] },
      { n: 5, returned: 9_999, refunds: [{ amount: 9_999, status: 'requested', approval: 'pending', units: 3 }] },
      { n: 6, order: 'cancelled', cancelled: true, status: 'cancelled', refunds: [{ amount: TOTAL, takes: false }] },
      { n: 7, returned: TOTAL, refunds: [{ amount: 1_000 }, { amount: TOTAL - 1_000, reason: 'made_at_provider' }] },
      {
        n: 8,
        returned: TOTAL,
        status: 'rejected',
        restocked: 3,
        refunds: [{ amount: TOTAL, reason: 'part_rejected' }],
      },
    ]
      .map(oldOrder)
      .join('')}`
  await before('0014', rows, async (client, now) => {
    const funds = `select sum(case when credit_account_id like 'customer_funds:%' then amount else -amount end)
      from ledger_transfers where 'customer_funds:orders:INR' in (debit_account_id, credit_account_id)`
    const [fundsBefore] = await texts(client, funds)
    await now()

    const lines = (n: number) =>
      texts(
        client,
        `select position, kind, total, commission, tax_included, returned_quantity || '/' || quantity, returned_amount
         from order_items where order_id = '${id('000', n)}' order by position`,
      )
    assert.deepEqual(await lines(1), [
      // Of a commission of 1 700 the largest remainder goes to the pepper: 999.9 and 700.1.
      '0 product 9999 1000 476 0/3 0',
      '1 product 7001 700 750 0/1 0',
      '2 delivery 4900 0 233 0/1 0',
    ])
    assert.deepEqual((await lines(2)).at(-1), '2 delivery 4900 0 233 0/1 0')
    const gross = [UNIT * UNITS, THING, FEE]
    const money = async (n: number) => (await lines(n)).map((text) => Number(text.split(' ').at(-1)))
    for (const [n, returned] of [
      [3, 5_333],
      [4, 6_666],
      [5, 9_999],
      [6, TOTAL],
      [7, TOTAL],
      [8, TOTAL],
    ] as const) {
      assert.deepEqual(await money(n), spread(returned, gross), `order ${n}`)
    }
    const units = async (n: number) => (await lines(n)).map((text) => text.split(' ').at(-2))
    assert.deepEqual(await units(3), ['0/3', '0/1', '0/1'])
    assert.deepEqual(await units(4), ['2/3', '0/1', '0/1'])
    assert.deepEqual(await units(5), ['3/3', '0/1', '0/1'], 'a refund that waits for a second person counts')
    for (const n of [6, 7, 8]) assert.deepEqual(await units(n), ['3/3', '1/1', '1/1'])
    assert.deepEqual(await texts(client, 'select number from orders where given_back order by 1'), [
      'H-6',
      'H-7',
      'H-8',
    ])

    const taken = async (n: number) =>
      (await client.query(`select lines from refunds where order_id = '${id('000', n)}' order by created_at`)).rows.map(
        (row: { lines: { quantity: number; amount: number }[] }) =>
          row.lines.map(({ quantity, amount }) => `${quantity} ${amount}`),
      )
    const [first, both] = [spread(5_000, gross), spread(5_333, gross)]
    assert.deepEqual(await taken(3), [
      first.map((amount) => `0 ${amount}`),
      [],
      [],
      both.map((amount, at) => `0 ${amount - (first[at] ?? 0)}`),
    ])
    assert.deepEqual(await taken(6), [[]])
    const some = spread(1_000, gross)
    assert.deepEqual(await taken(7), [
      some.map((amount) => `0 ${amount}`),
      gross.map((amount, at) => `${[3, 1, 1][at]} ${amount - (some[at] ?? 0)}`),
    ])

    // What shops and the house have is now what each line leaves them, and nothing was made or lost.
    assert.deepEqual(await texts(client, funds), [fundsBefore])
    const answers = await askInvariants([{ many: async (_name, { text }) => (await client.query(text)).rows } as Db], {
      monotonicMs: () => 0,
    })
    const found = answers.flatMap(({ id: rule, violations }) => (['I3', 'I7', 'I8'].includes(rule) ? violations : []))
    assert.deepEqual(
      found.filter((line) => LINE_INVARIANTS.some(({ name }) => line.startsWith(name))),
      [],
    )
    assert.ok((await texts(client, `select from ledger_transfers where kind = 'sale_reshared'`)).length > 0)
  })
})
