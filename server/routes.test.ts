/**
 * The whole surface: every route that the server answers, hidden ones included, is one of these, and every one that
 * people may use is described. A route that is not in this list fails the build, whatever registered it.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FastifySchema } from 'fastify'
import { ANY_CASE } from '../shared/contract/envelope.ts'
import { createTestDatabase, type TestDatabase } from '../test/database.ts'
import { TEST_SECRET } from '../test/slice.ts'
import { PATIENCE_MS } from '../test/until.ts'
import { createAccounts, type OpenAccounts } from './accounts/service.ts'
import { createApp } from './app.ts'
import type { CheckoutDeps } from './checkout/service.ts'
import { createReceiver } from './inbox/receive.ts'
import { USUAL_LATE_MONEY_MS } from './payments/money/looks.ts'
import { createBreaker } from './payments/providers/call.ts'
import { openDatabase } from './platform/database.ts'
import type { App } from './platform/http.ts'
import { createLog } from './platform/log.ts'
import { systemPorts } from './platform/ports.ts'
import { createRateLimiter } from './platform/rate-limit.ts'

/** Described to people. */
const ROUTES = `
  GET /healthz
  GET /readyz
  GET /metrics

  POST /api/auth/sign-up/email
  POST /api/auth/sign-in/email
  POST /api/auth/sign-out
  GET /api/auth/get-session
  GET /api/auth/list-sessions
  POST /api/auth/revoke-session
  POST /api/auth/revoke-sessions
  POST /api/auth/revoke-other-sessions
  POST /api/auth/update-user
  POST /api/auth/change-password
  POST /api/auth/admin/ban-user
  POST /api/auth/admin/unban-user
  POST /api/auth/admin/set-user-password
  GET /api/admin/users
  PATCH /api/admin/users/:id

  GET /api/shops
  GET /api/shops/:id
  GET /api/admin/shops
  POST /api/admin/shops
  PATCH /api/admin/shops/:id
  GET /api/products
  GET /api/products/:id
  GET /api/categories
  GET /api/admin/products
  POST /api/admin/products
  GET /api/admin/products/:id
  PATCH /api/admin/products/:id
  GET /api/admin/categories
  POST /api/admin/categories
  PATCH /api/admin/categories/:id
  GET /api/admin/inventory/:productId
  PATCH /api/admin/inventory/:productId
  GET /api/cart
  PUT /api/cart

  POST /api/orders/quote
  POST /api/orders
  POST /api/payments/create
  POST /api/payments/verify
  GET /api/payments/:id/status
  POST /api/payments/:id/ask
  GET /api/payments/:id
  GET /api/payments
  POST /api/payments/refund
  POST /api/payments/:id/capture
  POST /api/payments/:id/resolve
  POST /api/admin/payments/attach
  GET /api/admin/reviews
  GET /api/admin/reviews/counts
  GET /api/admin/reviews/:id
  POST /api/admin/reviews/:id/owner
  POST /api/admin/reviews/actions
  POST /api/admin/reviews/:id/actions
  GET /api/wallet
  GET /api/seller/orders
  POST /api/seller/orders/:id/accept
  POST /api/seller/orders/:id/reject
  POST /api/payments/webhook/:provider
  GET /api/payments/return/:id
  POST /api/payments/return/:id

  GET /api/orders/user/my-orders
  GET /api/orders/:id
  GET /api/orders/:id/events
  POST /api/orders/:id/cancel
  GET /api/orders/admin/all
  PUT /api/orders/:id/status
  GET /api/admin/orders/:id/story
  GET /api/orders/admin/dashboard-stats
  GET /api/admin/ledger/accounts
  GET /api/admin/ledger/transfers
  GET /api/admin/ledger/transfers.csv

  GET /api/admin/webhooks
  GET /api/admin/webhooks/rejected
  GET /api/admin/webhooks/:id
  POST /api/admin/webhooks/:id/replay
  GET /api/admin/alerts
  POST /api/admin/alerts/:id/acknowledge
  GET /api/admin/checks
  GET /api/admin/checks/:id
  POST /api/admin/checks

  POST /api/admin/reconciliation/runs
  GET /api/admin/reconciliation/runs
  GET /api/admin/reconciliation/runs/:id
  GET /api/admin/reconciliation/runs/:id/lines
`

/** Other names of described routes, for programs that know them, and the description itself. */
const HIDDEN = `
  POST /api/orders/checkout
  POST /api/payments/create-order
  POST /api/orders/verify-payment
  POST /api/payments/webhook
  POST /api/orders/webhook/razorpay

  GET /*
  GET /robots.txt
  GET /manifest.webmanifest
  GET /sitemap.xml
  GET /sitemaps/pages.xml
  GET /sitemaps/products.xml

  GET /openapi.json
  GET /docs
  GET /docs/static/index.html
  GET /docs/static/swagger-initializer.js
  GET /docs/json
  GET /docs/yaml
  GET /docs/static/*
`

/** The files of the pages, which are there once the pages are built. */
const BUILT_FILES = /^GET \/(art\/|assets\/|icons\/|favicon\.)/

