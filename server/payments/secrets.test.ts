/** After a purchase, a failed payment, a refund and forged messages, no row of any table holds a secret. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TEST_SECRET } from '../../test/slice.ts'
import { orderBody, stockedShop } from '../../test/shop.ts'
import { raw, sql } from '../platform/database.ts'

type Stocked = Awaited<ReturnType<typeof stockedShop>>
let stocked: Stocked

before(async () => {
  stocked = await stockedShop()
})
after(() => stocked.shop.close())

test('X20 no table holds a secret', async () => {
  const { shop, productId, admin } = stocked
  const orders: { id: string; guestToken: string }[] = []
  for (const outcome of ['captured', 'failed', 'authorized']) {
    const placed = await shop.call('POST', '/api/orders', { body: orderBody(productId), key: `secrets-${outcome}` })
    assert.equal(placed.status, 201, JSON.stringify(placed.body))
    const { order, payment, guestToken } = placed.body.data
    orders.push({ id: order.id, guestToken })
    const paid = await shop.control('POST', '/razorpay/_sandbox/pay', { orderId: payment.providerOrderId, outcome })
    if (outcome === 'failed') continue
    const body = { orderId: order.id, ...paid.body }
    assert.equal((await shop.call('POST', '/api/payments/verify', { guestToken, body })).status, 200)
    const forged = { ...body, razorpay_signature: '0'.repeat(64) }
    assert.equal((await shop.call('POST', '/api/payments/verify', { guestToken, body: forged })).status, 400)
  }
  await shop.settled()
  const [first] = orders
  assert.equal((await shop.call('POST', `/api/orders/${first?.id}/cancel`, { as: admin, body: {} })).status, 200)
  await shop.work()
  await shop.settled()

  const { keyId, keySecret, webhookSecret } = shop.sandbox.keys.razorpay
  const secrets = {
    'API secret': keySecret,
    'API key and secret as they travel': Buffer.from(`${keyId}:${keySecret}`).toString('base64'),
    'webhook secret': webhookSecret,
    'secret of sessions and guest tokens': TEST_SECRET,
    'password of a person': 'a long enough password',
    ...Object.fromEntries(orders.map(({ guestToken }, index) => [`guest token ${index}`, guestToken])),
  }
  const tables = await shop.db.many<{ name: string }>(
    'tables',
    sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  )
  const filled = new Set<string>()
  let seesIntoBytes = false
  for (const { name } of tables) {
    // As a person would see them: bytes as the text that they are.
    const rows = await shop.db.many<{ text: string }>(
      'rows',
      sql`select row_to_json(t)::text as text from ${raw(`"${name}"`)} t`,
    )
    if (rows.length > 0) filled.add(name)
    for (const { text } of rows) {
      const shown = text + (text.match(/\\\\x[0-9a-f]+/g) ?? []).map((hex) => Buffer.from(hex.slice(3), 'hex')).join('')
      if (shown.includes('"event":"payment.captured"')) seesIntoBytes = true
      for (const [what, secret] of Object.entries(secrets)) {
        assert.equal(shown.includes(secret), false, `${name} holds the ${what}: ${shown.slice(0, 300)}`)
      }
    }
  }
  assert.ok(seesIntoBytes, 'the bodies of webhooks are stored as bytes, and were not read')
  for (const name of [
    'provider_calls',
    'webhook_events',
    'idempotency_keys',
    'refunds',
    'alerts',
    'events',
    'sessions',
  ]) {
    assert.ok(filled.has(name), `nothing was written to ${name}, so nothing is proved of it`)
  }
})
