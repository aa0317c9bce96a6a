import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Config, ConfigError, readConfig } from './config.ts'

type Env = Record<string, string>

/** Random, once. */
const SECRET = 'vA4kq2Yt9mWz0LrXe7HsPbN1uCdJfG6i'
const TOKEN = '9f31c07ae4d26b58'
const [NEW, OLD] = ['h7Gq2mVxLr9T', 'Zk48nBwYc0pD']

const RAZORPAY_TEST: Env = {
  RAZORPAY_KEY_ID: 'rzp_test_abc',
  RAZORPAY_KEY_SECRET: 'key secret',
  RAZORPAY_WEBHOOK_SECRET: OLD,
}
const RAZORPAY_LIVE: Env = { ...RAZORPAY_TEST, RAZORPAY_KEY_ID: 'rzp_live_abc' }
const STRIPE_TEST: Env = { STRIPE_SECRET_KEY: 'sk_test_abc', STRIPE_WEBHOOK_SECRET: 'whsec_8fK2mQ' }
const PAYPAL: Env = { PAYPAL_CLIENT_ID: 'client', PAYPAL_CLIENT_SECRET: 'secret', PAYPAL_WEBHOOK_ID: '1AB' }
const PRODUCTION: Env = { NODE_ENV: 'production', AUTH_SECRET: SECRET, DATABASE_URL: 'postgres://db/hundi' }

test('an empty environment is a shop to try out on this machine', () => {
  assert.deepEqual(readConfig({}), {
    environment: 'development',
    role: 'all',
    dataDir: '.hundi',
    http: {
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
      isPublicUrlGuessed: true,
      corsOrigins: [],
      trustProxyHops: 0,
    },
    database: { url: undefined, waitMs: 2_000 },
    auth: { secret: undefined, firstAdmin: undefined },
    seedDemo: true,
    shopName: 'Saat Dabbe',
    timeZone: 'Asia/Kolkata',
    shopDescription: 'Three shops, one box, one payment.',
    razorpay: undefined,
    stripe: undefined,
    paypal: undefined,
    sandbox: { enabled: true, port: 3001 },
    orders: {
      ttlS: 1800,
      mismatch: 'hold',
      refundApprovalAbove: null,
      sellerAcceptTtlS: 900,
      pollAfterS: 60,
      reconcileAt: { hour: 2, minute: 30 },
      caps: { perProduct: 100, unpaidOrders: 50, unpaidUnits: 200 },
    },
    retentionDays: 180,
    metrics: { token: undefined, isOpenNearby: true, port: undefined },
    rateLimit: { perMinute: 60 },
    mail: { smtpUrl: undefined, from: 'Hundi <orders@localhost>' },
    log: { level: 'info' },
    crashAt: undefined,
  } satisfies Config)
})

