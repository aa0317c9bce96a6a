import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAdminClient } from './admin-api.ts'

type Call = { method: string; path: string; key: string | null; body: unknown }

/** A client whose calls are kept and answered with `data`. */
function client(data: unknown, pagination?: unknown) {
  const calls: Call[] = []
  const fetch: typeof globalThis.fetch = (input, init = {}) => {
    const { body } = init
    calls.push({
      method: init.method ?? 'GET',
      path: String(input),
      key: new Headers(init.headers).get('idempotency-key'),
      body: typeof body === 'string' ? JSON.parse(body) : null,
    })
    return Promise.resolve(Response.json({ success: true, data, ...(pagination ? { pagination } : {}) }))
  }
  return { calls, api: createAdminClient({ fetch }) }
}

test('what would do something new when it is repeated carries its key', async () => {
  const { calls, api } = client({ refund: {}, item: {}, run: {} })
  await api.refund({ paymentId: 'p1', reason: 'r' }, 'key-1')
  await api.answerReview('a/b', { action: 'dismiss', reason: 'r' }, 'key-2')
  await api.startRun({ from: '2026-11-20' }, 'key-3')
  assert.deepEqual(calls, [
    { method: 'POST', path: '/api/payments/refund', key: 'key-1', body: { paymentId: 'p1', reason: 'r' } },
    {
      method: 'POST',
      path: '/api/admin/reviews/a%2Fb/actions',
      key: 'key-2',
      body: { action: 'dismiss', reason: 'r' },
    },
    { method: 'POST', path: '/api/admin/reconciliation/runs', key: 'key-3', body: { from: '2026-11-20' } },
  ])
})

test('deeds by hand name their payment', async () => {
  const { calls, api } = client({ payment: { id: 'p1' }, payments: [{ id: 'p1' }] })
  assert.deepEqual(await api.capturePayment('p1', 'why'), { id: 'p1' })
  const { payments } = await api.resolvePayment('p1', { status: 'abandoned', reason: 'why' })
  assert.deepEqual(payments, [{ id: 'p1' }])
  await api.attachPayment({ provider: 'razorpay', providerPaymentId: 'pay_1', orderId: 'o1', reason: 'why' })
  assert.deepEqual(
    calls.map(({ method, path, body }) => [method, path, body]),
    [
      ['POST', '/api/payments/p1/capture', { reason: 'why' }],
      ['POST', '/api/payments/p1/resolve', { status: 'abandoned', reason: 'why' }],
      [
        'POST',
        '/api/admin/payments/attach',
        { provider: 'razorpay', providerPaymentId: 'pay_1', orderId: 'o1', reason: 'why' },
      ],
    ],
  )
})

test('a list gives its rows and where the next ones begin', async () => {
  const more = client({ items: [{ id: 'r1' }] }, { limit: 24, nextCursor: 'abc' })
  assert.deepEqual(await more.api.listReviews({ status: 'open', kind: undefined }), {
    items: [{ id: 'r1' }],
    next: 'abc',
  })
  assert.equal(more.calls[0]?.path, '/api/admin/reviews?status=open')
  const last = client({ events: [] }, { limit: 24, nextCursor: null })
  assert.deepEqual(await last.api.listWebhooks({ status: 'failed', cursor: 'x y' }), { items: [], next: null })
  assert.equal(last.calls[0]?.path, '/api/admin/webhooks?status=failed&cursor=x+y')
})

test('a statement comes with what the account held, and can be had as a file of the same', async () => {
  const statement = { opening: 100, closing: 300, currency: 'INR', transfers: [{ id: 't1' }] }
  const { api, calls } = client(statement, { limit: 50, nextCursor: 'n' })
  const filter = { account: 'wallet:u1:INR', from: '2026-11-19T18:30:00.000Z', orderId: undefined }
  assert.deepEqual(await api.getStatement(filter), { ...statement, next: 'n' })
  const query = '?account=wallet%3Au1%3AINR&from=2026-11-19T18%3A30%3A00.000Z'
  assert.equal(calls[0]?.path, `/api/admin/ledger/transfers${query}`)
  assert.equal(api.statementCsvUrl(filter), `/api/admin/ledger/transfers.csv${query}`)
})

test('watching calls read under the names of the contract', async () => {
  const { api, calls } = client({ check: { id: 'c' }, alert: { id: 'a' }, event: { id: 'e' }, users: [{ id: 'u' }] })
  assert.deepEqual(await api.runCheck(false), { id: 'c' })
  assert.deepEqual(await api.acknowledgeAlert('a'), { id: 'a' })
  assert.deepEqual((await api.replayWebhook('e')).event, { id: 'e' })
  assert.deepEqual(await api.listAdmins(), [{ id: 'u' }])
  assert.deepEqual(
    calls.map(({ method, path }) => `${method} ${path}`),
    [
      'POST /api/admin/checks?full=false',
      'POST /api/admin/alerts/a/acknowledge',
      'POST /api/admin/webhooks/e/replay',
      'GET /api/admin/users?role=admin&limit=100',
    ],
  )
})
