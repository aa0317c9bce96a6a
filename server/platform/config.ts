/**
 * The configuration: read once, from the environment, checked as a whole, and frozen. Nothing else reads the
 * environment. A server that could take money in the wrong mode does not start: no live keys outside production, no
 * test keys in production unless SANDBOX says that no real money is meant, no provider without its webhook secret, and in
 * production neither the sandbox nor a secret that can be guessed. What is only unwise is said by config-warnings.ts.
 */
import { EnvironmentReader, isLoopback, type Problem } from './environment.ts'
import { passwordProblem } from './passwords.ts'
import { readProviders, type PayPalConfig, type RazorpayConfig, type StripeConfig } from './provider-config.ts'
import { weaknessOf } from './secret-strength.ts'
import { StartError } from './start-error.ts'

const ROLES = ['all', 'api', 'worker'] as const
const ENVIRONMENTS = ['development', 'test', 'production'] as const
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const DAY_S = 86_400
/** Shorter ones can be found by trying: it signs every session. */
const MIN_AUTH_SECRET_LENGTH = 32
const MIN_METRICS_TOKEN_LENGTH = 16
/** Chosen at the provider's dashboard. Whoever guesses it can tell us that orders were paid; each guess is a request. */
const MIN_WEBHOOK_SECRET_LENGTH = 12

export type Config = Readonly<{
  environment: (typeof ENVIRONMENTS)[number]
  role: (typeof ROLES)[number]
  /** HUNDI_DATA_DIR as given: relative to the current directory. */
  dataDir: string
  http: Readonly<{
    host: string
    port: number
    /** Origin of every link and redirect, without a slash at its end. */
    publicUrl: string
    /** PUBLIC_URL was not set: `publicUrl` is where the server listens. */
    isPublicUrlGuessed: boolean
    corsOrigins: readonly string[]
    /** How many proxies in front of us add to X-Forwarded-For. */
    trustProxyHops: number
  }>
  /** `url` undefined: the embedded PostgreSQL. */
  database: Readonly<{
    url: string | undefined
    /** How long a request may wait for a free connection before it is told to ask again. */
    waitMs: number
  }>
  auth: Readonly<{
    /** Undefined outside production: one is generated and kept in the data directory. */
    secret: string | undefined
    firstAdmin: Readonly<{ email: string; password: string }> | undefined
  }>
  seedDemo: boolean
  /** As shoppers see it in the payment window, and as search engines and previews of links do. */
  shopName: string
  /** IANA name: whose midnight begins a day in figures, lists and pages. */
  timeZone: string
  /** One sentence about the shop, for the same readers. */
  shopDescription: string
  /** Undefined: no keys were given. The sandbox, where it runs, stands in for every provider without keys. */
  razorpay: RazorpayConfig | undefined
  stripe: StripeConfig | undefined
  paypal: PayPalConfig | undefined
  sandbox: Readonly<{ enabled: boolean; port: number }>
  orders: Readonly<{
    ttlS: number
    /** What happens to a capture of another amount or currency: it waits for a person, or goes back at once. */
    mismatch: 'hold' | 'refund'
    /** Above this, in minor units of an order, a second person must agree to let money go; null: never. */
    refundApprovalAbove: number | null
    sellerAcceptTtlS: number
    pollAfterS: number
    /** Time of day in UTC. */
    reconcileAt: Readonly<{ hour: number; minute: number }>
    /** What one client may keep from others; null: no limit. */
    caps: Readonly<{ perProduct: number | null; unpaidOrders: number | null; unpaidUnits: number | null }>
  }>
  /** How long bodies of webhooks and replies of providers are kept. */
  retentionDays: number
  metrics: Readonly<{
    /** Whoever sends it is told the figures. */
    token: string | undefined
    /**
     * Whether programs on this machine are told without a token. Not where a proxy stands in front of us, or may stand
     * there without saying so: everybody comes from this machine then.
     */
    isOpenNearby: boolean
    /** Where a process that serves no pages (ROLE=worker) tells its figures; undefined: nowhere. */
    port: number | undefined
  }>
  /** Requests per client and minute; 0 switches every limit off. */
  rateLimit: Readonly<{ perMinute: number }>
  /** `smtpUrl` undefined: outside production mail is caught and shown by the sandbox. */
  mail: Readonly<{ smtpUrl: string | undefined; from: string }>
  log: Readonly<{ level: (typeof LOG_LEVELS)[number] }>
  /** HUNDI_CRASH_AT: the named point at which a crash test kills this process. */
  crashAt: string | undefined
}>

/** The configuration cannot be used. Its message is one line that names every wrong variable and no secret. */
export class ConfigError extends StartError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ variable, problem }) => `${variable} ${problem}`).join('; '))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const DEMO_NAME = 'Saat Dabbe'