test('every variable arrives where it belongs', () => {
  const config = readConfig({
    NODE_ENV: 'production',
    ROLE: 'worker',
    HUNDI_DATA_DIR: '/srv/hundi',
    HOST: '0.0.0.0',
    PORT: '8080',
    PUBLIC_URL: 'https://shop.example/',
    CORS_ORIGINS: 'https://app.example, http://localhost:5173',
    TRUST_PROXY: '2',
    DATABASE_URL: 'postgresql://hundi:p%40ss@db.example:5433/shop?sslmode=require',
    DATABASE_WAIT_MS: '3000',
    AUTH_SECRET: SECRET,
    ADMIN_EMAIL: 'admin@shop.example',
    ADMIN_PASSWORD: 'correct horse',
    SEED_DEMO: '1',
    ...RAZORPAY_LIVE,
    RAZORPAY_WEBHOOK_SECRET: `${NEW}, ${OLD}`,
    RAZORPAY_CHECKOUT_URL: 'https://checkout.example/script.js',
    RAZORPAY_LATE_MONEY_DAYS: '5',
    STRIPE_SECRET_KEY: 'rk_live_abc',
    STRIPE_WEBHOOK_SECRET: 'whsec_8fK2mQ',
    STRIPE_BASE_URL: 'http://10.0.0.1:9000/stripe/',
    ...PAYPAL,
    SANDBOX: '0',
    SANDBOX_PORT: '9001',
    ORDER_TTL_S: '600',
    REFUND_APPROVAL_ABOVE: '500000',
    PAYMENT_MISMATCH: 'refund',
    SHOP_NAME: 'Rann Karigar',
    SHOP_TIME_ZONE: 'America/New_York',
    SELLER_ACCEPT_TTL_S: '60',
    POLL_AFTER_S: '5',
    RECONCILE_AT: '23:05',
    RETENTION_DAYS: '30',
    METRICS_TOKEN: TOKEN,
    METRICS_PORT: '9464',
    RATE_LIMIT_PER_MINUTE: '0',
    MAX_PER_PRODUCT: '12',
    MAX_UNPAID_ORDERS: '3',
    MAX_UNPAID_UNITS: '30',
    SMTP_URL: 'smtp://user:pass@mail.example:587',
    MAIL_FROM: 'The Shop <orders@shop.example>',
    LOG_LEVEL: 'debug',
  })
  assert.deepEqual(config, {
    environment: 'production',
    role: 'worker',
    dataDir: '/srv/hundi',
    http: {
      host: '0.0.0.0',
      port: 8080,
      publicUrl: 'https://shop.example',
      isPublicUrlGuessed: false,
      corsOrigins: ['https://app.example', 'http://localhost:5173'],
      trustProxyHops: 2,
    },
    database: { url: 'postgresql://hundi:p%40ss@db.example:5433/shop?sslmode=require', waitMs: 3_000 },
    auth: { secret: SECRET, firstAdmin: { email: 'admin@shop.example', password: 'correct horse' } },
    seedDemo: true,
    shopName: 'Rann Karigar',
    timeZone: 'America/New_York',
    shopDescription: 'Rann Karigar: order and pay online.',
    razorpay: {
      keyId: 'rzp_live_abc',
      keySecret: 'key secret',
      webhookSecrets: [NEW, OLD],
      baseUrl: 'https://api.razorpay.com',
      checkoutUrl: 'https://checkout.example/script.js',
      lateMoneyDays: 5,
    },
    stripe: { secretKey: 'rk_live_abc', webhookSecrets: ['whsec_8fK2mQ'], baseUrl: 'http://10.0.0.1:9000/stripe' },
    paypal: {
      clientId: 'client',
      clientSecret: 'secret',
      webhookIds: ['1AB'],
      baseUrl: 'https://api-m.paypal.com',
    },
    sandbox: { enabled: false, port: 9001 },
    orders: {
      ttlS: 600,
      mismatch: 'refund',
      refundApprovalAbove: 500_000,
      sellerAcceptTtlS: 60,
      pollAfterS: 5,
      reconcileAt: { hour: 23, minute: 5 },
      caps: { perProduct: 12, unpaidOrders: null, unpaidUnits: null },
    },
    retentionDays: 30,
    metrics: { token: TOKEN, isOpenNearby: false, port: 9464 },
    rateLimit: { perMinute: 0 },
    mail: { smtpUrl: 'smtp://user:pass@mail.example:587', from: 'The Shop <orders@shop.example>' },
    log: { level: 'debug' },
    crashAt: undefined,
  } satisfies Config)
})

