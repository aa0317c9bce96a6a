/** What is done to an order after it was placed, by its owner, by an admin, or by time. */
import type { OrderStatus } from '../../shared/contract/orders.ts'
import { postponeExpiry } from '../orders/change-queries.ts'
import { invalidTransition, moveByHand } from '../orders/changes.ts'
import { getOrder } from '../orders/finding.ts'
import { partsCancelled } from '../orders/parts.ts'
import { lockOrder, listSaleLines, listShopOrders, listExpired } from '../orders/queries.ts'
import { doOrAsk, type Agreement, type WaitsFor } from '../payments/by-hand/second-person.ts'
import { endParts } from '../payments/cancel.ts'
import { lockMoney } from '../payments/change.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { waitsForPerson } from '../payments/money/payment.ts'
import { amountOf, isAtProvider } from '../payments/money/shares.ts'
import { askProvider } from '../payments/poll.ts'
import { listPayments } from '../payments/queries.ts'
import { inTransaction } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import type { Pass } from '../platform/passes.ts'

/**
 * Cancels what of an order is not on its way: all of it, and the order with it, or those of its parts that are not, and
 * the order is what the others make of it. The provider is asked first: money that came meanwhile is settled, and then goes back like any other
 * money of a cancelled order. When the provider does not answer the order is cancelled all the same, because money that
 * turns up later is refunded by `settle`.
 *
 * @param by `agreed`: the second person's word, for an admin's decision that waited for it
 * @throws invalid_transition for orders that are on their way as a whole, delivered or cancelled; SecondPersonNeeded when an admin
 *   would send back more than one person may
 */
export async function cancelOrder(deps: PaymentDeps, orderId: string, by: Canceller): Promise<void> {
  const seen = await getOrder(deps.db, orderId)
  if (seen.status !== 'pending' && seen.status !== 'confirmed') throw invalidTransition(seen.status, 'cancelled')
  if (seen.status === 'pending') await askAboutOpenPayments(deps, orderId, { capture: false })
  await inTransaction(deps.db, 'cancelOrder', async (tx) => {
    const money = await lockMoney(tx, orderId)
    const { status } = money.order
    if (status !== 'pending' && status !== 'confirmed') throw invalidTransition(status, 'cancelled')
    const who = { actor: by.actor, actorId: by.actorId, source: 'api', note: by.note }
    const ending = { parts: partsCancelled(money.lines), reason: by.actor, by: who }
    if (by.actor === 'shopper') return endParts(tx, deps, money, ending)
    const hand = { adminId: by.actorId, ...(by.agreed === undefined ? {} : { agreed: by.agreed }) }
    return endParts(tx, deps, money, ending, hand)
  })
}

type Canceller = { note?: string | undefined } & (
  | { actor: 'shopper'; actorId: string | null }
  | { actor: 'admin'; actorId: string; agreed?: Agreement }
)

/**
 * Cancels an order on an admin's word; when more would go back than one person may decide, a second one is asked, and the
 * order stays as it is until then.
 *
 * @returns where it waits; undefined when it is cancelled
 */
export function cancelByAdmin(
  deps: PaymentDeps,
  orderId: string,
  adminId: string,
  note: string | undefined,
): Promise<WaitsFor | undefined> {
  const wish = {
    action: 'cancel' as const,
    order_id: orderId,
    review_item_id: null,
    payment_id: null,
    reason: note ?? '',
    reference: null,
  }
  return doOrAsk(deps, wish, adminId, () => cancelOrder(deps, orderId, { actor: 'admin', actorId: adminId, note }))
}

/**
 * Moves an order as an admin says: shipped, delivered, cancelled. Those of its parts move that may, and the order follows.
 * Only money confirms an order.
 *
 * @returns where it waits for a second person; undefined when it is done
 * @throws invalid_transition when no part may move, with the part that its shop has not accepted, and when nothing is left
 *   to send
 */
export async function changeStatus(
  deps: PaymentDeps,
  orderId: string,
  to: OrderStatus,
  adminId: string,
  note: string | undefined,
): Promise<WaitsFor | undefined> {
  if (to === 'cancelled') return cancelByAdmin(deps, orderId, adminId, note)
  await inTransaction(deps.db, 'changeStatus', async (tx) => {
    const order = await lockOrder(tx, orderId)
    if (order === undefined) throw new AppError('order_not_found', 'There is no such order.')
    const [parts, lines] = await Promise.all([listShopOrders(tx, [orderId]), listSaleLines(tx, orderId)])
    moveByHand(tx, deps.ports, order, parts, lines, to, adminId)
  })
  return undefined
}

const EXPIRY_BATCH = 20
/** How long an order is kept before it is looked at again, while a capture on it waits for a person. */
const HOLD_MS = 3_600_000

/**
 * Ends orders whose time to pay has passed. Each is asked about once more first, so that a lost webhook does not cost a
 * shopper the order. An order whose shopper brought a signature is not ended by time: its payment is asked about until
 * the provider is sure.
 */
export function expiryPass(deps: PaymentDeps): Pass {
  return {
    name: 'orders.expire',
    intervalMs: 1_000,
    async runOnce() {
      const due = await listExpired(deps.db, deps.ports.clock.now(), EXPIRY_BATCH)
      let ended = 0
      for (const { id } of due) {
        try {
          await askAboutOpenPayments(deps, id, { capture: true })
          if (await expire(deps, id)) ended += 1
        } catch (error) {
          deps.log.error({ err: error, orderId: id }, 'an order could not be expired now')
        }
      }
      return ended
    },
  }
}

async function expire(deps: PaymentDeps, orderId: string): Promise<boolean> {
  return inTransaction(deps.db, 'expireOrder', async (tx) => {
    const money = await lockMoney(tx, orderId)
    const { order, attempts } = money
    const now = deps.ports.clock.now()
    const due = order.status === 'pending' && order.expires_at !== null && order.expires_at <= now
    // Confirmed, verified or cancelled while it was asked about. Money that came and went back does not keep an order.
    if (!due || order.payment_status === 'verified') return false
    const asked = { amount: amountOf(order, 'rest'), currency: order.currency }
    const isHeldAtBank = attempts.some((row) => row.disposition === 'none' && waitsForPerson(row, asked))
    const isAsked = attempts.some((row) => row.disposition === 'review')
    if (isAsked || (isHeldAtBank && order.payment_status === 'under_review')) {
      // Money that differs waits for a person: its units are kept for it until that person has decided.
      postponeExpiry(tx, orderId, new Date(now.getTime() + HOLD_MS), now)
      return false
    }
    await endParts(tx, deps, money, {
      parts: partsCancelled(money.lines),
      reason: 'expired',
      by: { actor: 'system', actorId: null, source: 'worker' },
    })
    return true
  })
}

async function askAboutOpenPayments(deps: PaymentDeps, orderId: string, options: { capture: boolean }): Promise<void> {
  for (const payment of await listPayments(deps.db, [orderId])) {
    if (isAtProvider(payment) && payment.provider_order_id !== null && payment.status !== 'abandoned') {
      await askProvider(deps, payment, options)
    }
  }
}