let database: TestDatabase
let app: App
let accounts: OpenAccounts
let deps: CheckoutDeps
const registered: { name: string; hidden: boolean; schema: FastifySchema | undefined }[] = []

before(async () => {
  database = await createTestDatabase()
  const ports = systemPorts()
  const db = openDatabase({ url: database.url, max: 4, acquireTimeoutMs: PATIENCE_MS }, ports)
  const publicUrl = 'http://127.0.0.1:3000'
  deps = {
    db,
    ports,
    log: createLog('silent'),
    secret: TEST_SECRET,
    limiter: createRateLimiter(db, 0),
    timeZone: 'Asia/Kolkata',
    providers: new Map(),
    breaker: createBreaker(ports),
    policy: { pollAfterS: 60, mismatch: 'hold', refundApprovalAbove: null, lateMoneyMs: () => USUAL_LATE_MONEY_MS },
    orderTtlS: 1_800,
    publicUrl,
    caps: { perProduct: null, unpaidOrders: null, unpaidUnits: null },
  }
  accounts = await createAccounts(deps, {
    databaseUrl: database.url,
    secret: TEST_SECRET,
    publicUrl,
    trustedOrigins: [publicUrl],
  })
  app = await createApp(deps, accounts, createReceiver(deps, db), {
    shopName: 'Test Shop',
    shopDescription: 'Everything for tests.',
    publicUrl,
    corsOrigins: [],
    trustProxyHops: 0,
    metrics: { token: undefined, isOpenNearby: false },
    onRoute: ({ method, url, schema }) => {
      for (const each of [method].flat()) {
        if (each !== 'HEAD') registered.push({ name: `${each} ${url}`, hidden: schema?.hide === true, schema })
      }
    },
  })
})
after(async () => {
  await app.close()
  await accounts.close()
  await deps.db.close()
  await database.drop()
})
function named(list: string): string[] {
  return list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .sort()
}

function found(hidden: boolean): string[] {
  return registered
    .filter((route) => route.hidden === hidden && !BUILT_FILES.test(route.name))
    .map(({ name }) => name)
    .sort()
}

test('X23 the routes are these, and no others', () => {
  assert.deepEqual(found(false), named(ROUTES))
  assert.deepEqual(found(true), named(HIDDEN))
})

test('the schema of every route can be compiled', () => app.compileSchemas())

/** The parts of a schema, it itself included, by where they stand. */
function partsOf(schema: unknown, path: string): [path: string, part: Record<string, unknown>][] {
  if (typeof schema !== 'object' || schema === null) return []
  const inner = Object.entries(schema).flatMap(([key, part]) => partsOf(part, `${path}.${key}`))
  return Array.isArray(schema) ? inner : [[path, schema as Record<string, unknown>], ...inner]
}

test('R9 every id that a route takes, in path, query or body, is read in any case', () => {
  const taken = registered.flatMap(({ name, schema }) =>
    [schema?.body, schema?.querystring, schema?.params].flatMap((part) => partsOf(part, name)),
  )
  const ids = taken.filter(([path, part]) => part['format'] === 'uuid' || /\.properties\.(id|\w+Id)$/.test(path))
  // What others call their things by is theirs to spell.
  const ours = ids.filter(
    ([path]) => !/\.(razorpayPaymentId|razorpayOrderId|sessionId|paypalOrderId|providerPaymentId)$/.test(path),
  )
  assert.ok(ours.length > 30, `${ours.length} ids`)
  assert.deepEqual(
    ours.filter(([, part]) => !JSON.stringify(part).includes(`"${ANY_CASE}":true`)).map(([path]) => path),
    [],
  )
  const inPaths = registered.filter(({ name }) => /^\w+ \/api\/.*:(id|\w+Id)\b/.test(name))
  assert.deepEqual(
    inPaths.filter(({ schema }) => schema?.params === undefined).map(({ name }) => name),
    [],
  )
})