function descriptionOf(shopName: string): string {
  return shopName === DEMO_NAME ? 'Three shops, one box, one payment.' : `${shopName}: order and pay online.`
}

/**
 * Reads the configuration from `env`, with the defaults of docs/design.md, section 6.
 *
 * @throws ConfigError when any variable is missing or wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = new EnvironmentReader(env)
  const environment = read.oneOf('NODE_ENV', ENVIRONMENTS, 'development')
  const isProduction = environment === 'production'
  const shopName = read.find('SHOP_NAME') ?? DEMO_NAME
  const databaseUrl = read.address('DATABASE_URL', ['postgres:', 'postgresql:'])
  const sandboxGiven = read.find('SANDBOX') !== undefined
  const sandboxForced = read.flag('SANDBOX', false)
  const providers = readProviders(read, { isProduction, sandboxGiven })
  const hasKeys = Object.values(providers).some((provider) => provider !== undefined)
  const http = readHttp(read)
  const perMinute = read.integer('RATE_LIMIT_PER_MINUTE', 60, [0, 1_000_000])
  const cap = (name: string, usual: number) => read.integer(name, usual, [0, 1_000_000]) || null
  const caps = {
    perProduct: cap('MAX_PER_PRODUCT', 100),
    unpaidOrders: cap('MAX_UNPAID_ORDERS', 50),
    unpaidUnits: cap('MAX_UNPAID_UNITS', 200),
  }
  const config: Config = {
    environment,
    role: read.oneOf('ROLE', ROLES, 'all'),
    dataDir: read.find('HUNDI_DATA_DIR') ?? '.hundi',
    http,
    database: { url: databaseUrl, waitMs: read.integer('DATABASE_WAIT_MS', 2_000, [1, 600_000]) },
    auth: readAuth(read, isProduction, shopName),
    // Demo log-ins have known passwords, which a production server must not have unless somebody asks for them.
    seedDemo: read.flag('SEED_DEMO', databaseUrl === undefined && !isProduction),
    shopName,
    timeZone: read.timeZone('SHOP_TIME_ZONE', 'Asia/Kolkata'),
    shopDescription: read.find('SHOP_DESCRIPTION') ?? descriptionOf(shopName),
    ...providers,
    sandbox: readSandbox(read, sandboxGiven ? sandboxForced : !isProduction && !hasKeys, http.port),
    orders: {
      ttlS: read.integer('ORDER_TTL_S', 1800, [1, 30 * DAY_S]),
      mismatch: read.oneOf('PAYMENT_MISMATCH', ['hold', 'refund'], 'hold'),
      refundApprovalAbove:
        read.find('REFUND_APPROVAL_ABOVE') === undefined
          ? null
          : read.integer('REFUND_APPROVAL_ABOVE', 0, [0, 1_000_000_000_000]),
      sellerAcceptTtlS: read.integer('SELLER_ACCEPT_TTL_S', 900, [1, 30 * DAY_S]),
      pollAfterS: read.integer('POLL_AFTER_S', 60, [1, DAY_S]),
      reconcileAt: readTimeOfDay(read, 'RECONCILE_AT', { hour: 2, minute: 30 }),
      // Without limits per client nobody is counted.
      caps: perMinute === 0 ? { ...caps, unpaidOrders: null, unpaidUnits: null } : caps,
    },
    retentionDays: read.integer('RETENTION_DAYS', 180, [1, 36_500]),
    metrics: readMetrics(read, !isProduction && http.trustProxyHops === 0 && isLoopback(http.publicUrl)),
    rateLimit: { perMinute },
    mail: readMail(read),
    log: { level: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info') },
    crashAt: read.find('HUNDI_CRASH_AT'),
  }
  if (isProduction) {
    if (config.crashAt !== undefined) read.refuse('HUNDI_CRASH_AT', 'is for tests, not for production')
    if (sandboxForced) read.refuse('SANDBOX', 'is on, and NODE_ENV is production: orders would be paid with no money')
    refuseWeakSecrets(read, config)
  }
  if (read.problems.length > 0) throw new ConfigError(read.problems)
  return deepFreeze(config)
}

/** Elsewhere than in production a secret may be as simple as trying things out is. */
function refuseWeakSecrets(read: EnvironmentReader, { auth, metrics, razorpay, stripe }: Config): void {
  const secrets: readonly (readonly [string, string | undefined, number])[] = [
    ['AUTH_SECRET', auth.secret, MIN_AUTH_SECRET_LENGTH],
    ['METRICS_TOKEN', metrics.token, MIN_METRICS_TOKEN_LENGTH],
    ...(razorpay?.webhookSecrets ?? []).map(
      (one) => ['RAZORPAY_WEBHOOK_SECRET', one, MIN_WEBHOOK_SECRET_LENGTH] as const,
    ),
    ...(stripe?.webhookSecrets ?? []).map((one) => ['STRIPE_WEBHOOK_SECRET', one, MIN_WEBHOOK_SECRET_LENGTH] as const),
  ]
  for (const [variable, secret, leastLength] of secrets) {
    const problem = secret === undefined ? undefined : weaknessOf(secret, leastLength)
    const isSaid = read.problems.some((each) => each.variable === variable)
    if (problem !== undefined && !isSaid) read.refuse(variable, problem)
  }
}

