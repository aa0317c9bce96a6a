import type { FastifyRequest } from 'fastify'
import type { Accounts } from '../accounts/service.ts'
import type { Db } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import type { Ports } from '../platform/ports.ts'
import { addressOf } from '../platform/rate-limit.ts'
import { assertMaySee, guestTokenOf, isReturnToken, type Viewer } from './access.ts'
import { getOrder } from './finding.ts'
import type { OrderRow } from './order.ts'

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

/**
 * The order of which a request may be told what became of the money: one that it may see, or one of which this browser has
 * just come back from the provider with a valid signature.
 *
 * @throws as `visibleOrder`
 */
export async function tellableOrder(
  deps: { db: Db; secret: string; ports: Pick<Ports, 'clock'> },
  accounts: Accounts,
  request: FastifyRequest,
  orderId: string,
): Promise<OrderRow> {
  const token = request.headers['x-return-token']
  const now = deps.ports.clock.now()
  if (typeof token === 'string' && isId(orderId) && isReturnToken(deps.secret, orderId.toLowerCase(), token, now)) {
    return getOrder(deps.db, orderId)
  }
  return visibleOrder(deps.db, accounts, request, orderId)
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}

/** Whom a rate limit counts: the signed-in user, else the network address. */
export function clientOf(viewer: Viewer, request: FastifyRequest): string {
  return viewer.principal?.userId ?? addressOf(request)
}
