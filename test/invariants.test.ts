/** Each rule of the invariants is broken by hand once, so that silence means that all is well and not that nobody looks. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql, type Db } from '../server/platform/database.ts'
import { atRest, pay, place, type Placed } from './buyer.ts'
import type { HistoryMark } from '../server/operations/invariant.ts'
import { foldOrder } from '../server/orders/parts.ts'
import { SHOP_ORDER_STATUSES } from '../shared/contract/orders.ts'
import { askInvariants, QUESTIONS } from '../server/operations/invariants.ts'
import { checkInvariants, compareWithProvider, type ProviderBooks } from './invariants.ts'
import { multisets } from './multisets.ts'
import { stockedShop, type Shop } from './shop.ts'

let shop: Shop
let kept: Placed
let cancelled: Placed
let waiting: Placed

before(async () => {
  const stocked = await stockedShop()
  shop = stocked.shop
  kept = await place(shop, stocked.productId)
  await pay(shop, kept)
  cancelled = await place(shop, stocked.productId)
  await pay(shop, cancelled)
  await atRest(shop)
  await shop.call('POST', `/api/orders/${cancelled.orderId}/cancel`, { guestToken: cancelled.guestToken, body: {} })
  await atRest(shop)
  waiting = await place(shop, stocked.productId)
  await shop.settled()
  for (const table of ['ledger_transfers', 'events'])
    await shop.db.pool.query(`alter table ${table} disable trigger user`)
  await shop.db.pool.query(DROP_CHECKS)
})
after(() => shop.close())

/** Changes rows behind everybody's back, asks, and takes it back. */
async function afterwards(statements: readonly string[], since?: HistoryMark): Promise<string[]> {
  const client = await shop.db.pool.connect()
  try {
    await client.query('begin')
    for (const statement of statements) await client.query(statement)
    const reads: Db = {
      many: async (_name, { text }) => (await client.query(text)).rows,
      maybeOne: () => Promise.reject(new Error('not used')),
      one: () => Promise.reject(new Error('not used')),
    }
    const answers = await askInvariants([reads], { monotonicMs: () => 0 }, since)
    return answers.flatMap(({ violations }) => violations)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

/** What keeps rows from being changed is out of the way in this database: a rule must not lean on the wall before it. */
const DROP_CHECKS = `
  do $$ declare wall record; begin
    for wall in select conname, conrelid::regclass as of_table from pg_constraint
      where contype = 'c' and connamespace = 'public'::regnamespace
    loop execute format('alter table %s drop constraint %I', wall.of_table, wall.conname); end loop;
  end $$`

test('no rule is broken by orders that were paid, cancelled and placed', async () => {
  assert.deepEqual(await checkInvariants(shop.db), [])
})

const of = (placed: () => Placed) => ({
  order: () => `'${placed().orderId}'`,
  payment: () => `'${placed().paymentId}'`,
})
const k = of(() => kept)
const c = of(() => cancelled)
const w = of(() => waiting)

const RUN_ID = '00000000-0000-7000-8000-000000000008'
/** A comparison with the provider that began long ago. */
const RUN = (status: string) => `
  insert into reconciliation_runs (id, provider, from_at, to_at, trigger, status, cursor_at, slice_s, next_step_at, started_at)
  values ('${RUN_ID}', 'razorpay', now() - interval '3 days', now(), 'admin', '${status}', now(), 60,
    now() - interval '25 hours', now())`
const LINE = (outcomeAndOpen: string) => `
  insert into reconciliation_lines (id, run_id, subject, outcome, open, provider_ref, currency, detail, created_at)
  values (gen_random_uuid(), '${RUN_ID}', 'payment', ${outcomeAndOpen}, 'pay_x', 'INR', 'differs', now())`

/** A refund that says it takes back something of an order's line, which is not noted there. */
const TAKEN_BACK = (orderId: string, quantity: number, amount: number) => `
  insert into refunds select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'order_id', i.order_id,
    'idempotency_key', gen_random_uuid(), 'provider_refund_id', null, 'decision_id', null,
    'lines', jsonb_build_array(jsonb_build_object('itemId', i.id, 'quantity', ${quantity}, 'amount', ${amount}))))).*
  from refunds r, order_items i where r.order_id = ${c.order()} and i.order_id = ${orderId}`

/** A move that the figures count and no order made. */
const MOVE = (columns: string, values: string) => `
  insert into order_moves (placed_at, currency, payment_method, moved_at, ${columns})
  select created_at, currency, payment_method, now(), ${values} from orders where id = ${k.order()}`

/** A transfer of a minor unit that no cause asks for, of the order of another; `columns` is JSON. */
const TRANSFER = (orderId: string, columns: string) => `
  insert into ledger_transfers select (jsonb_populate_record(t, '{"id": "${RUN_ID}", "cause": "x", "amount": 1}'
    || '${columns}'::jsonb)).*
  from ledger_transfers t where order_id = ${orderId} order by id limit 1`

/** One of an order's movements of stock once more, with other columns. */
const MOVED = (orderId: string, columns: string) => `
  insert into inventory_movements overriding user value
  select (jsonb_populate_record(m, jsonb_build_object(${columns}))).*
  from inventory_movements m where order_id = ${orderId} order by id limit 1`

const LINES_OF_WAITING = (change: string) => `update order_items ${change} where order_id = ${w.order()}`

/** A line that costs nothing, beside an order's first, with other columns. */
const GIFT = (orderId: string, columns: string) => `
  insert into order_items select (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(), 'position', 9,
    'unit_price', 0, 'discount', 0, 'total', 0, 'tax', 0, 'tax_included', 0, 'commission', 0, ${columns}))).*
  from order_items i where order_id = ${orderId} order by position limit 1`

const SAME = { rule: /^an order, its parts and their lines say the same/ }
const HISTORY = { rule: /^history is legal and whole/ }
const HELD = { rule: /^of each order and currency the ledger holds/ }

/** `says`: the part of a question with several that has to find it. */
const BROKEN: readonly { rule: RegExp; says?: RegExp; by: () => string[] }[] = [
  {
    rule: /^a captured payment has an outcome/,
    by: () => [`delete from refunds where order_id = ${c.order()}`],
  },
  {
    rule: /^no order keeps more captured money than its total/,
    by: () => [
      `insert into payment_attempts select (jsonb_populate_record(a, '{"id": "00000000-0000-7000-8000-000000000001",
         "provider_payment_id": "pay_2", "disposition": "surplus"}')).* from payment_attempts a where order_id = ${k.order()}`,
    ],
  },
  // Less, more, of another currency, none, two; and less than what was written off for it.
  ...[
    () => [`update payment_attempts set captured_amount = captured_amount - 1 where order_id = ${k.order()}`],
    () => [`update payment_attempts set captured_amount = captured_amount + 1 where order_id = ${k.order()}`],
    () => [`update payment_attempts set currency = 'USD' where order_id = ${k.order()}`],
    () => [`update payment_attempts set disposition = 'surplus' where order_id = ${k.order()}`],
    () => [
      'drop index payment_attempts_one_kept_per_share',
      `insert into payment_attempts select (jsonb_populate_record(a, '{"id": "${RUN_ID}", "provider_payment_id": "pay_2"}')).*
       from payment_attempts a where order_id = ${k.order()}`,
    ],
    () => [
      `update payment_attempts set captured_amount = captured_amount - 2 where order_id = ${k.order()}`,
      TRANSFER(k.order(), `{"kind": "write_off", "credit_account_id": "customer_funds:orders:INR"}`),
    ],
    // Of one share for the price of two, or of the other.
    () => [`update orders set wallet_amount = 1 where id = ${k.order()}`],
    () => [
      `update orders set wallet_amount = total where id = ${k.order()}`,
      `update payment_attempts set provider = 'wallet', captured_amount = captured_amount - 1 where order_id = ${k.order()}`,
    ],
  ].map((by) => ({ rule: /^each share of a confirmed order, but cash, has one capture of exactly its amount/, by })),
  {
    rule: /^the amounts of an attempt are those of its refunds/,
    by: () => [`update payments set captured_amount = captured_amount + 1 where id = ${k.payment()}`],
  },
  ...[`amount = amount - 1`, `currency = 'USD'`, `provider = 'wallet'`].map((change) => ({
    rule: /^the payments of an order ask for what their share of it costs/,
    by: () => [`update payments set ${change} where id = ${w.payment()}`],
  })),
  ...[
    `set unit_price = unit_price + 1, total = total + quantity`,
    `set unit_price = unit_price - 1, discount = discount - quantity`,
    `set discount = discount + 1, total = total - 1`,
    `set tax = tax + 1`,
    `set total = total + 1`,
    `set kind = 'delivery', product_id = null`,
  ].map((change) => ({ ...SAME, says: /costs another amount than its lines/, by: () => [LINES_OF_WAITING(change)] })),
  {
    ...SAME,
    says: /costs another amount than its lines/,
    by: () => [`delete from order_items where order_id = ${w.order()}`],
  },
  {
    ...SAME,
    says: /bears another commission than its lines/,
    by: () => [LINES_OF_WAITING('set commission = commission + 1')],
  },
  // Also where the product is more than a bigint holds: an error is not an answer.
  {
    ...SAME,
    says: /bears another commission than its lines/,
    by: () => [
      `update shop_orders set subtotal = 9000000000000000000, commission_bps = 10000 where order_id = ${w.order()}`,
    ],
  },
  { ...SAME, says: /tax in its prices/, by: () => [LINES_OF_WAITING('set tax_included = tax_included + 1')] },
  {
    ...SAME,
    says: /tax in its prices/,
    by: () => [`update orders set tax_included = tax_included + 1 where id = ${w.order()}`],
  },
  // Each amount of an order, with and without a total that adds up; of a part; and an order without parts.
  ...[
    'total = total + 1',
    'subtotal = subtotal + 1, total = total + 1',
    'discount = discount + 1, total = total - 1',
    'delivery_fee = delivery_fee + 1, total = total + 1',
    'tax = tax + 1, total = total + 1',
    'subtotal = subtotal + 1, tax = tax - 1',
  ].flatMap((change) =>
    ['orders set', 'shop_orders set'].map((update) => ({
      ...SAME,
      says: /its price does not add up, or is not that of its parts/,
      by: () => [`update ${update} ${change} where ${update === 'orders set' ? 'id' : 'order_id'} = ${w.order()}`],
    })),
  ),
  {
    ...SAME,
    says: /its price does not add up, or is not that of its parts/,
    by: () => [
      `delete from order_items where order_id = ${w.order()}`,
      `delete from shop_orders where order_id = ${w.order()}`,
    ],
  },
  // A line of another order's part, or of none; also one that costs nothing.
  ...[
    () => `update order_items set order_id = ${w.order()}, position = 9 where order_id = ${k.order()}`,
    () => `update order_items set shop_order_id = null where order_id = ${k.order()}`,
    () => GIFT(k.order(), `'order_id', ${w.order()}`),
    () => GIFT(k.order(), `'shop_order_id', null`),
  ].map((statement) => ({ ...SAME, says: /lines that are of no part of it/, by: () => [statement()] })),
  // A part that gives back a line without a refund, a refund that takes back nothing, and each alone.
  ...[
    () => `update order_items set returned_quantity = 1 where order_id = ${k.order()}`,
    () => `update order_items set returned_amount = 1 where order_id = ${k.order()}`,
    () => `update order_items set returned_quantity = 0 where order_id = ${c.order()}`,
    () => `update order_items set returned_amount = returned_amount - 1 where order_id = ${c.order()}`,
    () => TAKEN_BACK(k.order(), 1, 0),
    () => TAKEN_BACK(k.order(), 0, 1),
    () => TAKEN_BACK(w.order(), 1, 1),
  ].map((statement) => ({ rule: /^what was given back of a line/, by: () => [statement()] })),
  ...[
    () => `update shop_orders set returned_amount = 1 where order_id = ${k.order()}`,
    () => `update order_items set returned_amount = returned_amount - 1 where order_id = ${c.order()}`,
  ].map((statement) => ({ ...SAME, says: /gave back \d+, its lines \d+/, by: () => [statement()] })),
  {
    ...SAME,
    says: /units back in stock that were not given back: 1/,
    by: () => [`update order_items set restocked = 1 where order_id = ${k.order()}`],
  },
  ...[
    () => `update orders set given_back = true where id = ${k.order()}`,
    () => `update orders set given_back = false where id = ${c.order()}`,
    () => `update order_items set returned_quantity = quantity where order_id = ${k.order()}`,
    () => `update order_items set returned_quantity = returned_quantity - 1 where order_id = ${c.order()}`,
  ].map((statement) => ({ ...SAME, says: /disagree on whether anything is left to send/, by: () => [statement()] })),
  // A share in another account, one paisa of it in another, and one of an order that does not stand.
  ...[
    () => `update ledger_transfers set credit_account_id = 'delivery:' || split_part(credit_account_id, ':', 2) || ':INR'
           where kind = 'sale' and order_id = ${k.order()}`,
    () => `insert into ledger_transfers select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'cause', 'x',
             'amount', 1, 'debit_account_id', t.credit_account_id, 'credit_account_id', 'commission:hundi:INR'))).*
           from ledger_transfers t where kind = 'sale' and order_id = ${k.order()}`,
    () => `update order_items set commission = 1 where order_id = ${k.order()}`,
    () => `update order_items set house_discount = 1 where order_id = ${k.order()}`,
    () => `insert into ledger_transfers select (jsonb_populate_record(t, '{"id": "${RUN_ID}", "cause": "x", "amount": 1}')).*
           from ledger_transfers t where kind = 'sale' and order_id = ${c.order()}`,
    () => TRANSFER(k.order(), `{"credit_account_id": "tax:nobody:INR"}`),
    () => TRANSFER(k.order(), `{"credit_account_id": "tax:nobody:INR", "order_id": null}`),
    () => `delete from ledger_transfers where order_id = ${k.order()}`,
  ].map((statement) => ({ rule: /^each account has of an order its shares/, by: () => [statement()] })),
  { rule: /^stock: /, by: () => ['update inventory set reserved = reserved + 1'] },
  { rule: /^stock: /, by: () => ['update inventory set on_hand = on_hand - 1'] },
  // Nothing taken, one more, something that it does not have, and something for an order that does not stand.
  ...[
    () => `delete from inventory_movements where order_id = ${k.order()}`,
    () => `update inventory_movements set quantity = quantity - 1 where order_id = ${k.order()}`,
    () => MOVED(k.order(), `'product_id', gen_random_uuid()`),
    () => MOVED(k.order(), `'order_id', ${w.order()}`),
    () => MOVED(c.order(), `'quantity', -1`),
    () => `update orders set stock = 'deducted' where id = ${w.order()}`,
    () => `update order_items set restocked = 1 where order_id = ${k.order()}`,
  ].map((statement) => ({ rule: /^what an order took from stock/, by: () => [statement()] })),
  {
    rule: /^units are reserved while an order waits/,
    by: () => [`update orders set stock = 'released' where id = ${w.order()}`],
  },
  ...[
    () => `delete from ledger_transfers where kind = 'sale' and order_id = ${k.order()}`,
    () => `update payment_attempts set refunding_amount = 1 where order_id = ${k.order()}`,
    () => `update payment_attempts set currency = 'USD' where order_id = ${k.order()}`,
    () => `update shop_orders set returned_amount = 1 where order_id = ${k.order()}`,
    () => `update orders set status = 'cancelled' where id = ${k.order()}`,
    // Of another currency than the order's.
    () =>
      TRANSFER(
        k.order(),
        `{"debit_account_id": "suspense:x:USD", "credit_account_id": "customer_funds:orders:USD",
        "currency": "USD"}`,
      ),
    // A write-off of what was not held.
    () =>
      TRANSFER(
        k.order(),
        `{"kind": "write_off", "debit_account_id": "suspense:x:INR", "credit_account_id": "suspense:y:INR"}`,
      ),
  ].map((statement) => ({ ...HELD, says: /held for it \d+ too (much|little)/, by: () => [statement()] })),
  ...[
    () => `delete from ledger_transfers where order_id = ${k.order()}`,
    () => `delete from ledger_transfers where kind = 'refund' and order_id = ${c.order()}`,
    () => `update ledger_transfers set debit_account_id = 'suspense:razorpay:INR'
           where kind = 'capture' and order_id = ${k.order()}`,
    () => `update refunds set destination = 'wallet' where order_id = ${c.order()}`,
    () => `update refunds set currency = 'USD' where order_id = ${c.order()}`,
    () =>
      TRANSFER(
        k.order(),
        `{"kind": "refund", "debit_account_id": "suspense:x:INR", "credit_account_id": "bank:manual:INR"}`,
      ),
  ].map((statement) => ({
    ...HELD,
    says: /at the provider or the bank \d+ too (much|little)/,
    by: () => [statement()],
  })),
  ...[
    () => `delete from ledger_transfers where order_id = ${k.order()}`,
    () => `delete from ledger_transfers where kind = 'sale_reversed' and order_id = ${c.order()}`,
    () => `delete from ledger_transfers where kind = 'sale' and order_id = ${k.order()}`,
    () => `update shop_orders set returned_amount = 1 where order_id = ${k.order()}`,
    ...['seller_payable', 'commission', 'delivery', 'tax', 'discounts'].map(
      (kind) => () =>
        TRANSFER(k.order(), `{"debit_account_id": "suspense:x:INR", "credit_account_id": "${kind}:x:INR"}`),
    ),
    () =>
      TRANSFER(
        k.order(),
        `{"order_id": "${waiting.orderId}", "debit_account_id": "suspense:x:INR",
        "credit_account_id": "tax:x:INR"}`,
      ),
    // As much less in another currency.
    () =>
      `insert into ledger_transfers (id, debit_account_id, credit_account_id, amount, currency, kind, order_id, cause, created_at)
       values (gen_random_uuid(), 'suspense:x:USD', 'tax:x:USD', 1, 'USD', 'x', ${k.order()}, 'x', now()),
         (gen_random_uuid(), 'tax:x:INR', 'suspense:x:INR', 1, 'INR', 'x', ${k.order()}, 'y', now())`,
  ].map((statement) => ({ ...HELD, says: /earned \d+ too (much|little)/, by: () => [statement()] })),
  {
    rule: /^captures and processed refunds have one transfer each/,
    by: () => [`update ledger_transfers set amount = amount + 1 where kind = 'capture' and order_id = ${k.order()}`],
  },
  {
    rule: /^captures and processed refunds have one transfer each/,
    by: () => [`delete from ledger_transfers where kind = 'refund' and order_id = ${c.order()}`],
  },
  // An order that is ahead of its part, behind it, cancelled alone, and one that stands without a part.
  ...[
    () => `update orders set status = 'shipped' where id = ${k.order()}`,
    () => `update shop_orders set status = 'shipped' where order_id = ${k.order()}`,
    () => `update orders set status = 'cancelled' where id = ${w.order()}`,
    () => `update shop_orders set status = 'rejected' where order_id = ${k.order()}`,
    () => `update shop_orders set status = 'accepted' where order_id = ${c.order()}`,
    () => `update order_items set shop_order_id = null where order_id = ${k.order()};
           delete from shop_orders where order_id = ${k.order()}`,
  ].map((statement) => ({ rule: /^an order's status is what its parts make of it/, by: () => [statement()] })),
  {
    rule: /^an order's payment status is that of its money/,
    by: () => [`update orders set payment_status = 'verified' where id = ${k.order()}`],
  },
  {
    rule: /^an order that does not stand is under review/,
    by: () => [`update orders set payment_status = 'under_review' where id = ${w.order()}`],
  },
  {
    rule: /^an order that does not stand is under review/,
    by: () => [
      `update payment_attempts set disposition = 'review', refunding_amount = 0 where order_id = ${c.order()}`,
    ],
  },
  {
    rule: /^an order that does not stand is under review/,
    by: () => [
      `update payment_attempts set disposition = 'surplus', refunding_amount = 0 where order_id = ${c.order()}`,
    ],
  },
  {
    rule: /^ids that others gave us are known once/,
    by: () => [
      'alter table payments drop constraint payments_provider_provider_order_id_key',
      'update payments set provider_order_id = (select min(provider_order_id) from payments)',
    ],
  },
  {
    ...HISTORY,
    says: / → /,
    by: () => [
      `update events set from_status = 'shipped' where order_id = ${c.order()} and type = 'shop_order.cancelled'`,
    ],
  },
  ...[
    () => `delete from events where order_id = ${k.order()} and subject = 'shop_order'`,
    () => `update shop_orders set status = 'shipped' where order_id = ${k.order()}`,
  ].map((statement) => ({ ...HISTORY, says: /last event says/, by: () => [statement()] })),
  {
    ...HISTORY,
    says: / → /,
    by: () => [`delete from events where order_id = ${c.order()} and type = 'refund.processing'`],
  },
  {
    ...HISTORY,
    says: /last event says/,
    by: () => [`delete from events where order_id = ${c.order()} and type = 'order.cancelled'`],
  },
  {
    rule: /^an order is confirmed once/,
    by: () => [
      `insert into events (order_id, type, subject, subject_id, from_status, to_status, actor, created_at)
       select order_id, type, subject, subject_id, from_status, to_status, actor, now() from events
       where order_id = ${k.order()} and type = 'order.confirmed'`,
    ],
  },
  {
    rule: /^nothing waits in silence/,
    by: () => [`update orders set expires_at = null where id = ${w.order()}`],
  },
  {
    rule: /^nothing waits in silence/,
    by: () => [
      `update orders set payment_status = 'verified' where id = ${w.order()}`,
      `update payments set status = 'abandoned', next_look_at = null where id = ${w.payment()}`,
    ],
  },
  {
    rule: /^nothing waits in silence/,
    by: () => [`update payments set next_look_at = null where id = ${w.payment()}`],
  },
  {
    rule: /^nothing waits in silence/,
    by: () => [`update refunds set status = 'processing', next_look_at = null where order_id = ${c.order()}`],
  },
  {
    rule: /^no attempt was captured above its amount/,
    by: () => [`update payment_attempts set captured_amount = amount + 1 where order_id = ${k.order()}`],
  },
  {
    rule: /^no attempt was captured above its amount/,
    by: () => [`update payment_attempts set refunding_amount = captured_amount + 1 where order_id = ${k.order()}`],
  },
  {
    rule: /^no attempt was captured above its amount/,
    by: () => [`update payment_attempts set refunded_amount = refunding_amount + 1 where order_id = ${k.order()}`],
  },
  {
    rule: /^every transfer moves an amount/,
    by: () => [`update ledger_transfers set amount = 0 where kind = 'capture' and order_id = ${k.order()}`],
  },
  {
    rule: /^every transfer moves an amount/,
    by: () => [`update ledger_transfers set currency = 'USD' where kind = 'capture' and order_id = ${k.order()}`],
  },
  {
    rule: /^every transfer moves an amount/,
    by: () => [`update ledger_transfers set debit_account_id = credit_account_id where order_id = ${k.order()}`],
  },
  {
    rule: /^every transfer moves an amount/,
    by: () => [`delete from ledger_accounts where kind = 'provider_clearing'`],
  },
  {
    rule: /^the totals of closed days are those of their transfers/,
    by: () => [`insert into ledger_day_totals values ('customer_funds::INR', '2026-01-01', 5, 0, 5, 0)`],
  },
  {
    rule: /^the totals of closed days are those of their transfers/,
    by: () => [
      `update ledger_closing set closed_until = now() + interval '1 day', totalled_until = now() + interval '1 day'`,
    ],
  },
  // Each running total alone: the day's own sums are right.
  ...['debits', 'credits'].map((side) => ({
    rule: /^the totals of closed days are those of their transfers/,
    by: () => [
      `update ledger_closing set closed_until = now() + interval '1 day', totalled_until = now() + interval '1 day'`,
      `insert into ledger_day_totals (account_id, day, debits, credits, debits_to_date, credits_to_date)
       select account_id, day, sum(debit), sum(credit),
         sum(sum(debit)) over up_to_here + ${side === 'debits' ? 1 : 0}, sum(sum(credit)) over up_to_here + ${side === 'credits' ? 1 : 0}
       from (
         select debit_account_id as account_id, (created_at at time zone 'UTC')::date as day, amount as debit, 0 as credit
         from ledger_transfers
         union all
         select credit_account_id, (created_at at time zone 'UTC')::date, 0, amount from ledger_transfers
       ) sides group by account_id, day window up_to_here as (partition by account_id order by day)`,
    ],
  })),
  {
    rule: /^of each difference that the last comparison/,
    by: () => [RUN('completed'), LINE("'unknown_here', true")],
  },
  {
    rule: /^of each difference that the last comparison/,
    by: () => [RUN('completed'), LINE("'healing', false")],
  },
  {
    rule: /^a wallet holds what its transfers have left in it/,
    by: () => [
      `insert into wallets (user_id, currency, balance, updated_at) select min(id), 'INR', 1, now() from users`,
    ],
  },
  {
    rule: /^a wallet holds what its transfers have left in it/,
    by: () => [
      `update ledger_transfers set credit_account_id = 'wallet:nobody:INR' where kind = 'capture' and order_id = ${k.order()}`,
    ],
  },
  {
    rule: /^no part of an order gives back more than it sold/,
    by: () => [`update shop_orders set returned_amount = total + 1 where order_id = ${k.order()}`],
  },
  {
    rule: /^no part of an order gives back more than it sold/,
    by: () => [`update order_items set restocked = quantity + 1 where order_id = ${k.order()}`],
  },
  {
    rule: /^what two people must agree to was agreed to by two/,
    by: () => [`update refunds set approval = 'approved', approved_by = null where order_id = ${c.order()}`],
  },
  {
    rule: /^what two people must agree to was agreed to by two/,
    by: () => [
      `update refunds set approval = 'approved', requested_by = 'one', approved_by = 'one' where order_id = ${c.order()}`,
    ],
  },
  {
    rule: /^what two people must agree to was agreed to by two/,
    by: () => [`update refunds set approval = 'pending' where order_id = ${c.order()}`],
  },
  {
    rule: /^what belongs together belongs to one order/,
    by: () => [`update payment_attempts set order_id = ${w.order()} where order_id = ${k.order()}`],
  },
  {
    rule: /^what belongs together belongs to one order/,
    by: () => [`update refunds set order_id = ${k.order()} where order_id = ${c.order()}`],
  },
  {
    rule: /^what belongs together belongs to one order/,
    by: () => [
      `update ledger_transfers set kind = 'refund_to_wallet', credit_account_id = 'wallet:somebody:INR'
       where kind = 'capture' and order_id = ${k.order()}`,
    ],
  },
  {
    rule: /^what belongs together belongs to one order/,
    says: /wallet payment/,
    // Its money is said to have come from somebody's wallet; the ledger has it from the provider.
    by: () => [
      `update payments set provider = 'wallet' where id = ${k.payment()}`,
      `update payment_attempts set provider = 'wallet' where order_id = ${k.order()}`,
    ],
  },
  ...[
    () => `update payments set next_look_at = now() - interval '25 hours' where id = ${w.payment()}`,
    () => `update refunds set next_look_at = now() - interval '25 hours' where order_id = ${c.order()}`,
    () => `update webhook_events set next_attempt_at = now() - interval '25 hours' where order_id = ${k.order()}`,
    () => `update orders set expires_at = now() - interval '25 hours' where id = ${w.order()}`,
    () => RUN('running'),
    () => `update timetable set due_at = now() - interval '25 hours' where name = 'check'`,
  ].map((statement) => ({ rule: /^nothing that fell due was forgotten/, by: () => [statement()] })),
  {
    rule: /^what a provider paid out for each thing/,
    by: () => [
      RUN('completed'),
      `insert into settlement_lines (id, provider, entity_id, type, amount, debit, credit, fee, tax, currency, settlement_id,
         settled_at, run_id, created_at)
       select id, 'razorpay', 'pay_9', 'payment', 100, 0, 98, 2, 0, 'INR', 'setl_9', now(), id, now() from reconciliation_runs`,
    ],
  },
  {
    rule: /^a transfer to our bank account is the sum/,
    by: () => [
      `insert into settlements (provider, settlement_id, currency, settled_at, amount, lines_amount)
       values ('razorpay', 'setl_9', 'INR', now(), 100, 98)`,
    ],
  },
  {
    rule: /^a request with a key made one order/,
    by: () => [
      `insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id,
         response_status, created_at)
       values ('guest', 'POST /api/x', 'k', 'h', 'done', now(), '00000000-0000-7000-8000-000000000009', 200, now())`,
    ],
  },
  {
    rule: /^a request with a key made one order/,
    by: () => [
      `insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id,
         response_status, response_body, created_at)
       values ('guest', 'POST /api/orders', 'k', 'h', 'done', now(), '00000000-0000-7000-8000-000000000009', 201, '{}', now())`,
    ],
  },
  ...['sold', 'returned'].map((sum) => ({
    rule: /^what figures say was sold, and taken back, is what the ledger says/,
    by: () => [MOVE(sum, '1')],
  })),
  {
    rule: /^every order is counted in the figures, in the states that it is in/,
    by: () => [MOVE('to_stage, to_payment_status', 'status, payment_status')],
  },
]

for (const { rule, says, by } of BROKEN) {
  test(`found when it is broken: ${rule.source.slice(1)}${says === undefined ? '' : `: ${says.source}`}`, async () => {
    const found = await afterwards(by())
    assert.ok(
      found.some((line) => rule.test(line) && (says?.test(line) ?? true)),
      `found only ${JSON.stringify(found)}`,
    )
  })
}

test('what an order is to be is asked of its parts by the same table by which it follows them', async () => {
  const states = SHOP_ORDER_STATUSES.flatMap((status) => [true, false].map((isGivenBack) => ({ status, isGivenBack })))
  const all = multisets(states, 3).filter((parts) => parts.length > 0)
  const { query } = QUESTIONS.find(({ name }) => name === "an order's status is what its parts make of it") ?? {}
  assert.ok(query !== undefined && all.length === 679)
  // Tables of the same names stand before those of the database. An order whose status is a blank is always told of.
  const parts = all.flatMap((each, order) => each.map((part, at) => ({ order, id: order * 10 + at, ...part })))
  const { rows } = await shop.db.pool.query(
    `with orders as (select n as id, n::text as number, '' as status from generate_series(0, $1::int) n),
      shop_orders as (select * from unnest($2::int[], $3::int[], $4::text[]) as p (order_id, id, status)),
      order_items as (
        select p.order_id, p.id as shop_order_id, k.kind, 2 as quantity,
          case when p.is_given_back and k.kind <> 'delivery' then 2 else 1 end as returned_quantity
        from unnest($2::int[], $3::int[], $5::boolean[]) as p (order_id, id, is_given_back)
        cross join (values ('product'), ('delivery')) k (kind))
     select found.text from (${query}) as found (text)`,
    [
      all.length - 1,
      parts.map((part) => part.order),
      parts.map((part) => part.id),
      parts.map((part) => part.status),
      parts.map((part) => part.isGivenBack),
    ],
  )
  assert.deepEqual(
    rows.map(({ text }) => text).sort(),
    all
      .map(
        (each, order) =>
          `${order} is , its parts make it ${foldOrder(each.map((part, at) => ({ id: `${at}`, ...part })))}`,
      )
      .sort(),
  )
})

const asksSince = QUESTIONS.filter(({ querySince }) => querySince !== undefined).map(({ name }) => name)

for (const { rule, says, by } of BROKEN.filter((each) => asksSince.some((name) => each.rule.test(name)))) {
  test(`found too when history is asked about since its beginning: ${rule.source.slice(1)}${says === undefined ? '' : `: ${says.source}`}`, async () => {
    const found = await afterwards(by(), { seq: 0, at: new Date(0) })
    assert.ok(
      found.some((line) => rule.test(line) && (says?.test(line) ?? true)),
      `found only ${JSON.stringify(found)}`,
    )
  })
}

test('what breaks history after it was found right is found, whether it left an event or not', async () => {
  const { seq } = await shop.db.one<{ seq: number }>('test.seq', sql`select max(seq) as seq from events`)
  const mark = { seq, at: new Date() }
  assert.deepEqual(await afterwards([], mark), [])
  const again = (type: string) => `
    insert into events (order_id, type, subject, subject_id, from_status, to_status, actor, created_at)
    select order_id, type, subject, subject_id, from_status, to_status, actor, now() from events
    where order_id = ${k.order()} and type = '${type}'`
  const broken: [statement: string, rules: RegExp[]][] = [
    [again('order.confirmed'), [/^an order is confirmed once/, /^history is .* → /]],
    [
      `update orders set status = 'shipped', updated_at = now() where id = ${k.order()}`,
      [/^history is .* last event says /, /^an order's status is .* is shipped, its parts make it confirmed/],
    ],
    [
      `update payments set status = 'failed', updated_at = now() where id = ${w.payment()}`,
      [/^history is .* last event says /],
    ],
    [
      `update refunds set status = 'requested', updated_at = now() where order_id = ${c.order()}`,
      [/^history is .* last event says /],
    ],
  ]
  for (const [statement, rules] of broken) {
    const found = await afterwards([statement], mark)
    for (const rule of rules) {
      assert.ok(
        found.some((line) => rule.test(line)),
        `${rule.source} found only ${JSON.stringify(found)}`,
      )
    }
  }
})

test('there is no question that nothing here breaks', () => {
  const unbroken = QUESTIONS.map(({ name }) => name).filter((name) => !BROKEN.some(({ rule }) => rule.test(name)))
  assert.deepEqual(unbroken, [])
})

test('differences from the books of the provider are found, both ways', async () => {
  const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
  const books = body as ProviderBooks
  assert.deepEqual(await compareWithProvider(shop.db, books), [])
  const [first] = await shop.db.many<{ id: string; amount: number }>(
    'test.attempt',
    sql`select provider_payment_id as id, captured_amount as amount from payment_attempts where order_id = ${kept.orderId}`,
  )
  const line = `payment ${first?.id} of ${kept.providerOrderId} captured`
  const less = books.payments.filter((payment) => payment.id !== first?.id)
  assert.deepEqual(await compareWithProvider(shop.db, { ...books, payments: less }), [
    `only in our books: ${line} ${first?.amount} INR`,
  ])
  const other = books.payments.map((payment) => (payment.id === first?.id ? { ...payment, amount: 1 } : payment))
  assert.deepEqual(await compareWithProvider(shop.db, { ...books, payments: other }), [
    `only in our books: ${line} ${first?.amount} INR`,
    `only in the provider's books: ${line} 1 INR`,
  ])
  assert.deepEqual(await compareWithProvider(shop.db, { ...books, refunds: [] }), [
    `only in our books: refund ${books.refunds[0]?.id} of ${books.refunds[0]?.amount} INR`,
  ])
})