describe('FX14 X8 an address that leads nowhere is refused in our shape', () => {
  const ODD: readonly (readonly [
    method: 'GET' | 'HEAD' | 'OPTIONS' | 'DELETE',
    url: string,
    headers?: object,
    status?: number,
  ])[] = [
    ['GET', '/docs/static/..%2f..%2fpackage.json'],
    ['GET', '/docs/static/..%5c..%5cpackage.json'],
    ['GET', '/docs/static/%2fetc%2fpasswd'],
    ['GET', '/docs/static//index.css'],
    ['GET', '/docs/static/a%2f..%2findex.css'],
    ['GET', '/docs/static/%00', {}, 400],
    ['GET', '/docs/static/another/'],
    ['GET', '/docs/static/nothing.js'],
    ['HEAD', '/docs/static/..%2f..%2fpackage.json'],
    ['OPTIONS', '/docs/static/index.css'],
    ['DELETE', '/docs'],
    ['GET', '/docs/static/index.css', { range: 'bytes=999999999-' }, 400],
    ['GET', '/docs/static/index.css', { 'if-match': '"another"' }, 400],
    ['GET', '/assets/..%2f..%2f..%2fpackage.json'],
    ['GET', '/favicon.svg/..%2f..%2fpackage.json'],
    ['GET', `/api/orders/${'a'.repeat(300)}`],
    ['OPTIONS', '/api/orders'],
    ['DELETE', '/api/orders'],
    ['GET', '/api/orders/%00', {}, 400],
    ['GET', '/%E0%A4%A', {}, 400],
    ['GET', '/api/%zz', {}, 400],
    ['HEAD', '/api/%zz', {}, 400],
  ]
  for (const [method, url, headers = {}, status = 404] of ODD) {
    test(`${method} ${url.slice(0, 50)} ${JSON.stringify(headers)}: ${status}`, async () => {
      const answer = await app.inject({ method, url, headers: { accept: 'application/json', ...headers } })
      assert.equal(answer.statusCode, status, answer.body)
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      assert.ok(answer.headers['content-security-policy'])
      assert.match(String(answer.headers['content-type']), /^application\/json/)
      if (method === 'HEAD') return
      const { success, error } = answer.json<{ success: boolean; error: { code: string; requestId: string } }>()
      assert.deepEqual([success, error.code], [false, status === 404 ? 'not_found' : 'validation_failed'])
      assert.match(error.requestId, /^[0-9a-f-]{36}$/)
    })
  }

  test('for a browser too, where a folder would be left', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml' }
    for (const url of ['/docs/static/..%2f..%2fpackage.json', '/docs/static/nothing.js', '/api/nothing']) {
      const answer = await app.inject({ url, headers })
      assert.deepEqual([answer.statusCode, answer.json().error.code], [404, 'not_found'], url)
    }
    const { statusCode, headers: sent } = await app.inject({ url: '/assets/..%2f..%2fpackage.json', headers })
    assert.equal(statusCode, 404, "the shop's page, which says that there is nothing")
    assert.match(String(sent['content-security-policy']), /^default-src 'self';/)
  })
})

test('FX14 the page that describes the API may run and load its own files only, and no other page may frame it', async () => {
  for (const url of ['/docs', '/docs/', '/docs/static/swagger-initializer.js']) {
    const { statusCode, headers } = await app.inject(url)
    assert.equal(statusCode, 200)
    const policy = new Map(
      String(headers['content-security-policy'])
        .split(';')
        .map((part) => part.trim().split(/ (.*)/) as [string, string]),
    )
    assert.equal(policy.get('default-src'), "'none'")
    assert.equal(policy.get('script-src'), "'self'")
    assert.equal(policy.get('connect-src'), "'self'")
    assert.equal(policy.get('frame-ancestors'), "'none'")
  }
})

interface Operation {
  tags?: string[]
  summary?: string
  responses?: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}

test('every route that is not hidden says what it is for and what it answers', async () => {
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, Operation>> }>()
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`
      assert.equal(operation.tags?.length, 1, `${name} has one tag`)
      assert.match(operation.summary ?? '', /^[A-Z].{4,}[^.]$/, `${name} has a summary`)
      const answers = Object.entries(operation.responses ?? {})
      assert.notEqual(answers.length, 0)
      for (const [status, answer] of answers) {
        const schema = Object.values(answer.content ?? {})[0]?.schema
        const hasNoBody = status.startsWith('3')
        assert.ok(
          hasNoBody || (schema !== undefined && Object.keys(schema).length > 0),
          `${name} says nothing of ${status}`,
        )
      }
      if (path.startsWith('/api/')) assert.ok(operation.responses?.['4XX'], `${name} does not say how it refuses`)
      return name
    }),
  )
  assert.deepEqual(described.sort(), named(ROUTES))
})

describe('A17 an admin route', () => {
  const admin = named(ROUTES).filter((name) => name.includes('/admin'))

  for (const name of admin) {
    test(`${name} serves neither strangers nor customers`, async () => {
      const [method, path = ''] = name.split(' ') as ['GET' | 'POST', string]
      const url = path.replace(/:\w+/, '0199a1c2-7b3d-7e4f-8a5b-6c7d8e9f0a1b')
      for (const authorization of [undefined, await customer()]) {
        const { statusCode } = await app.inject({
          method,
          url,
          headers: authorization === undefined ? {} : { authorization },
          ...(method === 'GET' ? {} : { payload: {} }),
        })
        const refusal = authorization === undefined ? 401 : 403
        // A body that says nothing may be refused before anybody is asked who they are.
        assert.ok(
          statusCode === refusal || (method !== 'GET' && statusCode === 400),
          `${statusCode} for ${authorization}`,
        )
      }
    })
  }

  test('is one of many', () => assert.ok(admin.length >= 15))
})

let signedIn: Promise<string> | undefined
function customer(): Promise<string> {
  signedIn ??= (async () => {
    const user = { email: 'customer@example.test', password: 'a long enough password', name: 'A customer' }
    await accounts.ensureUser({ ...user, role: 'customer' })
    const { email, password } = user
    const answer = await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', payload: { email, password } })
    return `Bearer ${answer.json<{ token: string }>().token}`
  })()
  return signedIn
}
