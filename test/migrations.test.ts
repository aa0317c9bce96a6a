/** Migrations that move rows: what was there before, and what is there after. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'node:test'
import pg from 'pg'
import { migrate } from '../server/platform/migrate.ts'
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

const ORDER = (n: number, total: number) => `
  insert into orders (id, number, guest_token_hash, status, payment_status, payment_method, currency, subtotal, discount,
    delivery_fee, tax, tax_included, total, stock, confirmed_at, created_at, updated_at)
  values ('00000000-0000-7000-8000-00000000000${n}', 'H-${n}', 'none', 'confirmed', 'paid', 'online', 'INR', ${total}, 0, 0, 0,
    0, ${total}, 'deducted', now(), now(), now());`
const CAPTURE = (n: number, provider: string, amount: number) => `
  insert into payments (id, order_id, provider, provider_order_id, status, amount, currency, captured_amount, created_at, updated_at)
  values ('00000000-0000-7000-8001-00000000000${n}', '00000000-0000-7000-8000-00000000000${n}', '${provider}', 'ref-${n}',
    'paid', ${amount}, 'INR', ${amount}, now(), now());
  insert into payment_attempts (id, payment_id, order_id, provider, provider_payment_id, status, disposition, amount, currency,
    captured_amount, created_at, updated_at)
  values ('00000000-0000-7000-8002-00000000000${n}', '00000000-0000-7000-8001-00000000000${n}',
    '00000000-0000-7000-8000-00000000000${n}', '${provider}', 'ref-${n}', 'captured', 'kept', ${amount}, 'INR', ${amount},
    now(), now());
  insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
  values (gen_random_uuid(), 'capture', 'provider_clearing:${provider}:INR', 'customer_funds:orders:INR', ${amount}, 'INR',
    '00000000-0000-7000-8000-00000000000${n}', 'capture:00000000-0000-7000-8002-00000000000${n}', now());`

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
