/**
 * D12, D17: the tables defend themselves. Whatever code or a person with a prompt sends, at whatever isolation, these
 * statements are refused by the database, by a constraint, an index or a trigger; what it cannot refuse is found by
 * `npm run check` (test/invariants.test.ts).
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, sql, violatedConstraint, type Sql } from '../../server/platform/database.ts'
import { atRest, paidOnce, pay, place, verify, written, type Placed } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'
import { stockedShop, type Shop } from '../shop.ts'

const PRICE = 24_500
const UNIQUE = '23505'
const CHECK = '23514'
/** What a trigger of ours raises. */
const REFUSED = '23001'

let shop: Shop
let productId: string
let order: Placed

before(async () => {
  ;({ shop, productId } = await stockedShop({ price: PRICE, stock: 10 }))
  order = await place(shop, productId)
  await verify(shop, order, await pay(shop, order))
  await atRest(shop)
})
after(() => shop.close())

const RULES: readonly { ids?: string; what: string; statement(): Sql; code: string; constraint?: string }[] = [
  {
    what: 'a second capture is kept for an order',
    statement: () => sql`
      insert into payment_attempts select (jsonb_populate_record(a, jsonb_build_object(
        'id', gen_random_uuid(), 'provider_payment_id', 'pay_second'))).* from payment_attempts a where order_id = ${order.orderId}`,
    code: UNIQUE,
    constraint: 'payment_attempts_one_kept_per_share',
  },
  {
    what: 'one payment of the provider pays twice',
    statement: () => sql`
      insert into payment_attempts select (jsonb_populate_record(a, jsonb_build_object(
        'id', gen_random_uuid(), 'disposition', 'surplus'))).* from payment_attempts a where order_id = ${order.orderId}`,
    code: UNIQUE,
    constraint: 'payment_attempts_provider_provider_payment_id_key',
  },
  {
    what: 'more goes back than was captured',
    statement: () =>
      sql`update payment_attempts set refunding_amount = captured_amount + 1 where order_id = ${order.orderId}`,
    code: CHECK,
  },
  {
    what: 'more has gone back than was promised',
    statement: () =>
      sql`update payment_attempts set refunded_amount = refunding_amount + 1 where order_id = ${order.orderId}`,
    code: CHECK,
  },
  {
    what: 'what is promised to go back is written off as well',
    statement: () => sql`
      update payment_attempts set refunding_amount = captured_amount, written_off_amount = 1 where order_id = ${order.orderId}`,
    code: CHECK,
    constraint: 'payment_attempts_promised_once',
  },
  {
    what: 'more units are promised than there are',
    statement: () => sql`update inventory set reserved = on_hand + 1 where product_id = ${productId}`,
    code: CHECK,
  },
  {
    what: 'units are taken that are not there',
    statement: () => sql`update inventory set on_hand = -1 where product_id = ${productId}`,
    code: CHECK,
  },
  {
    what: 'an order costs something else than its parts say',
    statement: () => sql`update orders set total = total - 1 where id = ${order.orderId}`,
    code: CHECK,
  },
  {
    ids: 'A18 D12',
    what: 'an order has a negative price',
    statement: () => sql`update orders set subtotal = -1, total = -1 + delivery_fee + tax where id = ${order.orderId}`,
    code: CHECK,
  },
  {
    what: 'an order is confirmed whose units were not taken',
    statement: () => sql`update orders set stock = 'reserved' where id = ${order.orderId}`,
    code: CHECK,
  },
  {
    what: 'a payment that is open is not looked at again',
    statement: () => sql`update payments set status = 'created', next_look_at = null where order_id = ${order.orderId}`,
    code: CHECK,
  },
  {
    what: 'two payments belong to one provider order',
    statement: () => sql`
      insert into payments select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid()))).*
      from payments p where order_id = ${order.orderId}`,
    code: UNIQUE,
    constraint: 'payments_provider_provider_order_id_key',
  },
  {
    what: 'a movement of money is booked twice',
    statement: () => sql`
      insert into ledger_transfers select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).*
      from ledger_transfers t where order_id = ${order.orderId}`,
    code: UNIQUE,
    constraint: 'ledger_transfers_cause_key',
  },
  {
    what: 'nothing is moved, or from an account to itself',
    statement: () => sql`
      insert into ledger_transfers select (jsonb_populate_record(t, jsonb_build_object(
        'id', gen_random_uuid(), 'cause', 'test', 'amount', 0))).* from ledger_transfers t where order_id = ${order.orderId} limit 1`,
    code: CHECK,
  },
  {
    what: 'a wallet is overdrawn',
    statement: () => sql`
      insert into wallets (user_id, currency, balance, updated_at) select id, 'INR', -1, now() from users limit 1`,
    code: CHECK,
  },
  {
    what: 'one person agrees to his own refund',
    statement: () => sql`
      insert into refunds (id, order_id, payment_id, attempt_id, provider, amount, currency, status, reason, idempotency_key,
        next_look_at, requested_by, approval, approved_by, created_at, updated_at)
      select gen_random_uuid(), order_id, payment_id, id, provider, 1, currency, 'requested', 'test', 'test', now(), 'me',
        'approved', 'me', now(), now() from payment_attempts where order_id = ${order.orderId}`,
    code: CHECK,
    constraint: 'refunds_second_person',
  },
]

for (const { ids = 'D12', what, statement, code, constraint } of RULES) {
  test(`${ids} refused by the database: ${what}`, async () => {
    await assert.rejects(shop.db.alone.run('test.break', statement()), (error) => {
      assert.equal(codeOf(error), code, String(error))
      if (constraint !== undefined) assert.equal(violatedConstraint(error), constraint)
      return true
    })
    assert.deepEqual(await written(shop.db, order.orderId), paidOnce(PRICE))
    assert.deepEqual(await checkInvariants(shop.db), [])
  })
}

test('D12 W1 one event of a provider is stored once, whoever stores it', async () => {
  const body = paymentEvent('payment.captured', { id: 'pay_D12', orderId: 'order_D12', amount: 1, status: 'captured' })
  const event = signed(shop, body, 'evt_D12')
  await Promise.all(Array.from({ length: 10 }, () => deliver(shop, event)))
  const again = sql`
    insert into webhook_events select (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid()))).*
    from webhook_events e where event_id = 'evt_D12'`
  await assert.rejects(shop.db.alone.run('test.break', again), (error) => codeOf(error) === UNIQUE)
})

for (const [what, statement] of [
  ['a booked amount is changed', sql`update ledger_transfers set amount = amount + 1`],
  ['a booking is removed', sql`delete from ledger_transfers`],
  ['what happened to an order is changed', sql`update events set to_status = 'paid'`],
  ['what happened to an order is removed', sql`delete from events`],
] as const) {
  test(`D17 refused by the database: ${what}`, async () => {
    await assert.rejects(shop.db.alone.run('test.edit', statement), (error) => {
      assert.equal(codeOf(error), REFUSED, String(error))
      return true
    })
    assert.deepEqual(await written(shop.db, order.orderId), paidOnce(PRICE))
  })
}
