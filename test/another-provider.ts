/**
 * A second provider for tests: the sandbox's Razorpay under another name, with other manners. What the core asks of a
 * provider and Razorpay does not do (a page of its own, an order that can be closed) is played by the changes.
 */
import type { PaymentProvider } from '../server/payments/providers/provider.ts'

/**
 * @param real whose orders, payments and webhooks it has
 * @param changes what it does in another way; they call `real` where they only add to it
 */
export function anotherProvider(
  name: string,
  real: PaymentProvider,
  changes: Partial<PaymentProvider> = {},
): PaymentProvider {
  const changed = { ...real, ...changes }
  const renamed = Object.entries(changed).map(([member, value]) => [
    member,
    typeof value === 'function'
      ? (...args: unknown[]) => underName(name, real.name, (value as (...args: unknown[]) => unknown)(...args))
      : value,
  ])
  return { ...(Object.fromEntries(renamed) as PaymentProvider), name }
}

/** The same answer, with every fact in it told under the other name. */
function underName(name: string, real: string, value: unknown): unknown {
  if (value instanceof Promise) return value.then((answer: unknown) => underName(name, real, answer))
  if (Array.isArray(value)) return value.map((each) => underName(name, real, each))
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) =>
      key === 'provider' && each === real ? [key, name] : [key, underName(name, real, each)],
    ),
  )
}
