/** The inbox as an operator sees it: what came, what became of it, what was refused, and doing it again. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { inTransaction, sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, paidOnce, pay, place, rowCounts, unpaid, written } from '../buyer.ts'
import { stockedShop, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const PRICE = 24_500

let shop: Shop
let productId: string
let admin: { id: string; authorization: string }

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ price: PRICE }))
})
after(() => shop.close())

const ask = (path: string) => shop.call('GET', `/api/admin/webhooks${path}`, { as: admin })
const replay = (id: string) => shop.call('POST', `/api/admin/webhooks/${id}/replay`, { as: admin })

test('what came of an order is listed newest first, page by page, with headers, body and number', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  const of = `?orderId=${placed.orderId}`
  const all = await ask(of)
  assert.equal(all.status, 200)
  const events: { id: string; type: string; status: string; orderNumber: string; receivedAt: string }[] =
    all.body.data.events
  assert.deepEqual(events.map((event) => event.type).sort(), ['order.paid', 'payment.authorized', 'payment.captured'])
  assert.deepEqual(
    events.map((event) => event.receivedAt),
    events
      .map((event) => event.receivedAt)
      .sort()
      .toReversed(),
  )
  const order = await shop.call('GET', `/api/orders/${placed.orderId}`, { guestToken: placed.guestToken })
  for (const event of events) {
    assert.equal(event.status, 'processed')
    assert.equal(event.orderNumber, order.body.data.order.number)
  }
  const paged: string[] = []
  let cursor: string | null = null
  do {
    const page = await ask(`${of}&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
    paged.push(...page.body.data.events.map((event: { id: string }) => event.id))
    cursor = page.body.pagination.nextCursor
  } while (cursor !== null)
  assert.deepEqual(
    paged,
    events.map((event) => event.id),
  )
  assert.deepEqual((await ask(`${of}&status=failed`)).body.data.events, [])
  assert.equal((await ask(`${of}&type=payment.captured`)).body.data.events.length, 1)
  assert.deepEqual((await ask(`${of}&provider=paypal`)).body.data.events, [])

  const captured = events.find((event) => event.type === 'payment.captured')
  const detail = await ask(`/${captured?.id}`)
  assert.equal(JSON.parse(detail.body.data.body).event, 'payment.captured')
  assert.match(detail.body.data.headers['x-razorpay-signature'], /^[0-9a-f]{64}$/)
  assert.deepEqual(
    detail.body.data.history.map(({ outcome, error, by }: Record<string, unknown>) => ({ outcome, error, by })),
    [{ outcome: 'processed', error: null, by: null }],
  )
  assert.equal(await count(shop.db, sql`webhook_history`), 0)
  await assertAllWell(shop)
})

test('an event is replayed by name: one effect, and who asked is noted', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  const before = await rowCounts(shop.db)
  const [event] = (await ask(`?orderId=${placed.orderId}&type=payment.captured`)).body.data.events
  const answers = await Promise.all([replay(event.id), replay(event.id)])
  for (const answer of answers) assert.equal(answer.status, 200)
  await atRest(shop)
  const { data } = (await ask(`/${event.id}`)).body
  assert.equal(data.event.status, 'processed')
  assert.deepEqual(
    data.history.map(({ outcome, by }: Record<string, unknown>) => ({ outcome, by })),
    [
      { outcome: 'replayed', by: admin.id },
      { outcome: 'replayed', by: admin.id },
      { outcome: 'processed', by: null },
    ],
  )
  assert.deepEqual(await rowCounts(shop.db), before)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.equal((await replay('00000000-0000-7000-8000-000000000000')).status, 404)
  await shop.db.alone.run(
    'test.old',
    sql`update webhook_events set raw_body = null, headers = '{}' where id = ${event.id}`,
  )
  const emptied = await replay(event.id)
  assert.deepEqual([emptied.status, emptied.body.error.code], [409, 'invalid_transition'])
  assert.equal((await ask(`/${event.id}`)).body.data.body, null)
  await assertAllWell(shop)
})

test('W2 a repeated capture that says what the provider keeps of it is not old news until that is known', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  const fees = () =>
    shop.db.many<{ fee: number | null; tax: number | null; status: string }>(
      'test.fees',
      sql`select fee, tax, status from payment_attempts where order_id = ${placed.orderId}`,
    )
  const known = await fees()
  assert.notEqual(known[0]?.fee, null)
  await shop.db.alone.run(
    'test.unknown',
    sql`update payment_attempts set fee = null, tax = null where order_id = ${placed.orderId}`,
  )
  const [event] = (await ask(`?orderId=${placed.orderId}&type=payment.captured`)).body.data.events
  assert.equal((await replay(event.id)).status, 200)
  await atRest(shop)
  assert.deepEqual(await fees(), known)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('S10 an event that can never be processed holds up no other, ends after eight tries with an alert, and can be replayed', async () => {
  const placed = await place(shop, productId)
  const poison = signed(
    shop,
    JSON.stringify({ event: 'payment.captured', payload: { payment: { entity: { id: 7 } } } }),
  )
  assert.equal((await deliver(shop, poison)).status, 200)
  await pay(shop, placed)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  for (const aheadS of [2, 4, 11, 61, 301, 1_801, 7_201]) await atRest(shop, aheadS * 1_000)
  const [ended, ...others] = (await ask('?status=failed')).body.data.events
  assert.deepEqual(others, [])
  assert.equal(ended.eventId, poison.eventId)
  assert.equal(ended.nextAttemptAt, null)
  const { history } = (await ask(`/${ended.id}`)).body.data
  assert.deepEqual(
    history.map((row: { outcome: string }) => row.outcome),
    [...Array.from({ length: 7 }, () => 'retried'), 'failed'],
  )
  for (const row of history) assert.notEqual(row.error, null)
  const open = sql`alerts where kind = 'webhook_failed' and key = ${ended.id} and resolved_at is null`
  assert.equal(await count(shop.db, open), 1)

  const again = await replay(ended.id)
  assert.equal(again.status, 200)
  assert.equal(again.body.data.event.status, 'received')
  assert.equal(again.body.data.history.length, 10)
  assert.equal(await count(shop.db, open), 0)
  // It is no better than before; its tries begin anew.
  assert.deepEqual(
    again.body.data.history.slice(8).map((row: { outcome: string }) => row.outcome),
    ['replayed', 'retried'],
  )
  await shop.db.alone.run('test.away', sql`delete from webhook_history where webhook_event_id = ${ended.id}`)
  await shop.db.alone.run('test.away', sql`delete from webhook_events where id = ${ended.id}`)
  await assertAllWell(shop)
})

test('W8 W17 a flood of forged deliveries writes a small sample and one alert that counts them all', async () => {
  const placed = await place(shop, productId)
  const before = await rowCounts(shop.db)
  const forged = paymentEvent('payment.captured', {
    id: 'pay_forged',
    orderId: placed.providerOrderId,
    amount: PRICE,
    status: 'captured',
  })
  const long = `${forged}${' '.repeat(10_000)}`
  for (let batch = 0; batch < 6; batch += 1) {
    await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        deliver(shop, {
          eventId: `evt_${batch}_${at}`,
          body: long,
          ...(at % 2 === 0 ? {} : { signature: 'ab'.repeat(32) }),
        }),
      ),
    )
  }
  assert.deepEqual(await rowCounts(shop.db), before)
  assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
  assert.equal(await count(shop.db, sql`webhook_rejections`), 20)
  const alert = await shop.db.one<{ count: number; severity: string }>(
    'test.alert',
    sql`select count, severity from alerts where kind = 'invalid_signature' and key = 'webhook:razorpay' and resolved_at is null`,
  )
  assert.deepEqual(alert, { count: 20, severity: 'warn' })
  const { data, pagination } = (await ask('/rejected?limit=15')).body
  assert.equal(data.deliveries.length, 15)
  const rest = await ask(`/rejected?limit=15&cursor=${pagination.nextCursor}`)
  assert.equal(rest.body.data.deliveries.length, 5)
  assert.equal(rest.body.pagination.nextCursor, null)
  for (const delivery of data.deliveries) {
    assert.equal(delivery.provider, 'razorpay')
    assert.ok(['missing', 'invalid'].includes(delivery.verdict))
    assert.equal(delivery.bodyStart, long.slice(0, 4_096))
    assert.equal(delivery.headers['content-type'], 'application/json')
  }
  // What one process did not write is told with what it writes next.
  const monotonicMs = shop.deps.ports.clock.monotonicMs
  shop.deps.ports.clock.monotonicMs = () => monotonicMs() + 60_001
  // And it is told once: each one after that counts for itself.
  for (const counted of [61, 62, 63]) {
    await deliver(shop, { eventId: `evt_next_${counted}`, body: forged })
    const alert = await shop.db.one<{ count: number }>(
      'test.alert',
      sql`select count from alerts where kind = 'invalid_signature' and key = 'webhook:razorpay' and resolved_at is null`,
    )
    assert.equal(alert.count, counted)
  }
  shop.deps.ports.clock.monotonicMs = monotonicMs
})

const CREDENTIALS = {
  authorization: 'Bearer of-somebody',
  'proxy-authorization': 'Basic of-somebody',
  cookie: 'hundi.session_token=of-somebody',
  'x-guest-token': 'of-a-guest',
  'x-auth-token': 'of-somebody',
  'x-api-key': 'of-somebody',
}

test('FX18 credentials that came along with a delivery, refused or signed, are not kept', async () => {
  const event = signed(shop, '{"event":"order.paid","contains":["order"],"payload":{}}')
  const { eventId, body, signature } = event
  for (const sent of [
    { body: '{"event":"forged"}', signature: 'ab'.repeat(32) },
    { body, signature },
  ]) {
    await shop.call('POST', '/api/payments/webhook/razorpay', {
      raw: { content: sent.body, type: 'application/json' },
      headers: { 'x-razorpay-event-id': eventId, 'x-razorpay-signature': sent.signature ?? '', ...CREDENTIALS },
    })
  }
  const [refused] = (await ask('/rejected?limit=1')).body.data.deliveries
  const [stored] = (await ask('?limit=1')).body.data.events
  const { headers } = (await ask(`/${stored.id}`)).body.data
  assert.equal(refused.bodyStart, '{"event":"forged"}')
  assert.equal(stored.eventId, eventId)
  for (const kept of [refused.headers, headers]) {
    assert.equal(kept['content-type'], 'application/json')
    assert.equal(kept['x-razorpay-event-id'], eventId)
    for (const name of Object.keys(CREDENTIALS)) assert.equal(kept[name], undefined, name)
    assert.doesNotMatch(JSON.stringify(kept), /of-somebody|of-a-guest/)
  }
})

test('FX18 what was kept of credentials before is forgotten by the migration, and nothing else', async () => {
  const migration = readFileSync(new URL('../../migrations/0023_guards.sql', import.meta.url), 'utf8')
  const forgetting = migration.slice(migration.indexOf('update webhook_rejections'))
  const id = shop.deps.ports.ids.uuid()
  const headers = { host: 'shop.example', 'x-razorpay-signature': 'abc', ...CREDENTIALS }
  await shop.db.alone.run(
    'test.old',
    sql`insert into webhook_rejections (id, provider, verdict, headers, body_start, received_at)
        values (${id}, 'razorpay', 'invalid', ${JSON.stringify(headers)}, '', now())`,
  )
  await shop.db.pool.query(forgetting)
  const after = await shop.db.one<{ headers: unknown }>(
    'test.after',
    sql`delete from webhook_rejections where id = ${id} returning headers`,
  )
  assert.deepEqual(after.headers, { host: 'shop.example', 'x-razorpay-signature': 'abc' })
})

test('W17 a body of ten megabytes is refused before it is read, and leaves nothing', async () => {
  const before = await rowCounts(shop.db)
  const sample = await count(shop.db, sql`webhook_rejections`)
  const answer = await deliver(shop, {
    ...signed(shop, `{"event":"payment.captured","pad":"${'x'.repeat(10_000_000)}"}`),
  }).catch(
    // It is told at once, and its connection is closed while it still sends.
    () => undefined,
  )
  if (answer !== undefined) assert.deepEqual([answer.status, answer.body.error.code], [413, 'payload_too_large'])
  assert.equal((await deliver(shop, signed(shop, `{"pad":"${'x'.repeat(256 * 1_024)}"}`))).status, 413)
  assert.deepEqual(await rowCounts(shop.db), before)
  assert.equal(await count(shop.db, sql`webhook_rejections`), sample)
})

test('W17 an event is answered as soon as it is stored, however long its order is busy', async () => {
  const placed = await place(shop, productId)
  const { orderId, providerOrderId } = placed
  const payment = { id: `pay_busy${providerOrderId.slice(6)}`, orderId: providerOrderId, amount: PRICE }
  const event = signed(shop, paymentEvent('payment.captured', { ...payment, status: 'captured' }))
  await inTransaction(shop.db, 'test.busy', async (tx) => {
    await tx.run('test.busy', sql`select from orders where id = ${orderId} for update`)
    assert.equal((await deliver(shop, event)).status, 200)
    assert.equal(await count(shop.db, sql`webhook_events where event_id = ${event.eventId} and status = 'received'`), 1)
    assert.deepEqual(await written(shop.db, orderId), unpaid())
  })
  await atRest(shop, 60_000)
  assert.deepEqual(await written(shop.db, orderId), paidOnce(PRICE))
})

test('W17 bodies that come drop by drop hold up nobody', async () => {
  const { hostname, port } = new URL(shop.url)
  const head = [
    'POST /api/payments/webhook/razorpay HTTP/1.1',
    `Host: ${hostname}`,
    'Content-Type: application/json',
    'Content-Length: 1000',
    '',
    '{"event":',
  ].join('\r\n')
  const slow = Array.from({ length: 100 }, () => connect(Number(port), hostname))
  try {
    await Promise.all(slow.map((socket) => once(socket, 'connect')))
    for (const socket of slow) socket.write(head)
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  } finally {
    for (const socket of slow) socket.destroy()
  }
})

test('the sample of refused deliveries never grows beyond its newest fifty', async () => {
  const monotonicMs = shop.deps.ports.clock.monotonicMs
  for (let minute = 1; minute <= 4; minute += 1) {
    shop.deps.ports.clock.monotonicMs = () => monotonicMs() + minute * 120_000
    shop.clock.aheadMs += 60_000
    for (let at = 0; at < 20; at += 1)
      await deliver(shop, { eventId: `evt_${at}`, body: `{"minute":${minute},"at":${at}}` })
  }
  shop.deps.ports.clock.monotonicMs = monotonicMs
  assert.equal(await count(shop.db, sql`webhook_rejections`), 50)
  const newest = (await ask('/rejected?limit=1')).body.data.deliveries[0]
  assert.equal(newest.bodyStart, '{"minute":4,"at":19}')
})

test('W15 while the secret changes, what either one signs is taken; with the old one gone, only the new', async () => {
  const NEW = 'the-new-secret-of-the-webhook'
  const changing = await stockedShop({ webhooks: false, webhookSecrets: (old) => [NEW, old] })
  const changed = await stockedShop({ webhooks: false, webhookSecrets: () => [NEW] })
  try {
    for (const { rotating, oldIsTaken } of [
      { rotating: changing, oldIsTaken: true },
      { rotating: changed, oldIsTaken: false },
    ]) {
      const outcomes: unknown[] = []
      for (const secret of [rotating.shop.sandbox.keys.razorpay.webhookSecret, NEW, 'a secret before both']) {
        const placed = await place(rotating.shop, rotating.productId)
        const body = paymentEvent('payment.captured', {
          id: `pay_${outcomes.length}_${oldIsTaken}`,
          orderId: placed.providerOrderId,
          amount: placed.total,
          status: 'captured',
        })
        const signature = createHmac('sha256', secret).update(body).digest('hex')
        const answer = await deliver(rotating.shop, { eventId: `evt_${outcomes.length}`, body, signature })
        await rotating.shop.receiver.idle()
        outcomes.push([answer.status, (await written(rotating.shop.db, placed.orderId)).order])
      }
      assert.deepEqual(outcomes, [
        oldIsTaken ? [200, 'confirmed/paid'] : [400, 'pending/pending'],
        [200, 'confirmed/paid'],
        [400, 'pending/pending'],
      ])
    }
  } finally {
    await changing.shop.close()
    await changed.shop.close()
  }
})
