import type { FastifyRequest } from 'fastify'
import type { Accounts } from '../accounts/service.ts'
import type { Db } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { addressOf } from '../platform/rate-limit.ts'
import { assertMaySee, guestTokenOf, type Viewer } from './access.ts'
import type { OrderRow } from './order.ts'
import { getOrder } from './service.ts'

export async function viewerOf(accounts: Accounts, request: FastifyRequest): Promise<Viewer> {
  return { principal: await accounts.find(request), guestToken: guestTokenOf(request) }
}

/**
 * The order that a request may act on.
 *
 * @throws unauthenticated, order_not_found (also for what is no order id at all), not_your_order
 */
export async function visibleOrder(
  db: Db,
  accounts: Accounts,
  request: FastifyRequest,
  orderId: string,
): Promise<OrderRow> {
  const viewer = await viewerOf(accounts, request)
  if (viewer.principal === undefined && viewer.guestToken === undefined) {
    throw new AppError('unauthenticated', 'Sign in, or send the X-Guest-Token of this order.')
  }
  if (!isId(orderId)) throw new AppError('order_not_found', 'There is no such order.')
  const order = await getOrder(db, orderId)
  assertMaySee(order, viewer)
  return order
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}

/** Whom a rate limit counts: the signed-in user, else the network address. */
export function clientOf(viewer: Viewer, request: FastifyRequest): string {
  return viewer.principal?.userId ?? addressOf(request)
}
