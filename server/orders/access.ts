/** Who may see an order: its customer, the guest who holds its token, and admins. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Principal } from '../accounts/service.ts'
import { AppError } from '../platform/errors.ts'
import type { OrderRow } from './order.ts'

export interface Viewer {
  principal: Principal | undefined
  guestToken: string | undefined
}

/** For whom an answer is: what staff wrote down for themselves, a shopper is not told. */
export type Audience = 'shopper' | 'staff'

export function audienceOf(principal: Principal | undefined): Audience {
  return principal?.role === 'admin' ? 'staff' : 'shopper'
}

/**
 * The token of a guest's order. It is derived from the order's id and the server's secret, so that repeating the request
 * that placed the order gives the same token although only its digest is stored.
 */
export function guestTokenFor(secret: string, orderId: string): string {
  return createHmac('sha256', secret).update(`guest-order:${orderId}`).digest('base64url')
}

export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function guestTokenOf(request: FastifyRequest): string | undefined {
  const token = request.headers['x-guest-token']
  return typeof token === 'string' && token !== '' ? token : undefined
}

/** Throws `unauthenticated` for nobody, and `not_your_order` for anybody else than those who may see the order. */
export function assertMaySee(order: Pick<OrderRow, 'user_id' | 'guest_token_hash'>, viewer: Viewer): void {
  if (viewer.principal?.role === 'admin' || isOwner(order, viewer)) return
  if (viewer.principal === undefined && viewer.guestToken === undefined) {
    throw new AppError('unauthenticated', 'Sign in, or send the X-Guest-Token of this order.')
  }
  throw new AppError('not_your_order', 'This order belongs to somebody else.')
}

export function isOwner(order: Pick<OrderRow, 'user_id' | 'guest_token_hash'>, viewer: Viewer): boolean {
  if (viewer.principal !== undefined && order.user_id === viewer.principal.userId) return true
  if (viewer.guestToken === undefined || order.guest_token_hash === null) return false
  return timingSafeEqual(Buffer.from(digestOf(viewer.guestToken), 'hex'), Buffer.from(order.guest_token_hash, 'hex'))
}
