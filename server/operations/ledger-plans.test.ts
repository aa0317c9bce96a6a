/**
 * Every question to the books is answered by an index, with the plan that serves every execution: a table that grows for
 * ever must not be read from its beginning because somebody looks at one day of it.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { closingPass } from '../ledger/closing.ts'
import * as ledger from '../ledger/queries.ts'
import { sql, type Db, type Sql } from '../platform/database.ts'
import * as statements from './ledger-queries.ts'

let slice: SliceApp
const ACCOUNT = 'provider_clearing:razorpay:INR'
const USER = 'u1'
const AT = new Date('2026-06-05T12:00:00Z')
const AFTER = { micros: AT.getTime() * 1_000, id: '00000000-0000-0000-0000-000000000000' }

before(async () => {
  slice = await openSliceApp(() => {})
  const { db } = slice.deps
  // Twenty days of a shop with two thousand orders, a tenth of them of users with wallets.
  const order = sql`md5('order' || g)::uuid`
  await db.alone.run(
    'plant',
    sql`insert into users (id, name, email, role) select 'u' || g, 'User ' || g, 'u' || g || '@example.test', 'customer' from generate_series(1, 200) g`,
  )
  await db.alone.run(
    'plant',
    sql`insert into orders (id, number, user_id, guest_token_hash, status, payment_status, payment_method, currency, subtotal,
          discount, delivery_fee, tax, tax_included, total, stock, created_at, updated_at)
        select ${order}, 'P-' || g, case when g % 10 = 0 then 'u' || (g / 10) end, 'x', 'pending', 'pending', 'online', 'INR',
          0, 0, 0, 0, 0, 0, 'none', now(), now() from generate_series(1, 2000) g`,
  )
  await db.alone.run(
    'plant',
    sql`insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
        select md5(g || kind)::uuid, kind, debit, credit, 100, 'INR', ${order}, kind || g,
          timestamptz '2026-06-01T00:00Z' + g * interval '864 seconds'
        from generate_series(1, 2000) g, lateral (values
          ('capture', ${ACCOUNT}, 'customer_funds:orders:INR'),
          ('sale', 'customer_funds:orders:INR', 'seller_payable:s' || g % 50 || ':INR'),
          ('commission', 'customer_funds:orders:INR', 'commission:hundi:INR'),
          ('delivery', 'customer_funds:orders:INR', 'delivery:s' || g % 50 || ':INR'),
          ('tax', 'customer_funds:orders:INR', 'tax:s' || g % 50 || ':INR'),
          ('refund_to_wallet', case when g % 40 = 0 then 'refunds_owed:razorpay:INR' end, 'wallet:u' || g / 10 || ':INR'),
          ('wallet_used', case when g % 80 = 0 then 'wallet:u' || g / 10 || ':INR' end, 'customer_funds:orders:INR')
        ) as line (kind, debit, credit) where debit is not null`,
  )
  await db.alone.run(
    'plant',
    sql`insert into ledger_accounts (id, kind, owner, currency)
        select id, split_part(id, ':', 1), split_part(id, ':', 2), 'INR'
        from (select debit_account_id from ledger_transfers union select credit_account_id from ledger_transfers) used (id)`,
  )
  const pass = closingPass(slice.deps)
  while ((await pass.runOnce()) > 0);
  await db.pool.query('analyze')
})
after(() => slice.close())

/** Gives the statements that `work` asks. */
async function asked(work: (db: Db) => Promise<unknown>): Promise<string[]> {
  const texts: string[] = []
  const note = (answer: unknown) => async (_name: string, statement: Sql) => {
    texts.push(statement.text)
    return answer
  }
  await work({ many: note([]), maybeOne: note(undefined), one: note({}) } as unknown as Db)
  return texts
}

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  Plans?: Plan[]
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)]
}

const QUESTIONS: [name: string, ask: (db: Db) => Promise<unknown>, indexes: string[]][] = [
  ['a balance', (db) => ledger.totalsOf(db, ACCOUNT, null), ['ledger_day_totals_pkey', 'ledger_transfers_time']],
  [
    'a balance at a time',
    (db) => ledger.totalsOf(db, ACCOUNT, AT),
    ['ledger_day_totals_pkey', 'ledger_transfers_time'],
  ],
  [
    'a page of balances',
    (db) => ledger.listAccounts(db, { at: AT, kind: null, after: '' }, 25),
    ['ledger_day_totals_pkey', 'ledger_transfers_time'],
  ],
  [
    'the newest of a wallet',
    (db) => ledger.listNewestOfWallet(db, `wallet:${USER}:INR`, 100),
    ['ledger_transfers_from_wallet', 'ledger_transfers_to_wallet'],
  ],
  ["an order's transfers", (db) => ledger.listOfOrder(db, USER), ['ledger_transfers_order']],
  [
    'a page of everything',
    (db) => statements.listTransfers(db, { kind: 'everything' }, AFTER, null, 25),
    ['ledger_transfers_time', 'orders_pkey'],
  ],
  [
    'a page of accounts within a day',
    (db) => statements.listTransfers(db, { kind: 'accounts', accountIds: [ACCOUNT] }, AFTER, AT, 25),
    ['ledger_transfers_time', 'orders_pkey'],
  ],
  [
    'a page of an order',
    (db) => statements.listTransfers(db, { kind: 'order', orderId: USER }, AFTER, null, 25),
    ['ledger_transfers_order', 'orders_pkey'],
  ],
  [
    'a page of a user',
    (db) =>
      statements.listTransfers(db, { kind: 'user', userId: USER, walletIds: [`wallet:${USER}:INR`] }, AFTER, null, 25),
    [
      'ledger_transfers_from_wallet',
      'ledger_transfers_order',
      'ledger_transfers_to_wallet',
      'orders_pkey',
      'orders_user',
    ],
  ],
  [
    'the next day of an account',
    (db) => statements.findActiveStretch(db, [ACCOUNT], AFTER),
    ['ledger_day_totals_pkey'],
  ],
]

for (const [name, ask, indexes] of QUESTIONS) {
  test(`${name} is found by ${indexes.join(', ')}`, async (t) => {
    // PostgreSQL tells a plan for unknown parameters from 16 on; the product runs on 15 too.
    const { rows: servers } = await slice.deps.db.pool.query('show server_version_num')
    if (Number(servers[0].server_version_num) < 160_000) return t.skip('this server does not tell generic plans')
    const [text, ...others] = await asked(ask)
    assert.equal(others.length, 0)
    const { rows } = await slice.deps.db.pool.query(`explain (generic_plan, format json) ${text}`)
    const used = nodes(rows[0]['QUERY PLAN'][0]['Plan'])
    const small = ['ledger_accounts', 'ledger_closing']
    assert.deepEqual(
      used.filter((node) => node['Node Type'].endsWith('Seq Scan') && !small.includes(node['Relation Name'] ?? '')),
      [],
    )
    const found = new Set(used.flatMap((node) => node['Index Name'] ?? []))
    assert.deepEqual([...found].filter((index) => !index.startsWith('ledger_accounts')).sort(), indexes)
  })
}
