/** The figures as Prometheus reads them, and who may. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { atRest, pay, place } from '../../test/buyer.ts'
import { stockedShop, type Shop } from '../../test/shop.ts'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { createWorkerApp } from '../app.ts'
import { ENDINGS, RULES } from './alert-rules.ts'
import { registerMetricsRoutes } from './metrics-routes.ts'

const TOKEN = 'a-token-for-the-figures'
const NEAR = { token: undefined, isOpenNearby: true }
const NOBODY = { token: undefined, isOpenNearby: false }

interface Sample {
  name: string
  labels: string
  value: number
}

function samplesOf(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([a-z_]\w*)(\{[^}]*\})? (\S+)$/i.exec(line)
      assert.ok(match, `not a sample: ${line}`)
      return { name: match[1] ?? '', labels: match[2] ?? '', value: Number(match[3]) }
    })
}

describe('what a shop tells of itself', () => {
  let shop: Shop
  let samples: Sample[]

  before(async () => {
    const stocked = await stockedShop()
    shop = stocked.shop
    shop.deps.ports.metrics.watchProcess()
    const paid = await place(shop, stocked.productId)
    await pay(shop, paid)
    const failed = await place(shop, stocked.productId)
    await pay(shop, failed, 'failed')
    await atRest(shop)
    const cancelled = await place(shop, stocked.productId)
    await shop.call('POST', `/api/orders/${cancelled.orderId}/cancel`, { guestToken: cancelled.guestToken, body: {} })
    const { as } = { as: stocked.admin }
    await shop.call('PUT', `/api/orders/${paid.orderId}/status`, { as, body: { status: 'shipped' } })
    await shop.call('POST', '/api/admin/checks', { as })
    await atRest(shop)
    const answer = await shop.call('GET', '/metrics')
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    samples = samplesOf(answer.body)
  })
  after(() => shop.close())

  const value = (name: string, labels: RegExp | '' = '') => {
    const found = samples.filter((sample) => sample.name === name && (labels === '' || labels.test(sample.labels)))
    assert.notEqual(found.length, 0, `${name} ${labels}`)
    return found.reduce((sum, sample) => sum + sample.value, 0)
  }

  const EXPECTED: readonly { name: string; labels?: RegExp; is: number }[] = [
    { name: 'hundi_orders_placed_total', labels: /payment_method="online",currency="INR"/, is: 3 },
    { name: 'hundi_orders_confirmed_total', is: 1 },
    { name: 'hundi_orders_cancelled_total', labels: /reason="shopper"/, is: 1 },
    { name: 'hundi_order_value_minor_units_count', is: 3 },
    { name: 'hundi_order_value_minor_units_sum', is: 3 * 24_500 },
    { name: 'hundi_order_confirmation_seconds_count', is: 1 },
    { name: 'hundi_order_fulfilment_seconds_count', labels: /step="shipped"/, is: 1 },
    { name: 'hundi_payment_attempts_total', labels: /provider="razorpay",method="\w+",outcome="captured"/, is: 1 },
    { name: 'hundi_payment_attempts_total', labels: /outcome="failed"/, is: 1 },
    { name: 'hundi_payment_failures_total', labels: /provider="razorpay",reason="\w+"/, is: 1 },
    { name: 'hundi_payment_processing_seconds_count', is: 1 },
    { name: 'hundi_circuit_open', is: 0 },
    { name: 'hundi_database_up', is: 1 },
    { name: 'hundi_paid_not_confirmed', is: 0 },
    { name: 'hundi_review_items_open', is: 0 },
    { name: 'hundi_check_violations', is: 0 },
    { name: 'hundi_queue_depth', labels: /queue="refunds"/, is: 0 },
    { name: 'hundi_queue_overdue_seconds', labels: /queue="webhooks"/, is: 0 },
  ]
  for (const { name, labels, is } of EXPECTED) {
    test(`${name} ${labels?.source ?? ''}`, () => assert.equal(value(name, labels ?? ''), is))
  }

  const PRESENT: readonly (readonly [string, RegExp])[] = [
    ['hundi_webhooks_received_total', /provider="razorpay",verdict="new"/],
    ['hundi_webhooks_ended_total', /provider="razorpay",outcome="processed"/],
    ['hundi_webhook_processing_seconds_bucket', /provider="razorpay"/],
    ['hundi_webhook_last_seconds', /provider="razorpay"/],
    ['hundi_provider_calls_total', /provider="razorpay",operation="createOrder",outcome="accepted"/],
    ['hundi_provider_call_seconds_bucket', /operation="createOrder"/],
    ['hundi_http_request_seconds_bucket', /method="POST",route="\/api\/orders",status="201"/],
    ['hundi_http_request_seconds_bucket', /route="\/api\/orders\/:id\/cancel"/],
    ['hundi_database_connections', /pool="hundi",state="waiting"/],
    ['nodejs_eventloop_lag_p99_seconds', /^$/],
    ['process_resident_memory_bytes', /^$/],
  ]
  for (const [name, labels] of PRESENT) {
    test(`${name} ${labels.source}`, () => void value(name, labels))
  }

  test('no label holds an id, a person or an address', () => {
    for (const { labels } of samples) {
      assert.doesNotMatch(labels, /[0-9a-f]{8}-[0-9a-f]{4}-|@|pay_|order_[A-Za-z0-9]{10}|H-[0-9A-Z]{4}/)
    }
  })

  test('everything that ops/prometheus-rules.yml names is exported', () => {
    const told = new Set(samples.map(({ name }) => name))
    // Told once there is something to tell.
    for (const name of [
      'hundi_alerts_open',
      'hundi_outages_total',
      'hundi_slow_requests_total',
      'hundi_pass_failures_total',
      'hundi_check_age_seconds',
      'hundi_refunds_total',
    ])
      told.add(name)
    for (const { alert, expr } of prometheusRules()) {
      const named = expr.match(/\b(hundi|nodejs|process)_\w+/g) ?? []
      assert.notEqual(named.length, 0, alert)
      assert.deepEqual(
        named.filter((name) => !told.has(name)),
        [],
        alert,
      )
    }
  })
})

interface PrometheusRule {
  alert: string
  expr: string
  for?: string
  labels: { severity: string; kind: string }
  annotations: { summary: string; description: string }
}

function prometheusRules(): PrometheusRule[] {
  const text = readFileSync(new URL('../../ops/prometheus-rules.yml', import.meta.url), 'utf8')
  const { groups } = parse(text) as { groups: { name: string; rules: PrometheusRule[] }[] }
  return groups.flatMap(({ rules }) => rules)
}

describe('ops/prometheus-rules.yml', () => {
  const rules = prometheusRules()

  test('each rule has a name of its own, a condition, a severity that we use, and says what to do', () => {
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
    for (const rule of rules) {
      assert.match(rule.alert, /^Hundi[A-Z]\w+$/)
      assert.ok(['page', 'warn'].includes(rule.labels.severity), rule.alert)
      assert.ok(rule.for === undefined || /^\d+[smh]$/.test(rule.for), rule.alert)
      assert.match(rule.annotations.summary, /\.$/)
      assert.match(rule.annotations.description, /docs\/operations\.md/)
      const depth = { '(': 0, '{': 0, '[': 0 }
      for (const sign of rule.expr) {
        if (sign in depth) depth[sign as keyof typeof depth] += 1
        const opens = ({ ')': '(', '}': '{', ']': '[' } as const)[sign as ')']
        if (opens !== undefined) depth[opens] -= 1
      }
      assert.deepEqual(depth, { '(': 0, '{': 0, '[': 0 }, rule.alert)
    }
  })

  test('every alert of ours has its rule, and docs/operations.md explains each', () => {
    const docs = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
    const kinds = [...RULES, ...ENDINGS, { kind: 'invariant_broken' }].map(({ kind }) => kind)
    const told = new Set(rules.map(({ labels }) => labels.kind))
    assert.deepEqual(
      kinds.filter((kind) => !told.has(kind)),
      [],
    )
    assert.deepEqual(
      [...told].filter((kind) => !docs.includes(`### ${kind}`)),
      [],
    )
  })
})

describe('X23 FX10 the figures are told', () => {
  let near: SliceApp
  let guarded: SliceApp
  let closed: SliceApp

  before(async () => {
    near = await openSliceApp((app, deps) => registerMetricsRoutes(app, deps, ['razorpay'], NEAR))
    guarded = await openSliceApp((app, deps) =>
      registerMetricsRoutes(app, deps, ['razorpay'], { token: TOKEN, isOpenNearby: true }),
    )
    closed = await openSliceApp((app, deps) => registerMetricsRoutes(app, deps, ['razorpay'], NOBODY))
  })
  after(async () => {
    await near.close()
    await guarded.close()
    await closed.close()
  })

  const ask = (slice: SliceApp, remoteAddress: string, headers: Record<string, string> = {}) =>
    slice.app.inject({ url: '/metrics', remoteAddress, headers: { host: 'localhost:3000', ...headers } })

  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
    test(`to a program at ${address}`, async () => assert.equal((await ask(near, address)).statusCode, 200))
  }

  for (const [address, headers] of [
    ['10.0.0.7', {}],
    ['203.0.113.9', { 'x-forwarded-for': '127.0.0.1' }],
    ['::ffff:10.0.0.7', { forwarded: 'for=127.0.0.1' }],
    // A proxy on this machine speaks for somebody else.
    ['127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }],
    ['127.0.0.1', { 'x-real-ip': '127.0.0.1' }],
    ['127.0.0.1', { via: '1.1 proxy' }],
    ['127.0.0.1', { 'x-forwarded-proto': 'https' }],
    ['127.0.0.1', { 'cf-connecting-ip': '203.0.113.9' }],
    // A name that somebody pointed at this machine.
    ['127.0.0.1', { host: 'rebound.example:3000' }],
    ['127.0.0.1', { host: '127.0.0.1.example' }],
  ] as const) {
    test(`not to ${address} with ${JSON.stringify(headers)}`, async () => {
      const answer = await ask(near, address, headers)
      assert.equal(answer.statusCode, 403)
      assert.equal(answer.json<{ error: { code: string } }>().error.code, 'forbidden')
    })
  }

  test('FX10 to nobody without a token where a proxy may stand in front', async () => {
    for (const address of ['127.0.0.1', '::1', '203.0.113.9']) {
      assert.equal((await ask(closed, address)).statusCode, 403, address)
      assert.equal((await ask(closed, address, { authorization: `Bearer ${TOKEN}` })).statusCode, 403, address)
    }
  })

  test('with a token only to those who have it, from wherever they come', async () => {
    for (const authorization of [
      undefined,
      TOKEN,
      `Basic ${TOKEN}`,
      'Bearer ',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
    ]) {
      const answer = await ask(guarded, '127.0.0.1', authorization === undefined ? {} : { authorization })
      assert.equal(answer.statusCode, 401, String(authorization))
    }
    const answer = await ask(guarded, '203.0.113.9', { authorization: `Bearer ${TOKEN}` })
    assert.equal(answer.statusCode, 200)
    assert.ok(answer.body.includes('hundi_database_up 1'))
    // Nothing came of it ever: that is as silent as a day.
    assert.ok(answer.body.includes('hundi_webhook_last_seconds{provider="razorpay"} 86400'))
  })
})

test('S13 while the database is away the process still tells what it knows by itself', async () => {
  const slice = await openSliceApp((app, deps) => registerMetricsRoutes(app, deps, ['razorpay'], NEAR))
  slice.deps.ports.metrics.count('hundi_orders_cancelled_total', { reason: 'expired' })
  const { together } = slice.deps.db
  Object.assign(slice.deps.db, { together: () => Promise.reject(new Error('the database is away')) })
  const answer = await slice.app.inject('/metrics')
  Object.assign(slice.deps.db, { together })
  await slice.close()
  assert.equal(answer.statusCode, 200)
  const samples = samplesOf(answer.body)
  assert.deepEqual(
    samples.filter(({ name }) =>
      /^hundi_(database_up|queue_depth|review_items_open|orders_cancelled_total)$/.test(name),
    ),
    [
      { name: 'hundi_orders_cancelled_total', labels: '{reason="expired"}', value: 1 },
      { name: 'hundi_database_up', labels: '', value: 0 },
    ],
  )
})

test('a process that serves no shop tells its figures and its health, and nothing else', async () => {
  const { shop } = await stockedShop()
  const app = await createWorkerApp(shop.deps, {
    publicUrl: shop.url,
    corsOrigins: [],
    trustProxyHops: 0,
    metrics: { token: TOKEN, isOpenNearby: false },
  })
  const status = async (url: string, headers = {}) => (await app.inject({ url, headers })).statusCode
  assert.equal(await status('/metrics', { authorization: `Bearer ${TOKEN}` }), 200)
  assert.equal(await status('/metrics'), 401)
  assert.equal(await status('/healthz'), 200)
  assert.equal(await status('/readyz'), 200)
  assert.equal(await status('/api/products'), 404)
  await app.close()
  await shop.close()
})
