/** What every use case of payments works with: the providers, and the one way to call them. */
import { isMultipleOf, toDecimal } from '../../shared/money.ts'
import { raiseAlert } from '../platform/alerts.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import type { Policy } from './money/draft.ts'
import type { PaymentRow } from './money/payment.ts'
import { callProvider, type Breaker, type Called } from './providers/call.ts'
import type { PaymentProvider, Providers, TakenAmounts } from './providers/provider.ts'

/** Everything that payment use cases need beside `Deps`. */
export interface PaymentDeps extends Deps {
  providers: Providers
  breaker: Breaker
  policy: Policy
  /** How long an order may wait for its payment. */
  orderTtlS: number
  /** Where shoppers find us: the origin of our pages, and of what providers send them back to. */
  publicUrl: string
}

/** The provider that an order is paid with: the one asked for, or the only or first one there is. */
export function chooseProvider(deps: PaymentDeps, name: string | undefined, currency: string): PaymentProvider {
  const able = [...deps.providers.values()].filter((provider) => provider.takesCurrency(currency))
  const chosen = name === undefined ? able[0] : deps.providers.get(name)
  if (chosen === undefined) {
    if (name !== undefined) throw invalidField('provider', `is not one of: ${[...deps.providers.keys()].join(', ')}`)
    throw new AppError('currency_not_supported', `No provider takes ${currency}.`, { details: { providers: [] } })
  }
  if (!chosen.takesCurrency(currency)) {
    throw new AppError('currency_not_supported', `${chosen.title} does not take ${currency}.`, {
      details: { providers: able.map((provider) => provider.name) },
    })
  }
  return chosen
}

/**
 * The provider of this name, or the only or first one there is.
 *
 * @throws validation_failed naming `provider`
 */
export function chooseByName(deps: PaymentDeps, name: string | undefined): PaymentProvider {
  const chosen = name === undefined ? deps.providers.values().next().value : deps.providers.get(name)
  if (chosen !== undefined) return chosen
  throw invalidField('provider', `is not one of: ${[...deps.providers.keys()].join(', ')}`)
}

/** Whether nobody asks its provider now, because it has answered nobody of late. */
export function isResting(deps: PaymentDeps, { provider }: { provider: string }): boolean {
  return deps.breaker.resting().includes(provider)
}

/** The adapter of a payment's provider. Throws provider_unavailable when it is set up no longer. */
export function providerOf(deps: PaymentDeps, payment: Pick<PaymentRow, 'provider'>): PaymentProvider {
  const provider = deps.providers.get(payment.provider)
  if (provider === undefined) {
    throw new AppError('provider_unavailable', `${payment.provider} is not set up here.`)
  }
  return provider
}

/** The amounts that go through a payment's provider; any where no provider is asked. */
export function amountsThrough(
  deps: Pick<PaymentDeps, 'providers'>,
  { provider, currency }: { provider: string; currency: string },
): TakenAmounts {
  return deps.providers.get(provider)?.amountsIn(currency) ?? { least: 0, step: 1 }
}

/** Why an amount does not go through a payment's provider, with `does` for what it does not do with it; undefined when it does. */
export function whyNotThrough(
  deps: Pick<PaymentDeps, 'providers'>,
  paid: { provider: string; currency: string },
  amount: number,
  does: 'takes' | 'sends back',
): string | undefined {
  const { least, step } = amountsThrough(deps, paid)
  const title = deps.providers.get(paid.provider)?.title ?? paid.provider
  const told = (bound: number) => `${paid.currency} ${toDecimal(bound, paid.currency)}`
  if (amount < least) return `${title} ${does} no less than ${told(least)} at once`
  return isMultipleOf(amount, step) ? undefined : `${title} ${does} only multiples of ${told(step)}`
}

/**
 * Refuses what its provider would not send back, before it is asked.
 *
 * @throws validation_failed naming `field`, with `details.minimum`
 */
export function assertSendable(
  deps: PaymentDeps,
  paid: { provider: string; currency: string },
  amount: number,
  field: string,
): void {
  const message = whyNotThrough(deps, paid, amount, 'sends back')
  if (message === undefined) return
  throw new AppError('validation_failed', `${field}: ${message}`, {
    details: { fields: [{ field, message }], minimum: amountsThrough(deps, paid).least },
  })
}

/**
 * A call about a payment, through the door that all provider calls take. An outage that begins here is an alert.
 *
 * @param payment without ids for a call about no payment in particular
 */
export async function call<T>(
  deps: PaymentDeps,
  payment: { id: string | null; order_id: string | null; provider: string },
  operation: string,
  request: Record<string, unknown>,
  work: Parameters<typeof callProvider<T>>[3],
  tries = 1,
): Promise<Called<T>> {
  const subject = { provider: payment.provider, operation, orderId: payment.order_id, paymentId: payment.id, request }
  const called = await callProvider(deps.ports, deps.breaker, subject, work, tries)
  if (called.openedCircuit) {
    const said = called.reply.outcome === 'unknown' ? called.reply.message : ''
    deps.log.error({ provider: payment.provider, operation, said }, 'a provider does not answer; its circuit is open')
    await raiseAlert(deps.db.alone, deps.ports, {
      kind: 'provider_unreachable',
      key: payment.provider,
      severity: 'page',
      summary: `${payment.provider} does not answer: ${said}`,
    })
  }
  return called
}
