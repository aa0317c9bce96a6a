/** What people do at the review queue, over HTTP, for tests. */
import assert from 'node:assert/strict'
import type { ReviewItem, ReviewItemDetail } from '../shared/contract/reviews.ts'
import { sql, type Db } from '../server/platform/database.ts'
import { atRest, pay, placedBy, type Placed } from './buyer.ts'
import { orderBody, stockedShop, type Answer, type CallOptions, type Shop, type ShopOptions } from './shop.ts'

export const PRICE = 24_500
/** The sandbox captures one rupee less, or more. */
export const SHORT = PRICE - 100
export const OVER = PRICE + 100

export interface Desk {
  /** The open items of an order, the oldest first. */
  openOf(orderId: string): Promise<ReviewItem[]>
  /** The one open item of an order, which must be of this kind. */
  theOpen(orderId: string, kind: string): Promise<ReviewItem>
  detail(id: string): Promise<ReviewItemDetail>
  decide(id: string, body: Record<string, unknown>, more?: Pick<CallOptions, 'as' | 'key'>): Promise<Answer>
  /** Decides, which must be taken. Gives the item. */
  decided(id: string, body: Record<string, unknown>, more?: Pick<CallOptions, 'as' | 'key'>): Promise<ReviewItem>
}

/** The queue as an admin uses it. */
export function deskOf(shop: Shop, admin: { authorization: string }): Desk {
  async function detail(id: string): Promise<ReviewItemDetail> {
    const answer = await shop.call('GET', `/api/admin/reviews/${id}`, { as: admin })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body.data
  }
  const desk: Desk = {
    async openOf(orderId) {
      const answer = await shop.call('GET', '/api/admin/reviews?limit=100', { as: admin })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const items: ReviewItem[] = answer.body.data.items
      return items.filter((item) => item.orderId === orderId)
    },
    async theOpen(orderId, kind) {
      const items = await desk.openOf(orderId)
      assert.deepEqual(
        items.map((item) => item.kind),
        [kind],
      )
      const [item] = items
      assert.ok(item)
      return item
    },
    detail,
    decide: (id, body, more = {}) =>
      shop.call('POST', `/api/admin/reviews/${id}/actions`, {
        as: admin,
        body: { reason: 'Looked into it', ...body },
        ...more,
      }),
    async decided(id, body, more) {
      const answer = await desk.decide(id, body, more)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body.data.item
    },
  }
  return desk
}

/** Places an order as a customer who has an account, and so a wallet. */
export async function placeAs(shop: Shop, as: { authorization: string }, productId: string): Promise<Placed> {
  const { email: _, ...body } = orderBody(productId)
  const answer = await shop.call('POST', '/api/orders', { as, body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return placedBy(answer)
}

/** What an account holds by the transfers of all orders: credits less debits. */
export async function credited(db: Db, account: string): Promise<number> {
  const row = await db.one<{ held: number }>(
    'test.credited',
    sql`select coalesce(sum(case when credit_account_id = ${account} then amount else -amount end), 0)::bigint as held
        from ledger_transfers where credit_account_id = ${account} or debit_account_id = ${account}`,
  )
  return row.held
}

export type ReviewWorld = Awaited<ReturnType<typeof openReviewWorld>>

/** A shop with people at the queue, a customer, and the ways in which questions come about. */
export async function openReviewWorld(options: Pick<ShopOptions, 'refundApprovalAbove'> = {}) {
  const { shop, admin, productId } = await stockedShop({ price: PRICE, stock: 1_000, ...options })
  const desk = deskOf(shop, admin)
  const customer = await shop.signedIn({ role: 'customer', email: 'customer@example.test' })
  const second = await shop.signedIn({ role: 'admin', email: 'second@example.test' })
  const seller = await shop.signedIn({ role: 'seller', email: 'seller@example.test' })
  // Weeks pass in some tests.
  await shop.db.alone.run('test.sessions', sql`update sessions set expires_at = now() + interval '1 year'`)

  async function fault(rule: Record<string, unknown>): Promise<void> {
    const answer = await shop.control('POST', '/razorpay/_sandbox/faults', rule)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
  }

  async function cancel(placed: Placed): Promise<void> {
    const answer = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
  }

  return {
    shop,
    admin,
    productId,
    desk,
    customer,
    second,
    seller,
    fault,
    cancel,
    /** Where the provider sends its webhooks. */
    hooks: () => `${shop.url}/api/payments/webhook/razorpay`,
    /** An order of the customer whose capture differs. */
    async differing(outcome: 'short_capture' | 'over_capture' | 'wrong_currency') {
      const placed = await placeAs(shop, customer, productId)
      const { sandbox } = await pay(shop, placed, outcome)
      await atRest(shop)
      const kind = outcome === 'wrong_currency' ? 'currency_differs' : 'amount_differs'
      return { placed, sandboxId: sandbox.paymentId, item: await desk.theOpen(placed.orderId, kind) }
    },
    /** A cancelled order whose refund the provider refused. */
    async refundRefused() {
      const placed = await placeAs(shop, customer, productId)
      const { sandbox } = await pay(shop, placed)
      await atRest(shop)
      await cancel(placed)
      await fault({
        match: 'POST .*/refund$',
        kind: 'error',
        status: 400,
        code: 'BAD_REQUEST_ERROR',
        description: 'Your account does not have enough balance to carry out the refund operation.',
      })
      await atRest(shop)
      return { placed, sandboxId: sandbox.paymentId, item: await desk.theOpen(placed.orderId, 'refund_failed') }
    },
    /** What an order's timeline tells of this type. */
    async eventsOf(orderId: string, type: string): Promise<{ actor: string; data: Record<string, unknown> }[]> {
      const answer = await shop.call('GET', `/api/orders/${orderId}/events`, { as: admin })
      const events: { type: string; actor: string; data: Record<string, unknown> }[] = answer.body.data.events
      return events.filter((event) => event.type === type)
    },
  }
}