describe('what follows from other variables', () => {
  const cases: { name: string; env: Env; read: (config: Config) => unknown; expected: unknown }[] = [
    { name: 'keys switch the sandbox off', env: RAZORPAY_TEST, read: (c) => c.sandbox.enabled, expected: false },
    {
      name: 'FX5 each limit of what one client may keep is switched off by 0',
      env: { MAX_PER_PRODUCT: '0', MAX_UNPAID_ORDERS: '0', MAX_UNPAID_UNITS: '7' },
      read: (c) => c.orders.caps,
      expected: { perProduct: null, unpaidOrders: null, unpaidUnits: 7 },
    },
    {
      name: 'SANDBOX=1 keeps it beside keys',
      env: { ...RAZORPAY_TEST, SANDBOX: '1' },
      read: (c) => c.sandbox.enabled,
      expected: true,
    },
    { name: 'production has no sandbox', env: PRODUCTION, read: (c) => c.sandbox.enabled, expected: false },
    { name: 'the sandbox is beside PORT', env: { PORT: '8000' }, read: (c) => c.sandbox.port, expected: 8001 },
    {
      name: 'a given database is not seeded',
      env: { DATABASE_URL: 'postgres://db/hundi' },
      read: (c) => c.seedDemo,
      expected: false,
    },
    {
      name: 'a production database is not seeded',
      env: { NODE_ENV: 'production', AUTH_SECRET: SECRET },
      read: (c) => c.seedDemo,
      expected: false,
    },
    {
      name: 'links lead to this machine when it listens on every address',
      env: { HOST: '0.0.0.0', PORT: '8000' },
      read: (c) => c.http.publicUrl,
      expected: 'http://localhost:8000',
    },
    {
      name: 'an IPv6 address is bracketed in links',
      env: { HOST: '::1' },
      read: (c) => c.http.publicUrl,
      expected: 'http://[::1]:3000',
    },
    {
      name: 'PayPal is its test server outside production',
      env: PAYPAL,
      read: (c) => c.paypal?.baseUrl,
      expected: 'https://api-m.sandbox.paypal.com',
    },
    {
      name: 'an escaped password is one',
      env: { DATABASE_URL: 'postgres://hundi:%25%23%2F@db/shop' },
      read: (c) => c.database.url,
      expected: 'postgres://hundi:%25%23%2F@db/shop',
    },
    { name: 'a variable set to nothing is not set', env: { PORT: ' ' }, read: (c) => c.http.port, expected: 3000 },
    {
      name: 'a socket folder is a database address',
      env: { DATABASE_URL: 'postgres:///hundi?host=/run/postgresql' },
      read: (c) => c.database.url,
      expected: 'postgres:///hundi?host=/run/postgresql',
    },
    {
      name: 'test keys are fine in production where SANDBOX is set',
      env: { ...PRODUCTION, ...STRIPE_TEST, SANDBOX: '0' },
      read: (c) => c.stripe?.secretKey,
      expected: 'sk_test_abc',
    },
    {
      name: "keys of any form are fine at another address than the provider's",
      env: { ...PRODUCTION, ...RAZORPAY_TEST, RAZORPAY_KEY_ID: 'mine', RAZORPAY_BASE_URL: 'http://127.0.0.1:9' },
      read: (c) => c.razorpay?.keyId,
      expected: 'mine',
    },
  ]
  for (const { name, env, read, expected } of cases) {
    test(name, () => assert.deepEqual(read(readConfig(env)), expected))
  }
})

