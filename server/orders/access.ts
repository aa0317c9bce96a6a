/** Who may see an order: its customer, the guest who holds its token, and admins. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Principal } from '../accounts/account.ts'
import { AppError } from '../platform/errors.ts'
import type { OrderRow } from './order.ts'

export interface Viewer {
  principal: Principal | undefined
  guestToken: string | undefined
}

/**
 * The token of a guest's order. It is derived from the order's id and the server's secret, so that repeating the request
 * that placed the order gives the same token although only its digest is stored.
 */
export function guestTokenFor(secret: string, orderId: string): string {
  return createHmac('sha256', secret).update(`guest-order:${orderId}`).digest('base64url')
}

/** Long enough to read what became of a payment, and to look again. */
const RETURN_TOKEN_MS = 3_600_000

/**
 * What a browser gets that came back from the provider with a valid signature: it may ask what became of the money of this
 * order, and no more. It may be another browser than the one that ordered, such as a payment app's own.
 */
export function returnTokenFor(secret: string, orderId: string, now: Date): string {
  const until = String(now.getTime() + RETURN_TOKEN_MS)
  return `${until}.${returnMac(secret, orderId, until)}`
}

export function isReturnToken(secret: string, orderId: string, token: string, now: Date): boolean {
  const [until = '', mac = '', ...more] = token.split('.')
  if (more.length > 0 || !/^\d{13}$/.test(until) || Number(until) <= now.getTime()) return false
  const expected = Buffer.from(returnMac(secret, orderId, until))
  const given = Buffer.from(mac)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function returnMac(secret: string, orderId: string, until: string): string {
  return createHmac('sha256', secret).update(`return:${orderId}:${until}`).digest('base64url')
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
