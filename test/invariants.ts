/**
 * What must hold whatever happened: questions to the database that find no row when all is well, and a comparison of our
 * books with the provider's own. Each answer names the rule and the row that breaks it.
 *
 * `checkInvariants` holds at any moment. `compareWithProvider` is for a system at rest: every webhook processed, every
 * worker idle, nothing lost on the way that nobody has asked about yet.
 */
import { raw, type Db } from '../server/platform/database.ts'

interface Rule {
  name: string
  /** Selects one text per violation. */
  query: string
}

const LIVE_REFUNDS = `('requested', 'processing', 'processed')`
const CONFIRMED = `('confirmed', 'shipped', 'delivered')`

const RULES: readonly Rule[] = [
  {
    name: 'a captured payment has an outcome: a confirmed order, a refund, or an open review item',
    query: `
      select a.provider_payment_id || ' captured ' || a.captured_amount || ', order ' || o.status
      from payment_attempts a join orders o on o.id = a.order_id
      where a.captured_amount > 0
        and not (a.disposition = 'kept' and o.status in ${CONFIRMED})
        and a.captured_amount > coalesce((
          select sum(r.amount) from refunds r where r.attempt_id = a.id and r.status in ${LIVE_REFUNDS}), 0)
        and not exists (select from review_items i where i.attempt_id = a.id and i.resolved_at is null)`,
  },
  {
    name: 'no order keeps more captured money than its total',
    query: `
      select o.number || ' keeps ' || k.kept || ' of ' || o.total from orders o join (
        select order_id, sum(captured_amount - refunding_amount) as kept from payment_attempts
        where disposition in ('kept', 'surplus') group by order_id
      ) k on k.order_id = o.id where k.kept > o.total`,
  },
  {
    name: 'a confirmed order that is paid online has one capture of exactly its total',
    query: `
      select o.number from orders o where o.status in ${CONFIRMED} and o.payment_method = 'online' and 1 <> (
        select count(*) from payment_attempts a where a.order_id = o.id and a.disposition = 'kept'
          and a.captured_amount = o.total and a.currency = o.currency)`,
  },
  {
    name: 'the amounts of an attempt are those of its refunds, and of a payment those of its attempts',
    query: `
      select a.provider_payment_id from payment_attempts a
      where a.refunding_amount <> coalesce((
          select sum(r.amount) from refunds r where r.attempt_id = a.id and r.status in ${LIVE_REFUNDS}), 0)
        or a.refunded_amount <> coalesce((
          select sum(r.amount) from refunds r where r.attempt_id = a.id and r.status = 'processed'), 0)
      union all
      select p.id::text from payments p
      where (p.captured_amount, p.refunded_amount) <> (
        select coalesce(sum(a.captured_amount), 0), coalesce(sum(a.refunded_amount), 0)
        from payment_attempts a where a.payment_id = p.id and a.currency = p.currency)`,
  },
  {
    name: 'an order costs what its lines and its parts cost, and its payments ask for no other amount',
    query: `
      select o.number from orders o
      where o.total <> o.subtotal - o.discount + o.delivery_fee + o.tax
        or (o.subtotal, o.discount, o.delivery_fee, o.tax, o.total) <> (
          select coalesce(sum(s.subtotal), -1), sum(s.discount), sum(s.delivery_fee), sum(s.tax), sum(s.total)
          from shop_orders s where s.order_id = o.id)
        or o.subtotal is distinct from (select sum(i.unit_price * i.quantity) from order_items i where i.order_id = o.id)
        or exists (select from payments p where p.order_id = o.id and (p.amount <> o.total or p.currency <> o.currency))`,
  },
  {
    name: 'stock: 0 <= reserved <= on hand, on hand is the sum of movements, reserved that of waiting orders',
    query: `
      select i.product_id || ' on hand ' || i.on_hand || ', reserved ' || i.reserved from inventory i
      where i.reserved < 0 or i.reserved > i.on_hand
        or i.on_hand <> coalesce((select sum(m.quantity) from inventory_movements m where m.product_id = i.product_id), 0)
        or i.reserved <> coalesce((
          select sum(l.quantity) from order_items l join orders o on o.id = l.order_id
          where l.product_id = i.product_id and o.stock = 'reserved'), 0)`,
  },
  {
    name: 'what an order took from stock is what its lines say while it stands, and nothing when it does not',
    query: `
      select o.number || ' took ' || coalesce(-m.quantity, 0) from orders o
      join (select order_id, product_id, sum(quantity) as quantity from order_items group by 1, 2) l on l.order_id = o.id
      left join (select order_id, product_id, sum(quantity) as quantity from inventory_movements group by 1, 2) m
        on m.order_id = o.id and m.product_id = l.product_id
      where coalesce(-m.quantity, 0) <> case when o.stock = 'deducted' then l.quantity else 0 end`,
  },
  {
    name: 'units are reserved while an order waits, taken while it stands, given back when it is cancelled',
    query: `
      select o.number || ' ' || o.status || ' with units ' || o.stock from orders o
      where o.stock <> case when o.status = 'pending' then 'reserved' when o.status = 'cancelled' then 'released'
        else 'deducted' end`,
  },
  {
    name: 'what is held for an order in every currency is what was captured, less what goes back and what was sold',
    query: `
      select o.number || ' ' || l.currency || ' holds ' || l.held from orders o join (
        select order_id, currency, sum(
          (credit_account_id like 'customer_funds:%')::int * amount
          - (debit_account_id like 'customer_funds:%')::int * amount) as held
        from ledger_transfers group by 1, 2
      ) l on l.order_id = o.id
      where l.held <> coalesce((
          select sum(a.captured_amount - a.refunding_amount) from payment_attempts a
          where a.order_id = o.id and a.currency = l.currency), 0)
        - case when o.status in ${CONFIRMED} and l.currency = o.currency then o.total else 0 end`,
  },
  {
    name: 'captures and processed refunds have one transfer each, and no such transfer is without its cause',
    query: `
      select coalesce(s.cause, t.cause) || ' ' || coalesce(s.amount, 0) || ' / ' || coalesce(t.amount, 0) from (
        select 'capture:' || id as cause, captured_amount as amount, currency from payment_attempts where captured_amount > 0
        union all select 'refund_owed:' || id, amount, currency from refunds
        union all select 'refund:' || id, amount, currency from refunds where status = 'processed'
        union all select 'refund_given_up:' || id, amount, currency from refunds where status = 'failed'
      ) s full join (
        select cause, amount, currency from ledger_transfers
        where kind in ('capture', 'refund_owed', 'refund_given_up')
          or (kind = 'refund' and not exists (
            select from ledger_transfers back where back.cause = 'refund_returned:' || substr(ledger_transfers.cause, 8)))
      ) t on t.cause = s.cause
      where s.amount is distinct from t.amount or s.currency is distinct from t.currency`,
  },
  {
    name: "per order, the provider's clearing account holds what was captured less what went back",
    query: `
      select o.number || ' ' || l.currency || ' ' || l.held from orders o join (
        select order_id, currency, sum(
          (debit_account_id like 'provider_clearing:%')::int * amount
          - (credit_account_id like 'provider_clearing:%')::int * amount) as held
        from ledger_transfers group by 1, 2
      ) l on l.order_id = o.id
      where l.held <> coalesce((
        select sum(a.captured_amount - a.refunded_amount) from payment_attempts a
        where a.order_id = o.id and a.currency = l.currency), 0)`,
  },
  {
    name: 'what shops and we have earned of an order is its total while it stands, and nothing when it does not',
    query: `
      select o.number || ' ' || coalesce(l.earned, 0) from orders o left join (
        select order_id, sum(case when credit_account_id ~ '^(seller_payable|commission):' then amount else 0 end
          - case when debit_account_id ~ '^(seller_payable|commission):' then amount else 0 end) as earned
        from ledger_transfers group by 1
      ) l on l.order_id = o.id
      where coalesce(l.earned, 0) <> case when o.status in ${CONFIRMED} then o.total else 0 end`,
  },
  {
    name: "an order's payment status is that of its money",
    query: `
      select o.number || ' ' || o.status || '/' || o.payment_status from orders o
      where o.status in ${CONFIRMED} and o.payment_status not in ('paid', 'partially_refunded', 'refunded')
        or o.payment_status = 'refunded' and exists (
          select from payment_attempts a where a.order_id = o.id and a.disposition = 'kept'
            and a.refunded_amount < a.captured_amount)`,
  },
  {
    name: 'ids that others gave us are known once',
    query: `
      select 'provider order ' || provider_order_id from payments where provider_order_id is not null
        group by provider, provider_order_id having count(*) > 1
      union all select 'attempt ' || provider_payment_id from payment_attempts
        group by provider, provider_payment_id having count(*) > 1
      union all select 'refund ' || provider_refund_id from refunds where provider_refund_id is not null
        group by provider, provider_refund_id having count(*) > 1
      union all select 'event ' || event_id from webhook_events group by provider, event_id having count(*) > 1
      union all select 'open payments of ' || order_id from payments
        where status in ('creating', 'created', 'verified', 'authorized', 'failed') group by order_id having count(*) > 1`,
  },
  {
    name: 'history is legal: every change of an order, payment or refund starts where the last one ended',
    query: `
      select subject || ' ' || subject_id || ': ' || coalesce(before, 'nothing') || ' then ' || coalesce(from_status, 'nothing')
        || ' → ' || to_status
      from (
        select subject, subject_id, from_status, to_status,
          coalesce(lag(to_status) over (partition by subject, subject_id order by seq),
            case when subject = 'payment' then 'creating' end) as before
        from events where subject in ('order', 'payment', 'refund') and to_status is not null
      ) steps where from_status is distinct from before`,
  },
  {
    name: 'history is whole: the last change of an order, payment or refund led to its present status',
    query: `
      select s.subject || ' ' || s.id || ' is ' || s.status || ', last event says ' || coalesce(e.to_status, 'nothing') from (
        select 'order' as subject, id, status from orders
        union all select 'payment', id, status from payments where status <> 'creating'
        union all select 'refund', id, status from refunds
      ) s left join lateral (
        select to_status from events where subject = s.subject and subject_id = s.id and to_status is not null
        order by seq desc limit 1
      ) e on true where e.to_status is distinct from s.status`,
  },
  {
    name: 'an order is confirmed once, and once more only after it was revived',
    query: `
      select order_id::text from events where subject = 'order' and to_status = 'confirmed' group by order_id having count(*) > 1`,
  },
  {
    name: 'nothing waits in silence: what is undecided has a due time or an open review item',
    query: `
      select 'payment ' || p.id from payments p
        where p.status in ('creating', 'created', 'verified', 'authorized') and p.next_look_at is null
      union all select 'refund ' || id from refunds where status in ('requested', 'processing') and next_look_at is null
      union all select 'event ' || event_id from webhook_events where status = 'received' and next_attempt_at is null
      union all select 'order ' || o.number from orders o where o.status = 'pending' and (o.expires_at is null
        or o.payment_status not in ('pending', 'failed') and not exists (
          select from payments p where p.order_id = o.id and p.status in ('verified', 'authorized') and p.next_look_at is not null))
      union all select 'failed refund ' || r.id from refunds r where r.status = 'failed' and not exists (
        select from review_items i where i.attempt_id = r.attempt_id)`,
  },
  {
    name: 'a request with a key made one order and has its answer when it is done',
    query: `
      select key from idempotency_keys where status = 'done' and response_body is null
      union all select k.key from idempotency_keys k where k.status = 'done' and k.response_status = 201
        and k.endpoint = 'POST /api/orders' and not exists (select from orders o where o.id = k.effect_id)`,
  },
]