describe('S12 W9 what stops the start', () => {
  const cases: { name: string; env: Env; message: string }[] = [
    {
      name: 'a port that is no number',
      env: { PORT: 'http' },
      message: 'PORT must be a whole number from 1 to 65535, not "http"',
    },
    {
      name: 'a port out of range',
      env: { PORT: '65536' },
      message: 'PORT must be a whole number from 1 to 65535, not "65536"',
    },
    {
      name: 'a fraction',
      env: { ORDER_TTL_S: '1.5' },
      message: 'ORDER_TTL_S must be a whole number from 1 to 2592000, not "1.5"',
    },
    {
      name: 'a negative limit',
      env: { RATE_LIMIT_PER_MINUTE: '-1' },
      message: 'RATE_LIMIT_PER_MINUTE must be a whole number from 0 to 1000000, not "-1"',
    },
    { name: 'an unknown role', env: { ROLE: 'web' }, message: 'ROLE must be one of all, api, worker, not "web"' },
    {
      name: 'an unknown environment',
      env: { NODE_ENV: 'prod' },
      message: 'NODE_ENV must be one of development, test, production, not "prod"',
    },
    {
      name: 'an unknown log level',
      env: { LOG_LEVEL: 'loud' },
      message: 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
    },
    { name: 'a flag that is none', env: { SEED_DEMO: 'maybe' }, message: 'SEED_DEMO must be 1 or 0, not "maybe"' },
    {
      name: 'a database of another kind, without showing its password',
      env: { DATABASE_URL: 'mysql://root:hunter2@db/shop' },
      message: 'DATABASE_URL must be an address that begins with postgres:// or postgresql://',
    },
    ...['p#w', 'p/w', 'p?w', '100%', '%zz'].map((password) => ({
      name: `FX20 a password with a sign that means something in an address: ${password}`,
      env: { DATABASE_URL: `postgres://hundi:${password}@db/shop` },
      message: 'DATABASE_URL cannot be read: in a password write % # / ? : and @ as %25 %23 %2F %3F %3A and %40',
    })),
    {
      name: 'an address with a path as origin',
      env: { PUBLIC_URL: 'https://shop.example/shop' },
      message:
        'PUBLIC_URL must be an origin such as https://shop.example, without a path, not "https://shop.example/shop"',
    },
    {
      name: 'a wildcard origin',
      env: { CORS_ORIGINS: 'https://app.example,*' },
      message: 'CORS_ORIGINS must be an origin such as https://shop.example, without a path, not "*"',
    },
    {
      name: 'no hour',
      env: { RECONCILE_AT: '24:00' },
      message: 'RECONCILE_AT must be a time of day from 00:00 to 23:59',
    },
    {
      name: 'a provider address with a log-in',
      env: { STRIPE_BASE_URL: 'http://user:pass@host' },
      message: 'STRIPE_BASE_URL must be an address without log-in, ? and #',
    },
    {
      name: 'production without a session secret',
      env: { NODE_ENV: 'production' },
      message: 'AUTH_SECRET is missing: production needs a random text of 32 characters or more',
    },
    {
      name: 'a short session secret',
      env: { AUTH_SECRET: 'short' },
      message: 'AUTH_SECRET must have 32 characters or more',
    },
    {
      name: 'half an administrator',
      env: { ADMIN_EMAIL: 'admin@shop.example' },
      message: 'ADMIN_PASSWORD is missing: ADMIN_EMAIL is set',
    },
    {
      name: 'the other half',
      env: { ADMIN_PASSWORD: 'correct horse' },
      message: 'ADMIN_EMAIL is missing: ADMIN_PASSWORD is set',
    },
    {
      name: 'FX11 a first admin whose password is guessed first',
      env: { ADMIN_EMAIL: 'admin@shop.example', ADMIN_PASSWORD: 'Password1' },
      message: 'ADMIN_PASSWORD is among those that are guessed first: take another',
    },
    {
      name: 'FX11 a first admin whose password is in the README',
      env: { ADMIN_EMAIL: 'admin@shop.example', ADMIN_PASSWORD: 'seven-brass-tins' },
      message: 'ADMIN_PASSWORD is among those that are guessed first: take another',
    },
    {
      name: "FX11 a first admin whose password is the shop's name",
      env: { ADMIN_EMAIL: 'admin@shop.example', ADMIN_PASSWORD: 'Chai and Co 1', SHOP_NAME: 'Chai and Co' },
      message: "ADMIN_PASSWORD must not be your e-mail address, your name or the shop's name",
    },
    {
      name: 'mail without a sender',
      env: { SMTP_URL: 'smtp://mail.example' },
      message: 'MAIL_FROM is missing: SMTP_URL is set',
    },
    {
      name: 'keys without a webhook secret',
      env: { RAZORPAY_KEY_ID: 'rzp_test_abc', RAZORPAY_KEY_SECRET: 'secret' },
      message: 'RAZORPAY_WEBHOOK_SECRET is missing: RAZORPAY_KEY_ID is set',
    },
    {
      name: 'keys with an empty webhook secret',
      env: { ...STRIPE_TEST, STRIPE_WEBHOOK_SECRET: '' },
      message: 'STRIPE_WEBHOOK_SECRET is missing: STRIPE_SECRET_KEY is set',
    },
    {
      name: 'an empty secret while rotating',
      env: { ...RAZORPAY_TEST, RAZORPAY_WEBHOOK_SECRET: 'new,' },
      message: 'RAZORPAY_WEBHOOK_SECRET holds an empty secret: write it as new,old or as one secret',
    },
    {
      name: 'a webhook secret without keys',
      env: { PAYPAL_WEBHOOK_ID: '1AB' },
      message:
        'PAYPAL_CLIENT_ID is missing: PAYPAL_WEBHOOK_ID is set; PAYPAL_CLIENT_SECRET is missing: PAYPAL_WEBHOOK_ID is set',
    },
    {
      name: 'a public key in the place of a secret one',
      env: { ...STRIPE_TEST, STRIPE_SECRET_KEY: 'pk_test_abc' },
      message: 'STRIPE_SECRET_KEY must be a secret key: it begins with sk_test_, sk_live_, rk_test_ or rk_live_',
    },
    {
      name: 'live keys outside production',
      env: RAZORPAY_LIVE,
      message: 'RAZORPAY_KEY_ID is live, and NODE_ENV is not production: real money would move',
    },
    {
      name: 'live keys outside production, with another address',
      env: { ...RAZORPAY_LIVE, RAZORPAY_BASE_URL: 'http://127.0.0.1:9' },
      message: 'RAZORPAY_KEY_ID is live, and NODE_ENV is not production: real money would move',
    },
    {
      name: 'FX10 the sandbox in production, with keys or without',
      env: { ...PRODUCTION, SANDBOX: '1' },
      message: 'SANDBOX is on, and NODE_ENV is production: orders would be paid with no money',
    },
    {
      name: 'live keys beside the sandbox',
      env: { ...PRODUCTION, ...RAZORPAY_LIVE, SANDBOX: 'on' },
      message: 'SANDBOX is on, and NODE_ENV is production: orders would be paid with no money',
    },
    {
      name: 'test keys in production',
      env: { ...PRODUCTION, ...STRIPE_TEST },
      message:
        'STRIPE_SECRET_KEY is for tests, and NODE_ENV is production: use live keys, or set SANDBOX=0 for a test server',
    },
    {
      name: "PayPal's live address outside production",
      env: { ...PAYPAL, PAYPAL_BASE_URL: 'https://api-m.paypal.com/' },
      message: 'PAYPAL_BASE_URL is live, and NODE_ENV is not production: real money would move',
    },
    {
      name: 'the sandbox on our own port',
      env: { SANDBOX_PORT: '3000' },
      message: 'SANDBOX_PORT must differ from PORT',
    },
    {
      name: 'no port left for the sandbox',
      env: { PORT: '65535' },
      message: 'SANDBOX_PORT is missing: PORT + 1 is no port',
    },
    {
      name: 'a crash point in production',
      env: { ...PRODUCTION, HUNDI_CRASH_AT: 'tx:settle:commit' },
      message: 'HUNDI_CRASH_AT is for tests, not for production',
    },
  ]
  for (const { name, env, message } of cases) {
    test(name, () => assert.throws(() => readConfig(env), { name: 'ConfigError', message }))
  }
})

