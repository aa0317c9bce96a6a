import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { handDeedsOf } from './hand-deeds.ts'

const sums = (currency: string) => ({ currency, captured: 270_900 }) as Order['money'][number]

const payment = (id: string, status: string, attempts: [string, number][] = [], capturedAmount = 0) => ({
  id,
  provider: 'razorpay',
  status,
  currency: 'INR',
  capturedAmount,
  attempts: attempts.map(([state, amount]) => ({
    status: state,
    amount,
    currency: 'INR',
    capturedAmount: state === 'captured' ? amount : 0,
  })),
})

const order = (fields: Partial<Order>, payments: unknown[]) =>
  ({
    number: 'H-10482',
    status: 'pending',
    currency: 'INR',
    total: 270_900,
    money: [],
    cancelReason: null,
    ...fields,
    payments,
  }) as Order

const offered = (fields: Partial<Order>, payments: unknown[]) =>
  handDeedsOf(order(fields, payments), null).map((deed) => `${deed.key} ${deed.payment.id}`)

test('an open payment can be marked paid or given up, an authorized one captured too', () => {
  assert.deepEqual(offered({}, [payment('p1', 'created')]), ['paid p1', 'abandon p1'])
  assert.deepEqual(
    offered({}, [
      payment('p1', 'authorized', [
        ['failed', 1],
        ['authorized', 270_900],
      ]),
    ]),
    ['capture p1', 'paid p1', 'abandon p1'],
  )
})

test('FX6 marking paid says first that a second person must agree, when it is more than one may say', () => {
  const first = (alone: number | null) => handDeedsOf(order({}, [payment('p1', 'created')]), alone)[0]?.consequences[0]
  assert.deepEqual(first(270_899), ['A second person must agree first. Until then everything stays as it is.'])
  for (const alone of [null, 270_900]) assert.match(String(first(alone)?.[0]), /counts as paid/)
})

test('of several payments the newest is marked paid, and each open one can be given up', () => {
  assert.deepEqual(offered({}, [payment('p1', 'failed'), payment('p2', 'created')]), [
    'paid p2',
    'abandon p1',
    'abandon p2',
  ])
})

test('nothing is offered where money has arrived', () => {
  assert.deepEqual(
    offered({ status: 'confirmed', money: [sums('INR')] }, [payment('p1', 'paid', [['captured', 270_900]], 270_900)]),
    [],
  )
})

test('M1 nothing is offered where money of another amount or currency is held', () => {
  const money = [sums('USD')]
  assert.deepEqual(offered({ money }, [payment('p1', 'created', [['captured', 270_900]])]), [])
})

test('an order that ran out of time can still be paid by transfer, a cancelled one cannot', () => {
  const closed = [payment('p1', 'abandoned')]
  assert.deepEqual(offered({ status: 'cancelled', cancelReason: 'expired' }, closed), ['paid p1'])
  assert.deepEqual(offered({ status: 'cancelled', cancelReason: 'shopper' }, closed), [])
})

test('what is authorized for a cancelled order is left to lapse', () => {
  assert.deepEqual(
    offered({ status: 'cancelled', cancelReason: 'admin' }, [payment('p1', 'abandoned', [['authorized', 270_900]])]),
    [],
  )
})
