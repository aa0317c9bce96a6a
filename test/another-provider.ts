/**
 * A second provider for tests: the sandbox's Razorpay under another name, with other manners. What the core asks of a
 * provider and Razorpay does not do (a page of its own, an order that can be closed) is played by the changes.
 */
import type { PaymentFact } from '../server/payments/money/payment.ts'
import type { PaymentProvider } from '../server/payments/providers/provider.ts'

export interface Manners extends Partial<PaymentProvider> {
  /** How it tells a fact, whoever asked. */
  retell?: (fact: PaymentFact) => PaymentFact
}

/**
 * @param real whose orders, payments and webhooks it has
 * @param manners what it does in another way; they call `real` where they only add to it
 */
export function anotherProvider(name: string, real: PaymentProvider, manners: Manners = {}): PaymentProvider {
  const { retell = (fact) => fact, ...changes } = manners
  const tell = (fact: PaymentFact) => retell({ ...fact, provider: name })
  return { ...(retelling(real.name, tell, { ...real, ...changes }) as PaymentProvider), name }
}

/** The same object, whose functions tell facts in the other way, those of its parts too. */
function retelling(real: string, tell: (fact: PaymentFact) => PaymentFact, value: unknown): unknown {
  if (typeof value === 'function') {
    return (...args: unknown[]) => retold(real, tell, (value as (...args: unknown[]) => unknown)(...args))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([member, part]) => [member, retelling(real, tell, part)]))
}

/** The same answer, with every fact in it told in the other way. */
function retold(real: string, tell: (fact: PaymentFact) => PaymentFact, value: unknown): unknown {
  if (value instanceof Promise) return value.then((answer: unknown) => retold(real, tell, answer))
  if (Array.isArray(value)) return value.map((each) => retold(real, tell, each))
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error) return value
  if ('provider' in value && value.provider === real) return tell(value as PaymentFact)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, retold(real, tell, each)]))
}
