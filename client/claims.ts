/**
 * What the provider's window handed to this browser and the server has not answered for yet. It is written down before
 * it is sent, so that a reload, a crash or a dead battery in between does not lose it.
 */
import type { VerifyPaymentBody } from './shapes.ts'
import { readJson, type TextStorage } from './storage.ts'

export type Claim = VerifyPaymentBody & { orderId: string }

const key = (orderId: string) => `hundi.claim.${orderId}`

export function claims(storage: TextStorage) {
  return {
    keep: (claim: Claim): void => storage.set(key(claim.orderId), JSON.stringify(claim)),
    find(orderId: string): Claim | undefined {
      const stored = readJson(storage, key(orderId)) as Partial<Claim> | null | undefined
      return stored?.orderId === orderId ? (stored as Claim) : undefined
    },
    forget: (orderId: string): void => storage.remove(key(orderId)),
  }
}
