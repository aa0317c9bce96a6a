/**
 * What goes on around servers that die: orders are placed and paid through one that stays, events of the provider are
 * delivered by hand to the one that they kill, hours pass, and in the end every order must have become what it would have
 * become had nobody died.
 */
import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningSandbox } from '../sandbox/sandbox.ts'
import { raw, sql, type Database } from '../server/platform/database.ts'
import {
  count,
  paidAndSentBack,
  paidAnswer,
  paidOnce,
  placedBy,
  written,
  type Brought,
  type Placed,
  type Written,
} from './buyer.ts'
import { checkInvariants, compareWithProvider, type ProviderBooks } from './invariants.ts'
import { orderBody, send, type Answer, type CallOptions } from './shop.ts'
import { PATIENCE_MS } from './until.ts'

export const PRICE = 24_500

/** How often each point is gone through; CRASH_ROUNDS=20 for a thorough run. */
export const ROUNDS = Array.from({ length: Number(process.env['CRASH_ROUNDS'] ?? 1) }, (_, at) =>
  at === 0 ? '' : ` (round ${at + 1})`,
)

/** Whatever answers requests, be it a process or not. */
export interface Server {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

export interface StoredEvent {
  id: string
  type: string
  body: string
}

export interface Surroundings {
  db: Database
  sandbox: RunningSandbox
  productId: string
  /** The server that nobody kills. */
  steady: Server
}

export type Trade = ReturnType<typeof tradeWith>

export function tradeWith({ db, sandbox, productId, steady }: Surroundings) {
  const expected = new Map<string, Written>()
  const strays = new Set<string>()

  function control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    return send(sandbox.url, method, `/razorpay/_sandbox${path}`, body === undefined ? {} : { body })
  }

  async function place(quantity = 1): Promise<Placed> {
    const answer = await steady.call('POST', '/api/orders', { body: orderBody(productId, quantity) })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return placedBy(answer)
  }

  async function pay(placed: Pick<Placed, 'providerOrderId'>, outcome = 'captured'): Promise<Brought> {
    const answer = await control('POST', '/pay', { orderId: placed.providerOrderId, outcome })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }

  function verifyAt(server: Server, placed: Placed, brought: Brought): Promise<Answer> {
    const { orderId, guestToken } = placed
    return server.call('POST', '/api/payments/verify', { guestToken, body: { orderId, ...brought } })
  }

  return {
    db,
    sandbox,
    steady,
    productId,
    /** What is to become of each order. */
    expected,
    /** Payments at the provider that are to belong to nothing of ours. */
    strays,
    control,
    place,
    pay,
    verifyAt,
    freshKey: () => randomUUID(),
    async placeAndPay(quantity = 1): Promise<Placed> {
      const placed = await place(quantity)
      assert.deepEqual(
        (await verifyAt(steady, placed, await pay(placed))).body.data,
        paidAnswer(placed.orderId, placed.total),
      )
      return placed
    },
    async cancel({ orderId, guestToken }: Pick<Placed, 'orderId' | 'guestToken'>): Promise<void> {
      const answer = await steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    },
    /** Plays this at the provider, once. */
    async fault(rule: Record<string, unknown>): Promise<void> {
      const answer = await control('POST', '/faults', rule)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    },
    async eventOf(placed: Pick<Placed, 'providerOrderId'>, type = 'payment.captured'): Promise<StoredEvent> {
      const { body } = await control('GET', `/webhooks?orderId=${placed.providerOrderId}`)
      return body.find((event: StoredEvent) => event.type === type)
    },
    /** Delivers an event that the provider has written, with its bytes and a signature over them. */
    deliver(server: Server, event: StoredEvent): Promise<Answer> {
      const signature = createHmac('sha256', sandbox.keys.razorpay.webhookSecret).update(event.body).digest('hex')
      return server.call('POST', '/api/payments/webhook/razorpay', {
        raw: { content: event.body, type: 'application/json' },
        headers: { 'x-razorpay-event-id': event.id, 'x-razorpay-signature': signature },
      })
    },
    hoursPass: () => hoursPass(db),
    /** Works on until every order has become what it must; then everything must hold. */
    async bringToEnd(work: () => Promise<void>): Promise<void> {
      const end = performance.now() + PATIENCE_MS
      for (let asked = [...expected]; ; await sleep(20)) {
        await hoursPass(db)
        await work()
        const open = await unfinished(db, asked)
        const unread = await count(db, sql`webhook_events where status <> 'processed'`)
        if (open.length === 0 && unread === 0) break
        if (performance.now() > end) assert.deepEqual({ open, unread }, { open: [], unread: 0 })
        asked = open.map(({ orderId, end: becomes }) => [orderId, becomes])
      }
      assert.deepEqual(await unfinished(db, [...expected]), [])
      assert.equal(await count(db, sql`orders`), expected.size)
      assert.deepEqual(await checkInvariants(db), [])
      const books = (await control('GET', '/state?limit=1000')).body as ProviderBooks
      const payments = books.payments.filter(({ id }) => !strays.has(id))
      const refunds = books.refunds.filter(({ payment_id }) => !strays.has(payment_id))
      assert.deepEqual(await compareWithProvider(db, { ...books, payments, refunds }), [])
    },
  }
}

/** A little ago: our clocks count milliseconds, and the database's less than one. */
export const JUST_NOW = raw(`now() - interval '10 milliseconds'`)

/** Hours pass: claims of the dead lapse, and everything that waits is due. Orders keep their time to pay. */
async function hoursPass(db: Database): Promise<void> {
  for (const statement of [
    sql`update payments set next_look_at = ${JUST_NOW} where next_look_at > ${JUST_NOW}`,
    sql`update refunds set next_look_at = ${JUST_NOW} where next_look_at > ${JUST_NOW}`,
    sql`update webhook_events set next_attempt_at = ${JUST_NOW} where next_attempt_at > ${JUST_NOW}`,
    sql`update idempotency_keys set locked_until = ${JUST_NOW} where status = 'running'`,
  ]) {
    await db.alone.run('test.hours', statement)
  }
}

interface Unfinished {
  orderId: string
  end: Written
  now: Written
}

/** The orders that have not become what they must, as they are now. */
async function unfinished(db: Database, expected: readonly [string, Written][]): Promise<Unfinished[]> {
  const ends = await Promise.all(
    expected.map(async ([orderId, end]) => ({ orderId, end, now: await written(db, orderId) })),
  )
  return ends.filter(({ end, now }) => JSON.stringify(end) !== JSON.stringify(now))
}

/** The end of an order that was paid. */
export function paid(): Written {
  return paidOnce(PRICE)
}

/** The end of an order that was paid, then cancelled, and whose money went back. */
export function cancelledAfterPaying(): Written {
  return paidAndSentBack(PRICE, 'cancelled/refunded shopper', 'order_cancelled')
}
