/** Everything that the page shows and a test may want to look at, newest first. */
import { PROVIDER, type Shop } from './shop.ts'
import type { Page } from './tables.ts'

const DEFAULT_LIMIT = 50
const MOST = 1000

/**
 * `orderId` narrows it to one order, `limit` bounds each list, and with the `revision` of an earlier answer the reply is
 * only `{revision, unchanged: true}` while nothing has happened.
 */
export function readState(shop: Shop, query: Record<string, unknown>) {
  const { world, tables, outbox } = shop
  const revision = world.revision()
  const now = world.agenda.now()
  if (query.revision !== undefined && Number(query.revision) === revision) return { revision, now, unchanged: true }
  const limit = Math.min(Number(query.limit) > 0 ? Math.floor(Number(query.limit)) : DEFAULT_LIMIT, MOST)
  const page: Page = {
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    count: limit,
    skip: 0,
    changedUntil: Number.MAX_SAFE_INTEGER,
  }
  const shared = {
    revision,
    now,
    unchanged: false,
    settings: shop.settings,
    webhookUrls: outbox.receivers.list(),
    faults: world.faults.list(PROVIDER),
    disputes: tables.listDisputes(page),
    planned: tables.listSteps().slice(0, limit),
  }
  const orderId = query.orderId
  if (typeof orderId === 'string') {
    const order = tables.findOrder(orderId)
    const payments = tables.paymentsOfOrder(orderId).map(({ doc }) => doc)
    return {
      ...shared,
      orders: order === undefined ? [] : [order.doc],
      payments,
      disputes: shared.disputes.filter((dispute) => payments.some(({ id }) => id === dispute.payment_id)),
      refunds: payments.flatMap((payment) => tables.refundsOfPayment(payment.id, page)),
      webhooks: outbox.list(limit, orderId),
      calls: world.calls.list(PROVIDER, limit).filter((call) => call.path.includes(orderId)),
    }
  }
  return {
    ...shared,
    orders: tables.listOrders(page, {}),
    payments: tables.listPayments(page).map(({ doc }) => doc),
    refunds: tables.listRefunds(page),
    webhooks: outbox.list(limit),
    calls: world.calls.list(PROVIDER, limit),
  }
}