/** Gives one line per violation; none when all is well. Read-only. */
export async function checkInvariants(db: Db): Promise<string[]> {
  const found = await Promise.all(
    RULES.map(async ({ name, query }) => {
      const rows = await db.many<Record<string, string | null>>('invariant', raw(query))
      return rows.map((row) => `${name}: ${Object.values(row)[0]}`)
    }),
  )
  return found.flat()
}

/** What the sandbox's `GET /razorpay/_sandbox/state` tells, as far as money is concerned. */
export interface ProviderBooks {
  orders: { id: string; amount: number; currency: string }[]
  payments: {
    id: string
    order_id: string
    amount: number
    currency: string
    captured: boolean
    status: string
  }[]
  refunds: { id: string; payment_id: string; amount: number; currency: string; status: string }[]
}

/** Compares our books with the provider's, both ways. Gives one line per difference. */
export async function compareWithProvider(db: Db, books: ProviderBooks): Promise<string[]> {
  const [payments, attempts, refunds] = await Promise.all([
    db.many<{ provider_order_id: string; amount: number; currency: string }>(
      'invariant',
      raw(`select provider_order_id, amount, currency from payments where provider_order_id is not null`),
    ),
    db.many<{ provider_payment_id: string; provider_order_id: string; captured_amount: number; currency: string }>(
      'invariant',
      raw(`select a.provider_payment_id, p.provider_order_id, a.captured_amount, a.currency
           from payment_attempts a join payments p on p.id = a.payment_id`),
    ),
    db.many<{ provider_refund_id: string; amount: number; currency: string }>(
      'invariant',
      raw(`select provider_refund_id, amount, currency from refunds where status = 'processed'`),
    ),
  ])
  const ours = [
    ...payments.map((row) => `order ${row.provider_order_id} asks ${row.amount} ${row.currency}`),
    ...attempts
      .filter((row) => row.captured_amount > 0)
      .map((row) => captureLine(row.provider_payment_id, row.provider_order_id, row.captured_amount, row.currency)),
    ...refunds.map((row) => `refund ${row.provider_refund_id} of ${row.amount} ${row.currency}`),
  ]
  const known = new Set(payments.map((row) => row.provider_order_id))
  const captured = books.payments.filter((payment) => payment.captured)
  const capturedIds = new Set(captured.map((payment) => payment.id))
  const theirs = [
    // An order that nobody was shown, made by a call whose answer got lost, is harmless: unless it was paid.
    ...books.orders
      .filter((order) => known.has(order.id))
      .map((order) => `order ${order.id} asks ${order.amount} ${order.currency}`),
    ...captured.map((payment) => captureLine(payment.id, payment.order_id, payment.amount, payment.currency)),
    // What goes back of an authorization that was never captured is no refund of ours.
    ...books.refunds
      .filter((refund) => refund.status === 'processed' && capturedIds.has(refund.payment_id))
      .map((refund) => `refund ${refund.id} of ${refund.amount} ${refund.currency}`),
  ]
  return [
    ...without(ours, theirs).map((line) => `only in our books: ${line}`),
    ...without(theirs, ours).map((line) => `only in the provider's books: ${line}`),
  ]
}

function captureLine(paymentId: string, orderId: string, amount: number, currency: string): string {
  return `payment ${paymentId} of ${orderId} captured ${amount} ${currency}`
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others)
  return lines.filter((line) => !known.has(line))
}