describe('FX9 a secret that can be guessed', () => {
  const GUESSABLE = /^(\w+) can be guessed: make a random one, with: openssl rand -base64 32$/
  const SHORT = /^(\w+) must have (\d+) characters or more(: make a random one, with: openssl rand -base64 32)?$/
  const CASES: readonly (readonly [variable: string, env: Env, problem: RegExp])[] = [
    ['AUTH_SECRET', { AUTH_SECRET: 'x'.repeat(64) }, GUESSABLE],
    ['AUTH_SECRET', { AUTH_SECRET: 'dabba123'.repeat(5) }, GUESSABLE],
    ['AUTH_SECRET', { AUTH_SECRET: 'short' }, SHORT],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'm'.repeat(16) }, GUESSABLE],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'm' }, SHORT],
    ['RAZORPAY_WEBHOOK_SECRET', { ...RAZORPAY_LIVE, RAZORPAY_WEBHOOK_SECRET: 'x' }, SHORT],
    ['RAZORPAY_WEBHOOK_SECRET', { ...RAZORPAY_LIVE, RAZORPAY_WEBHOOK_SECRET: '123456789012' }, GUESSABLE],
    ['RAZORPAY_WEBHOOK_SECRET', { ...RAZORPAY_LIVE, RAZORPAY_WEBHOOK_SECRET: `${NEW},x` }, SHORT],
    ['STRIPE_WEBHOOK_SECRET', { STRIPE_SECRET_KEY: 'sk_live_abc', STRIPE_WEBHOOK_SECRET: 'x' }, SHORT],
  ]
  for (const [variable, env, problem] of CASES) {
    test(`stops the start in production: ${JSON.stringify(env[variable])} for ${variable}`, () => {
      assert.throws(
        () => readConfig({ ...PRODUCTION, ...env }),
        (error) => {
          assert(error instanceof ConfigError)
          assert.match(error.message, problem)
          assert.deepEqual(
            error.problems.map((each) => each.variable),
            [variable],
          )
          return true
        },
      )
    })
  }

  test('is fine where things are tried out', () => {
    const config = readConfig({ ...RAZORPAY_TEST, RAZORPAY_WEBHOOK_SECRET: 'x', AUTH_SECRET: 'x'.repeat(32) })
    assert.deepEqual(config.razorpay?.webhookSecrets, ['x'])
  })
})

