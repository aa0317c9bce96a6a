/**
 * What an operator should hear at every start, because the server starts all the same: each is right on somebody's
 * machine, and dear on a shop's. What is never right stops the start, in config.ts.
 */
import type { Config } from './config.ts'
import { isLoopback, type Problem } from './environment.ts'

/** One sentence each, without any value that could be a secret. */
export function warningsOf(config: Config): Problem[] {
  const warnings: Problem[] = []
  const warn = (variable: string, problem: string) => void warnings.push({ variable, problem })
  const { http } = config
  const isSecure = http.publicUrl.startsWith('https:')
  if (config.environment === 'production') {
    if (http.isPublicUrlGuessed) warn('PUBLIC_URL', `is not set: links and redirects lead to ${http.publicUrl}`)
    else if (!isSecure) warn('PUBLIC_URL', 'is http: passwords, sessions and addresses can be read on the way')
    if (isSecure && http.trustProxyHops === 0) {
      warn('TRUST_PROXY', 'is 0 and PUBLIC_URL is https: behind a proxy all clients count as one, and share one limit')
    }
    if (http.corsOrigins.some((origin) => origin.startsWith('http:'))) {
      warn('CORS_ORIGINS', 'has an origin with http: whoever is on the way can act for those who are signed in there')
    }
    if (config.database.url === undefined) {
      warn('DATABASE_URL', `is not set: the shop's money is in ${config.dataDir}, of which nobody makes backups`)
    }
    if (config.seedDemo) warn('SEED_DEMO', 'is on: the demo shop is filled in')
    if (config.rateLimit.perMinute === 0) warn('RATE_LIMIT_PER_MINUTE', 'is 0: nothing limits who guesses or floods')
    if (config.metrics.port !== undefined && config.metrics.token === undefined) {
      warn('METRICS_TOKEN', 'is not set: nobody is told the figures at METRICS_PORT')
    }
    for (const address of providerAddresses(config)) warn(address.variable, address.problem)
  } else if (config.sandbox.enabled && !isLoopback(http.publicUrl)) {
    warn('SANDBOX', 'is on and PUBLIC_URL is not this machine: whoever reaches the shop can buy for no money')
  }
  return warnings
}

const PROVIDERS_OWN = /^https:\/\/((api|checkout)\.razorpay\.com|api\.stripe\.com|api-m\.(sandbox\.)?paypal\.com)(\/|$)/

function providerAddresses({ razorpay, stripe, paypal }: Config): Problem[] {
  const used = [
    ['RAZORPAY_BASE_URL', razorpay?.baseUrl],
    ['RAZORPAY_CHECKOUT_URL', razorpay?.checkoutUrl],
    ['STRIPE_BASE_URL', stripe?.baseUrl],
    ['PAYPAL_BASE_URL', paypal?.baseUrl],
  ] as const
  return used.flatMap(([variable, url]) => {
    if (url === undefined || PROVIDERS_OWN.test(url)) return []
    const problem = url.startsWith('http:')
      ? "is http, and not the provider's: our keys can be read on the way"
      : "is not the provider's own address: whoever answers there is believed about money"
    return [{ variable, problem }]
  })
}
