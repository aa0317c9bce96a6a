import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { moneySplit, wouldGoBack } from './money-split.ts'

type Case = {
  name: string
  status: Order['status']
  captured: number
  refunded?: number
  underWay?: [number, string][]
  review?: number
  split: [kept: number, goingBack: number, goneBack: number, inReview: number]
}

const cases: Case[] = [
  { name: 'nothing captured', status: 'pending', captured: 0, split: [0, 0, 0, 0] },
  { name: 'all kept', status: 'confirmed', captured: 270900, split: [270900, 0, 0, 0] },
  {
    name: 'a part is going back',
    status: 'confirmed',
    captured: 270900,
    underWay: [[48364, 'processing']],
    split: [222536, 48364, 0, 0],
  },
  {
    name: 'a part has gone back',
    status: 'confirmed',
    captured: 270900,
    refunded: 48364,
    underWay: [[48364, 'processed']],
    split: [222536, 0, 48364, 0],
  },
  {
    name: 'a failed refund is not under way',
    status: 'delivered',
    captured: 270900,
    underWay: [[48364, 'failed']],
    split: [270900, 0, 0, 0],
  },
  {
    name: 'cancelled, going back',
    status: 'cancelled',
    captured: 270900,
    underWay: [[270900, 'requested']],
    split: [0, 270900, 0, 0],
  },
  { name: 'cancelled, refund not yet begun', status: 'cancelled', captured: 270900, split: [0, 0, 0, 270900] },
  { name: 'a short payment under review', status: 'pending', captured: 100, review: 1, split: [0, 0, 0, 100] },
  {
    name: 'paid twice, one going back',
    status: 'confirmed',
    captured: 541800,
    underWay: [[270900, 'requested']],
    split: [270900, 270900, 0, 0],
  },
  {
    name: 'paid twice, the second not yet decided',
    status: 'confirmed',
    captured: 541800,
    review: 1,
    split: [270900, 0, 0, 270900],
  },
  {
    name: 'refunds reported above the capture',
    status: 'confirmed',
    captured: 100,
    refunded: 80,
    underWay: [[90, 'processing']],
    split: [0, 20, 80, 0],
  },
]

for (const { name, status, captured, refunded = 0, underWay = [], review = 0, split } of cases) {
  test(`money of an order: ${name}`, () => {
    const order = {
      status,
      total: 270900,
      capturedAmount: captured,
      refundedAmount: refunded,
      payments: [{ refunds: underWay.map(([amount, state]) => ({ amount, status: state })) }],
    } as Order
    const found = moneySplit(order, review)
    assert.deepEqual([found.kept, found.goingBack, found.goneBack, found.inReview], split)
    assert.equal(found.kept + found.goingBack + found.goneBack + found.inReview, captured)
    assert.equal(wouldGoBack(found), found.kept + found.inReview)
  })
}
