/** From configuration to the providers that can be paid with. The first is the one used when nobody asks for another. */
import type { PaymentProvider, Providers } from './payments/providers/provider.ts'
import { createRazorpay } from './payments/providers/razorpay/adapter.ts'
import type { Config } from './platform/config.ts'
import type { Ports } from './platform/ports.ts'

export function createProviders(config: Pick<Config, 'razorpay'>, ports: Ports, shopName: string): Providers {
  const made: PaymentProvider[] = []
  if (config.razorpay !== undefined) made.push(createRazorpay({ ...config.razorpay, shopName }, ports.network))
  return new Map(made.map((provider) => [provider.name, provider]))
}
