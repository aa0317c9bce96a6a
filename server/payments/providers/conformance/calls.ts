/** Every call × everything that can happen to it on the wire: the provider's word, or not knowing. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CallFault } from '../conformance.ts'
import type { ProviderBooks, Reply } from '../provider.ts'
import {
  accepted,
  assertRefused,
  assertUnknown,
  captureRequest,
  notShown,
  openOrder,
  orderRequest,
  paidOrder,
  refundRequest,
  shown,
  type Bed,
} from './bed.ts'

export interface Call {
  name: string
  /** The part of the books that it reads. */
  reads?: keyof ProviderBooks
  /** Sets the stage and gives the call, not yet made. */
  prepare(bed: Bed): Promise<() => Promise<Reply<unknown>>>
}

const LAST_HOUR_MS = 3_600_000

const CALLS: readonly Call[] = [
  {
    name: 'createOrder',
    prepare: async (bed) => {
      const request = orderRequest(bed)
      return () => bed.provider.createOrder(request)
    },
  },
  {
    name: 'findOrder',
    prepare: async (bed) => {
      const { request } = await openOrder(bed)
      return () => bed.provider.findOrder(request)
    },
  },
  {
    name: 'fetchOrderPayments',
    prepare: async (bed) => {
      const { providerOrderId } = await paidOrder(bed, 'captured')
      return () => bed.provider.fetchOrderPayments(providerOrderId)
    },
  },
  {
    name: 'fetchPayment',
    prepare: async (bed) => {
      const { providerPaymentId } = await paidOrder(bed, 'captured')
      return () => bed.provider.fetchPayment(providerPaymentId)
    },
  },
  {
    name: 'listPayments',
    reads: 'payments',
    prepare: async (bed) => {
      const now = Date.now()
      const window = { from: new Date(now - LAST_HOUR_MS), to: new Date(now + LAST_HOUR_MS) }
      return () => shown(bed.provider.books.payments).list(window, { cursor: null, count: 10 })
    },
  },
  {
    name: 'listRefunds',
    reads: 'refunds',
    prepare: async (bed) => {
      const now = Date.now()
      const window = { from: new Date(now - LAST_HOUR_MS), to: new Date(now + LAST_HOUR_MS) }
      return () => shown(bed.provider.books.refunds).list(window, { cursor: null, count: 10 })
    },
  },
  {
    name: 'capture',
    prepare: async (bed) => {
      const paid = await paidOrder(bed, bed.traits.separateCapture ? 'authorized' : 'captured')
      return () => bed.provider.capture(captureRequest(paid))
    },
  },
  {
    name: 'refund',
    prepare: async (bed) => {
      const request = refundRequest(await paidOrder(bed, 'captured'))
      return () => bed.provider.refund(request)
    },
  },
  {
    name: 'fetchRefunds',
    prepare: async (bed) => {
      const { providerOrderId, providerPaymentId } = await paidOrder(bed, 'captured')
      return () => bed.provider.fetchRefunds({ providerOrderId, providerPaymentId })
    },
  },
]

/** `httpStatus` is what the record must show: null where no answer came. */
const UNKNOWN_FAULTS: readonly { name: string; fault: CallFault; httpStatus: number | null }[] = [
  ...(['none', 'done'] as const).flatMap((effect) => [
    { name: `no answer, ${effect}`, fault: { kind: 'silence' as const, effect }, httpStatus: null },
    { name: `connection reset, ${effect}`, fault: { kind: 'reset' as const, effect }, httpStatus: null },
    { name: `HTML with 200, ${effect}`, fault: { kind: 'page' as const, effect }, httpStatus: 200 },
    { name: `500, ${effect}`, fault: { kind: 'status' as const, status: 500, effect }, httpStatus: 500 },
    { name: `503, ${effect}`, fault: { kind: 'status' as const, status: 503, effect }, httpStatus: 503 },
  ]),
  { name: 'half of the answer', fault: { kind: 'truncated' }, httpStatus: null },
  ...[401, 403, 408, 429].map((status) => ({
    name: String(status),
    fault: { kind: 'status' as const, status, effect: 'none' as const },
    httpStatus: status,
  })),
  { name: '302 to another page', fault: { kind: 'body', status: 302, body: '' }, httpStatus: 302 },
  { name: '400 of a proxy', fault: { kind: 'body', status: 400, body: '<h1>Bad Request</h1>' }, httpStatus: 400 },
  { name: '400 with an empty body', fault: { kind: 'body', status: 400, body: '' }, httpStatus: 400 },
  { name: '200 with an empty body', fault: { kind: 'body', status: 200, body: '' }, httpStatus: 200 },
  { name: '200 with an empty object', fault: { kind: 'body', status: 200, body: '{}' }, httpStatus: 200 },
  { name: '200 with null', fault: { kind: 'body', status: 200, body: 'null' }, httpStatus: 200 },
  { name: '200 with an array', fault: { kind: 'body', status: 200, body: '[]' }, httpStatus: 200 },
  {
    name: '200 with half of an object',
    fault: { kind: 'body', status: 200, body: '{"id":"x","amou' },
    httpStatus: 200,
  },
]

/** @param calls those of the interface that need nothing but orders and payments, when not given */
export function testCalls(bed: Bed, calls: readonly Call[] = CALLS): void {
  for (const call of calls) {
    const skip = call.reads !== undefined && notShown(bed.traits, call.reads)
    describe(`${call.name}, when the wire or the provider fails`, { skip }, () => {
      for (const { name, fault, httpStatus } of UNKNOWN_FAULTS) {
        test(`P1 P2 P3 P4 P5 P6 ${name}: unknown, and the next call works`, async () => {
          const make = await call.prepare(bed)
          await bed.bench.spoil(fault)
          const spoiled = await make()
          assertUnknown(spoiled)
          assert.equal(spoiled.httpStatus, httpStatus)
          accepted(await make())
        })
      }

      test("the provider's own 400: refused", async () => {
        const make = await call.prepare(bed)
        await bed.bench.spoil({ kind: 'status', status: 400, effect: 'none' })
        const refused = await make()
        assertRefused(refused)
        assert.equal(refused.httpStatus, 400)
      })

      test('the answer is kept for the record', async () => {
        const make = await call.prepare(bed)
        const reply = await make()
        accepted(reply)
        assert.equal(reply.httpStatus, 200)
        assert.equal(typeof reply.reply, 'object')
        assert.notEqual(reply.reply, null)
      })
    })
  }
}