describe('FX10 programs on this machine are told the figures without a token', () => {
  for (const [what, env, isOpen] of [
    ['where a shop is tried out', {}, true],
    ['under another name of this machine', { PUBLIC_URL: 'http://localhost:3000' }, true],
    ['where every address is listened on', { HOST: '0.0.0.0' }, true],
    ['in production', PRODUCTION, false],
    ['behind a proxy', { TRUST_PROXY: '1' }, false],
    ['behind a proxy that says nothing', { PUBLIC_URL: 'https://shop.example' }, false],
  ] as const) {
    test(`${what}: ${isOpen}`, () => assert.equal(readConfig(env).metrics.isOpenNearby, isOpen))
  }
})

test('all wrong variables are named at once, in one line', () => {
  assert.throws(
    () => readConfig({ PORT: 'x', ROLE: 'y', TRUST_PROXY: 'true' }),
    (error) => {
      assert(error instanceof ConfigError)
      assert.deepEqual(error.problems.map(({ variable }) => variable).sort(), ['PORT', 'ROLE', 'TRUST_PROXY'])
      assert.equal(error.message.includes('\n'), false)
      return true
    },
  )
})

test('X20 no refusal shows a secret', () => {
  const secret = 'hunter2'
  const names =
    'DATABASE_URL SMTP_URL RAZORPAY_BASE_URL AUTH_SECRET ADMIN_PASSWORD RAZORPAY_KEY_SECRET STRIPE_SECRET_KEY'
  const env = Object.fromEntries(names.split(' ').map((name) => [name, `ftp://user:${secret}@host`]))
  env['RAZORPAY_WEBHOOK_SECRET'] = `,${secret}`
  env['AUTH_SECRET'] = secret
  env['ADMIN_PASSWORD'] = 'hunter2'
  assert.throws(
    () => readConfig(env),
    (error) => error instanceof ConfigError && error.problems.length >= 7 && !error.message.includes(secret),
  )
})

test('the configuration cannot be changed', () => {
  const config = readConfig(RAZORPAY_TEST) as unknown as {
    http: { port: number }
    razorpay: { webhookSecrets: string[] }
  }
  assert.throws(() => (config.http.port = 1), TypeError)
  assert.throws(() => config.razorpay.webhookSecrets.push('another'), TypeError)
})
