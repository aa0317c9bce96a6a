/**
 * The database's own limit: the rows of one paid order, written by four prepared statements of plain SQL in four
 * transactions, without any reading, checking or deciding. Nothing that has to decide can be faster.
 */
import { randomUUIDv7 } from 'node:crypto'
import pg from 'pg'

const PLACE = `with o as (
    insert into orders (id, number, guest_token_hash, email, customer_name, status, payment_status, payment_method, currency,
      subtotal, discount, delivery_fee, tax, tax_included, total, shipping_address, stock, expires_at, created_at, updated_at)
    values ($1::uuid, $1::uuid::text, repeat('0', 64), 'a@example.test', 'Ananya Deshpande', 'pending', 'pending', 'online', 'INR',
      24500, 0, 0, 0, 1167, 24500, '{"city":"Pune"}', 'reserved', now() + interval '30 min', now(), now())),
  k as (insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id, response_status, response_body, created_at)
    values ('guest', 'POST /api/orders', $1::uuid::text, repeat('0', 64), 'done', now(), $1, 201, repeat('x', 2000), now())),
  r as (update inventory set reserved = reserved + 1 where product_id = $2),
  s as (insert into shop_orders (id, order_id, shop_id, shop_name, status, auto_accept, commission_bps, subtotal, discount, delivery_fee, tax, total, created_at, updated_at)
    values ($3, $1, $4, 'Shop', 'pending', true, 0, 24500, 0, 0, 0, 24500, now(), now())),
  i as (insert into order_items (id, order_id, shop_order_id, position, kind, product_id, title, unit_price, quantity, discount, tax_rate_bps, total)
    values ($5, $1, $3, 0, 'product', $2, 'Pepper', 24500, 1, 0, 500, 24500)),
  p as (insert into payments (id, order_id, provider, status, amount, currency, next_look_at, created_at, updated_at)
    values ($6, $1, 'razorpay', 'creating', 24500, 'INR', now(), now(), now()))
  insert into events (order_id, type, subject, subject_id, to_status, actor, source, created_at) values ($1, 'order.placed', 'order', $1, 'pending', 'shopper', 'api', now())`
const OPEN = `with p as (update payments set status = 'created', provider_order_id = $1::uuid::text where id = $1::uuid),
  c as (insert into provider_calls (id, order_id, payment_id, provider, operation, request, outcome, http_status, reply, duration_ms, created_at)
    values ($2, $3, $1::uuid, 'razorpay', 'createOrder', '{"amount":24500}', 'accepted', 200, '{"id":"order"}', 3, now()))
  insert into events (order_id, type, subject, subject_id, from_status, to_status, actor, source, created_at) values ($3, 'payment.created', 'payment', $1::uuid, 'creating', 'created', 'provider', 'api', now())`
const PAY = `with a as (insert into payment_attempts (id, payment_id, order_id, provider, provider_payment_id, status, claimed, disposition, amount, currency, captured_amount, method, created_at, updated_at)
    values ($1::uuid, $2, $3, 'razorpay', $1::uuid::text, 'captured', true, 'kept', 24500, 'INR', 24500, 'upi', now(), now())),
  p as (update payments set status = 'paid', captured_amount = 24500, method = 'upi', next_look_at = null where id = $2),
  o as (update orders set status = 'confirmed', payment_status = 'paid', stock = 'deducted', confirmed_at = now(), expires_at = null where id = $3),
  s as (update shop_orders set status = 'accepted' where order_id = $3),
  n as (update inventory set on_hand = on_hand - 1, reserved = reserved - 1 where product_id = $4),
  m as (insert into inventory_movements (product_id, order_id, kind, quantity, created_at) values ($4, $3, 'sale', -1, now())),
  l as (insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
    values ($5, 'capture', 'provider_clearing:razorpay:INR', 'customer_funds:orders:INR', 24500, 'INR', $3, 'capture:' || $1::uuid, now()),
      ($6, 'sale', 'customer_funds:orders:INR', 'seller_payable:bench:INR', 24500, 'INR', $3, 'sale:' || $1::uuid, now())),
  c as (insert into provider_calls (id, order_id, payment_id, provider, operation, request, outcome, http_status, reply, duration_ms, created_at)
    values ($7, $3, $2, 'razorpay', 'fetchPayment', '{"id":"pay"}', 'accepted', 200, '{"id":"pay"}', 3, now()))
  insert into events (order_id, type, subject, subject_id, from_status, to_status, actor, source, created_at)
    select $3, t, 'payment', $2, 'created', 'paid', 'provider', 'verify', now() from unnest(array['payment.signature_verified', 'payment.attempt_captured', 'order.confirmed', 'payment.paid']) as t`
const HOOK = `insert into webhook_events (id, provider, event_id, type, raw_body, headers, signature_valid, status, order_id, received_at, processed_at)
  values ($1::uuid, 'razorpay', $1::uuid::text, 'payment.captured', repeat('x', 500)::bytea, '{"content-type":"application/json"}', true, 'processed', $2, now(), now())`

/** @returns orders written per second by `connections` at once, for `seconds` */
export async function plainSqlRate(
  databaseUrl: string,
  products: readonly string[],
  shopId: string,
  connections: number,
  seconds: number,
): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: databaseUrl })
      client.on('error', () => {})
      await client.connect()
      return client
    }),
  )
  await clients[0]?.query(
    `insert into ledger_accounts (id, kind, owner, currency) values ('provider_clearing:razorpay:INR', 'provider_clearing', 'razorpay', 'INR'),
       ('customer_funds:orders:INR', 'customer_funds', 'orders', 'INR'), ('seller_payable:bench:INR', 'seller_payable', 'bench', 'INR') on conflict do nothing`,
  )
  let written = 0
  const startedAt = performance.now()
  const until = startedAt + seconds * 1_000
  await Promise.all(
    clients.map(async (client, lane) => {
      for (let turn = lane; performance.now() < until; turn += 1) {
        const product = products[turn % products.length]
        const [order, part, item, payment, call, attempt, first, second, fetched, event] = Array.from(
          { length: 10 },
          () => randomUUIDv7(),
        )
        await client.query({ name: 'place', text: PLACE, values: [order, product, part, shopId, item, payment] })
        await client.query({ name: 'open', text: OPEN, values: [payment, call, order] })
        await client.query({
          name: 'pay',
          text: PAY,
          values: [attempt, payment, order, product, first, second, fetched],
        })
        await client.query({ name: 'hook', text: HOOK, values: [event, order] })
        written += 1
      }
    }),
  )
  const rate = written / ((performance.now() - startedAt) / 1_000)
  await Promise.all(clients.map((client) => client.end()))
  return rate
}
