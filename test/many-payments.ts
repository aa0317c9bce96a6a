/**
 * Many paid orders at once, in our tables and in a provider's books, the n-th of one the n-th of the other. What is
 * written is what buying them one by one would leave of orders, payments and attempts; other tables are left alone.
 */
import { sql, type Database } from '../server/platform/database.ts'
import type { BookedPayment } from './provider-books.ts'

export interface Many {
  /** The numbers of the orders, from 1. */
  from: number
  until: number
  /** When the first was made, and how far apart they are. */
  startMs: number
  everyMs: number
  amount: number
  shopId: string
  productId: string
}

/** Orders to write at once: some megabytes, within the time that a statement may take. */
const BATCH = 2_500

/** The n-th payment as the provider has it. */
export function bookedPayment(many: Pick<Many, 'startMs' | 'everyMs' | 'amount'>, n: number): BookedPayment {
  return {
    id: `pay_${String(n).padStart(14, '0')}`,
    order_id: `order_${String(n).padStart(14, '0')}`,
    amount: many.amount,
    status: 'captured',
    created_at: Math.floor((many.startMs + n * many.everyMs) / 1_000),
  }
}

/**
 * Writes orders that are paid, or, of those named in `unheard`, that wait for a payment which nobody told us of.
 */
export async function writeOrders(db: Database, many: Many, unheard: readonly number[] = []): Promise<void> {
  for (let from = many.from; from < many.until; from += BATCH) {
    await writeBatch(db, { ...many, from, until: Math.min(from + BATCH, many.until) }, unheard)
  }
}

async function writeBatch(db: Database, many: Many, unheard: readonly number[]): Promise<void> {
  const { from, until, startMs, everyMs, amount, shopId, productId } = many
  await db.alone.run(
    'test.writeOrders',
    sql`with n as (
          select n, lpad(to_hex(n), 12, '0') as hex, not n = any(${[...unheard]}::int[]) as paid,
            to_timestamp(floor((${startMs}::float8 + n * ${everyMs}::float8) / 1000)) as at
          from generate_series(${from}::int, ${until - 1}::int) as n
        ), made as (
          insert into orders (id, number, guest_token_hash, status, payment_status, payment_method, currency, subtotal, discount,
            delivery_fee, tax, tax_included, total, stock, expires_at, confirmed_at, created_at, updated_at)
          select ('00000000-0000-7000-8001-' || hex)::uuid, 'H-MANY-' || n, 'none', case when paid then 'confirmed' else 'pending' end,
            case when paid then 'paid' else 'pending' end, 'online', 'INR', ${amount}, 0, 0, 0, 0, ${amount},
            case when paid then 'deducted' else 'reserved' end, case when paid then null else at + interval '30 days' end,
            case when paid then at end, at, at from n
        ), part as (
          insert into shop_orders (id, order_id, shop_id, shop_name, status, auto_accept, commission_bps, subtotal, discount,
            delivery_fee, tax, total, created_at, updated_at)
          select ('00000000-0000-7000-8002-' || hex)::uuid, ('00000000-0000-7000-8001-' || hex)::uuid, ${shopId}::uuid, 'Many',
            case when paid then 'accepted' else 'pending' end, true, 0, ${amount}, 0, 0, 0, ${amount}, at, at from n
        ), line as (
          insert into order_items (id, order_id, shop_order_id, position, kind, product_id, title, unit_price, quantity, discount,
            tax_rate_bps, total)
          select ('00000000-0000-7000-8003-' || hex)::uuid, ('00000000-0000-7000-8001-' || hex)::uuid,
            ('00000000-0000-7000-8002-' || hex)::uuid, 1, 'product', ${productId}::uuid, 'Many', ${amount}, 1, 0, 0, ${amount} from n
        ), payment as (
          insert into payments (id, order_id, provider, provider_order_id, status, amount, currency, captured_amount, next_look_at,
            created_at, updated_at)
          select ('00000000-0000-7000-8004-' || hex)::uuid, ('00000000-0000-7000-8001-' || hex)::uuid, 'razorpay',
            'order_' || lpad(n::text, 14, '0'), case when paid then 'paid' else 'created' end, ${amount}, 'INR',
            case when paid then ${amount} else 0 end, case when paid then null else now() + interval '30 days' end, at, at from n
        ), attempt as (
          insert into payment_attempts (id, payment_id, order_id, provider, provider_payment_id, status, disposition, amount,
            currency, captured_amount, provider_created_at, created_at, updated_at)
          select ('00000000-0000-7000-8005-' || hex)::uuid, ('00000000-0000-7000-8004-' || hex)::uuid,
            ('00000000-0000-7000-8001-' || hex)::uuid, 'razorpay', 'pay_' || lpad(n::text, 14, '0'), 'captured', 'kept',
            ${amount}, 'INR', ${amount}, at, at, at from n where paid
        )
        select`,
  )
}
