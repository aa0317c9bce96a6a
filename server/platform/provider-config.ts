/** Keys and addresses of the payment providers, and the rules that keep test money and real money apart. */
import type { EnvironmentReader } from './environment.ts'

export type RazorpayConfig = Readonly<{
  keyId: string
  keySecret: string
  /** Signatures by any of them are accepted; the newest comes first. Never empty, and no empty text in it. */
  webhookSecrets: readonly string[]
  /** Without a slash at its end, as in every base URL here. */
  baseUrl: string
  /** The address of the checkout script. */
  checkoutUrl: string
  /** For how many days after a payment was made its bank may still say yes. */
  lateMoneyDays: number
}>

export type StripeConfig = Readonly<{ secretKey: string; webhookSecrets: readonly string[]; baseUrl: string }>

export type PayPalConfig = Readonly<{
  clientId: string
  clientSecret: string
  /** PayPal signs with its own key; the id of the webhook is part of what is signed. Newest first, never empty. */
  webhookIds: readonly string[]
  baseUrl: string
}>

/** What the mode rules depend on. */
export type Mode = {
  isProduction: boolean
  /** Whether SANDBOX is set at all: who sets it has decided what kind of money this server takes. */
  sandboxGiven: boolean
}

const RAZORPAY_URL = 'https://api.razorpay.com'
const RAZORPAY_CHECKOUT_URL = 'https://checkout.razorpay.com/v1/checkout.js'
/**
 * Razorpay asks banks for up to three days about payments without an answer.
 * https://razorpay.com/docs/payments/payments/late-authorization
 */
export const RAZORPAY_LATE_MONEY_DAYS = 3
const STRIPE_URL = 'https://api.stripe.com'
const PAYPAL_LIVE_URL = 'https://api-m.paypal.com'
const PAYPAL_TEST_URL = 'https://api-m.sandbox.paypal.com'

/**
 * Reads all providers. One is configured when any of its keys is set; then all of them are needed, the webhook secret
 * too, for without it anybody could tell us that an order was paid.
 */
export function readProviders(read: EnvironmentReader, mode: Mode) {
  return { razorpay: readRazorpay(read, mode), stripe: readStripe(read, mode), paypal: readPayPal(read, mode) }
}

function readRazorpay(read: EnvironmentReader, mode: Mode): RazorpayConfig | undefined {
  const names = ['RAZORPAY_KEY_ID', 'RAZORPAY_KEY_SECRET', 'RAZORPAY_WEBHOOK_SECRET'] as const
  const baseUrl = read.webAddress('RAZORPAY_BASE_URL', RAZORPAY_URL)
  const checkoutUrl = read.webAddress('RAZORPAY_CHECKOUT_URL', RAZORPAY_CHECKOUT_URL)
  const webhookSecrets = read.secrets('RAZORPAY_WEBHOOK_SECRET')
  const lateMoneyDays = read.integer('RAZORPAY_LATE_MONEY_DAYS', RAZORPAY_LATE_MONEY_DAYS, [1, 30])
  if (!isConfigured(read, names)) return undefined
  const keyId = read.find('RAZORPAY_KEY_ID') ?? ''
  if (keyId !== '' && baseUrl === RAZORPAY_URL && !/^rzp_(test|live)_\w+$/.test(keyId)) {
    read.refuse('RAZORPAY_KEY_ID', 'must begin with rzp_test_ or rzp_live_')
  }
  checkMode(read, mode, 'RAZORPAY_KEY_ID', keyId.startsWith('rzp_live_') ? 'live' : 'test', baseUrl === RAZORPAY_URL)
  const keySecret = read.find('RAZORPAY_KEY_SECRET') ?? ''
  return { keyId, keySecret, webhookSecrets, baseUrl, checkoutUrl, lateMoneyDays }
}

function readStripe(read: EnvironmentReader, mode: Mode): StripeConfig | undefined {
  const baseUrl = read.webAddress('STRIPE_BASE_URL', STRIPE_URL)
  const webhookSecrets = read.secrets('STRIPE_WEBHOOK_SECRET')
  if (!isConfigured(read, ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'])) return undefined
  const secretKey = read.find('STRIPE_SECRET_KEY') ?? ''
  if (secretKey !== '' && baseUrl === STRIPE_URL && !/^(sk|rk)_(test|live)_\w+$/.test(secretKey)) {
    read.refuse('STRIPE_SECRET_KEY', 'must be a secret key: it begins with sk_test_, sk_live_, rk_test_ or rk_live_')
  }
  const kind = /^(sk|rk)_live_/.test(secretKey) ? 'live' : 'test'
  checkMode(read, mode, 'STRIPE_SECRET_KEY', kind, baseUrl === STRIPE_URL)
  return { secretKey, webhookSecrets, baseUrl }
}

/** PayPal's keys do not say whether they are live; its two addresses do. */
function readPayPal(read: EnvironmentReader, mode: Mode): PayPalConfig | undefined {
  const baseUrl = read.webAddress('PAYPAL_BASE_URL', mode.isProduction ? PAYPAL_LIVE_URL : PAYPAL_TEST_URL)
  const webhookIds = read.secrets('PAYPAL_WEBHOOK_ID')
  if (!isConfigured(read, ['PAYPAL_CLIENT_ID', 'PAYPAL_CLIENT_SECRET', 'PAYPAL_WEBHOOK_ID'])) return undefined
  const isReal = baseUrl === PAYPAL_LIVE_URL || baseUrl === PAYPAL_TEST_URL
  checkMode(read, mode, 'PAYPAL_BASE_URL', baseUrl === PAYPAL_LIVE_URL ? 'live' : 'test', isReal)
  return {
    clientId: read.find('PAYPAL_CLIENT_ID') ?? '',
    clientSecret: read.find('PAYPAL_CLIENT_SECRET') ?? '',
    webhookIds,
    baseUrl,
  }
}

function isConfigured(read: EnvironmentReader, names: readonly string[]): boolean {
  const missing = names.filter((name) => read.find(name) === undefined)
  if (missing.length === names.length) return false
  const given = names.find((name) => !missing.includes(name))
  for (const name of missing) read.refuse(name, `is missing: ${given} is set`)
  return true
}

/**
 * Refuses live keys wherever orders are not meant to be real, even with another address: they are too dear to try with.
 * Test keys at the provider's real address are refused in production, where orders would be sent out for no money,
 * unless SANDBOX was set by somebody who knows what this server is for.
 */
function checkMode(
  read: EnvironmentReader,
  mode: Mode,
  variable: string,
  kind: 'live' | 'test',
  isProvidersAddress: boolean,
): void {
  if (kind === 'live') {
    if (!mode.isProduction) read.refuse(variable, 'is live, and NODE_ENV is not production: real money would move')
  } else if (mode.isProduction && !mode.sandboxGiven && isProvidersAddress) {
    read.refuse(variable, 'is for tests, and NODE_ENV is production: use live keys, or set SANDBOX=0 for a test server')
  }
}