function readHttp(read: EnvironmentReader): Config['http'] {
  const host = read.find('HOST') ?? '127.0.0.1'
  if (/[\s/]/.test(host)) read.refuse('HOST', 'must be a host name or an address to listen on')
  const port = read.integer('PORT', 3000, [1, 65_535])
  const given = read.find('PUBLIC_URL')
  // Listening on every address is no address that a link can lead to.
  const named = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const publicUrl = given === undefined ? undefined : read.origin('PUBLIC_URL', given.replace(/\/+$/, ''))
  const corsOrigins = (read.find('CORS_ORIGINS') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => read.origin('CORS_ORIGINS', part))
    .filter((origin) => origin !== undefined)
  return {
    host,
    port,
    publicUrl: publicUrl ?? `http://${named}:${port}`,
    isPublicUrlGuessed: given === undefined,
    corsOrigins,
    trustProxyHops: read.integer('TRUST_PROXY', 0, [0, 10]),
  }
}

function readAuth(read: EnvironmentReader, isProduction: boolean, shopName: string): Config['auth'] {
  const secret = read.find('AUTH_SECRET')
  if (secret === undefined && isProduction) {
    read.refuse('AUTH_SECRET', 'is missing: production needs a random text of 32 characters or more')
  }
  if (secret !== undefined && secret.length < MIN_AUTH_SECRET_LENGTH) {
    read.refuse('AUTH_SECRET', `must have ${MIN_AUTH_SECRET_LENGTH} characters or more`)
  }
  const email = read.find('ADMIN_EMAIL')
  const password = read.find('ADMIN_PASSWORD')
  if (email !== undefined && !isAddress(email)) read.refuse('ADMIN_EMAIL', 'must be an e-mail address')
  if (email !== undefined && password === undefined) read.refuse('ADMIN_PASSWORD', 'is missing: ADMIN_EMAIL is set')
  if (email === undefined && password !== undefined) read.refuse('ADMIN_EMAIL', 'is missing: ADMIN_PASSWORD is set')
  const problem = password === undefined ? undefined : passwordProblem(password, [email ?? '', shopName])
  if (problem !== undefined) read.refuse('ADMIN_PASSWORD', problem)
  return { secret, firstAdmin: email !== undefined && password !== undefined ? { email, password } : undefined }
}

function readSandbox(read: EnvironmentReader, enabled: boolean, port: number): Config['sandbox'] {
  const sandboxPort = read.integer('SANDBOX_PORT', port + 1, [1, 65_535])
  if (enabled && sandboxPort > 65_535) read.refuse('SANDBOX_PORT', `is missing: PORT + 1 is no port`)
  if (enabled && sandboxPort === port) read.refuse('SANDBOX_PORT', 'must differ from PORT')
  return { enabled, port: sandboxPort }
}

function readMetrics(read: EnvironmentReader, isOpenNearby: boolean): Config['metrics'] {
  const token = read.find('METRICS_TOKEN')
  if (token !== undefined && token.length < MIN_METRICS_TOKEN_LENGTH) {
    read.refuse('METRICS_TOKEN', `must have ${MIN_METRICS_TOKEN_LENGTH} characters or more`)
  }
  const port = read.find('METRICS_PORT') === undefined ? undefined : read.integer('METRICS_PORT', 9_100, [1, 65_535])
  return { token, isOpenNearby, port }
}

function readTimeOfDay(read: EnvironmentReader, name: string, fallback: { hour: number; minute: number }) {
  const value = read.find(name)
  if (value === undefined) return fallback
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(value)
  if (match) return { hour: Number(match[1]), minute: Number(match[2]) }
  read.refuse(name, 'must be a time of day from 00:00 to 23:59')
  return fallback
}

function readMail(read: EnvironmentReader): Config['mail'] {
  const smtpUrl = read.address('SMTP_URL', ['smtp:', 'smtps:'])
  const from = read.find('MAIL_FROM')
  if (smtpUrl !== undefined && from === undefined) read.refuse('MAIL_FROM', 'is missing: SMTP_URL is set')
  const address = from === undefined ? undefined : (/<([^<>]*)>$/.exec(from)?.[1] ?? from)
  if (address !== undefined && !isAddress(address)) {
    read.refuse('MAIL_FROM', 'must be an e-mail address, or a name with one: Shop <orders@shop.example>')
  }
  return { smtpUrl, from: from ?? 'Hundi <orders@localhost>' }
}

function isAddress(text: string): boolean {
  return /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text)
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
