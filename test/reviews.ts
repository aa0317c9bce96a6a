/** What people do at the review queue, over HTTP, for tests. */
import assert from 'node:assert/strict'
import type { ReviewItem, ReviewItemDetail } from '../shared/contract/reviews.ts'
import { sql, type Db } from '../server/platform/database.ts'
import { placedBy, type Placed } from './buyer.ts'
import { orderBody, type Answer, type CallOptions, type Shop } from './shop.ts'

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
