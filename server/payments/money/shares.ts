/**
 * What pays an order. An order has two shares, fixed when it is placed: what the customer's wallet pays, and the rest, which
 * any other way pays. Each share above zero is paid by one capture of exactly its amount, and the order is covered when each
 * is. Because the shares are fixed, whichever capture of a share is heard of first is kept, and no sum depends on it. Pure.
 */
import { allocate, subtract } from '../../../shared/money.ts'
import { BANK } from '../../ledger/movement.ts'
import type { LineReturn } from '../../orders/lines.ts'
import type { OrderRow } from '../../orders/order.ts'
import { heldOf, type AttemptRow } from './payment.ts'

/** The provider of payments that a customer's wallet makes. */
export const WALLET = 'wallet'

export type Share = 'wallet' | 'rest'

type Shared = Pick<OrderRow, 'total' | 'wallet_amount'>

/** Which share a payment of this provider pays. */
export function shareOf({ provider }: { provider: string }): Share {
  return provider === WALLET ? 'wallet' : 'rest'
}

/** Whether a provider makes this payment and can be asked about it: none makes a wallet's, or a transfer to our bank. */
export function isAtProvider({ provider }: { provider: string }): boolean {
  return provider !== WALLET && provider !== BANK
}

/** What a share is to pay, in minor units of the order's currency. */
export function amountOf(order: Shared, share: Share): number {
  return share === 'wallet' ? order.wallet_amount : subtract(order.total, order.wallet_amount)
}

type Paying = Pick<AttemptRow, 'provider' | 'disposition'>

/** Whether a capture pays this share. */
export function isKept(attempts: readonly Paying[], share: Share): boolean {
  return attempts.some((row) => row.disposition === 'kept' && shareOf(row) === share)
}

/** Whether everything that is to be paid for the order is. */
export function isCovered(order: Shared, attempts: readonly Paying[]): boolean {
  return (['wallet', 'rest'] as const).every((share) => amountOf(order, share) === 0 || isKept(attempts, share))
}

/** The captures that pay an order, the wallet's last: what can go back to a bank goes back there first. */
export function keptOf(attempts: readonly AttemptRow[]): AttemptRow[] {
  return attempts
    .filter((row) => row.disposition === 'kept')
    .sort((a, b) => Number(shareOf(a) === 'wallet') - Number(shareOf(b) === 'wallet'))
}

/** What of a refund comes from which capture. */
export interface Source {
  attempt: AttemptRow
  amount: number
}

/**
 * Takes an amount from the captures that pay an order, in proportion to what is held of each.
 *
 * @param amount not above what is held of them together
 */
export function sourcesOf(amount: number, kept: readonly AttemptRow[]): Source[] {
  const amounts = allocate(amount, kept.map(heldOf))
  return kept.map((attempt, at) => ({ attempt, amount: amounts[at] ?? 0 })).filter((source) => source.amount > 0)
}

/**
 * Shares out what lines give back over the sources that pay for it, line after line. The units of a line go with the last
 * of its money.
 *
 * @param amounts of the sources, together not below what the lines give back
 */
export function splitLines(lines: readonly LineReturn[], amounts: readonly number[]): LineReturn[][] {
  const taken: LineReturn[][] = amounts.map(() => [])
  let at = 0
  let room = amounts[0] ?? 0
  for (const { itemId, quantity, amount } of lines) {
    let left = amount
    while (left > room && at < amounts.length - 1) {
      if (room > 0) taken[at]?.push({ itemId, quantity: 0, amount: room })
      left = subtract(left, room)
      at += 1
      room = amounts[at] ?? 0
    }
    taken[at]?.push({ itemId, quantity, amount: left })
    room = subtract(room, left)
  }
  return taken
}
