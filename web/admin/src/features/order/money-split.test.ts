import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, OrderStory } from '../../../../../shared/contract/orders.ts'
import { moneySplit, wouldGoBack } from './money-split.ts'

type Case = {
  name: string
  status: Order['status']
  captured: number
  refunded?: number
  underWay?: [number, string][]
  /** What the books hold for nobody. */
  held?: number
  waiting?: number
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
    name: 'a refund that failed is owed, and nobody’s',
    status: 'confirmed',
    captured: 270900,
    underWay: [[48364, 'failed']],
    held: 48364,
    split: [222536, 0, 0, 48364],
  },
  {
    name: 'a refund that waits for a second person is not on its way',
    status: 'confirmed',
    captured: 270900,
    waiting: 200000,
    split: [70900, 0, 0, 200000],
  },
  {
    name: 'cancelled, going back',
    status: 'cancelled',
    captured: 270900,
    underWay: [[270900, 'requested']],
    split: [0, 270900, 0, 0],
  },
  { name: 'cancelled, refund not yet begun', status: 'cancelled', captured: 270900, split: [0, 0, 0, 270900] },
  { name: 'a short payment under review', status: 'pending', captured: 100, held: 100, split: [0, 0, 0, 100] },
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
    held: 270900,
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

/** Captured, and sold but for what is held. */
function booksHolding(held: number): OrderStory['ledger'] {
  const transfer = (debit: string, credit: string, amount: number) => ({ debit, credit, amount })
  return [
    transfer('provider_clearing:razorpay:INR', 'customer_funds:orders:INR', held + 100),
    transfer('customer_funds:orders:INR', 'seller_payable:s1:INR', 100),
  ] as OrderStory['ledger']
}

for (const { name, status, captured, refunded = 0, underWay = [], held = 0, waiting = 0, split } of cases) {
  test(`money of an order: ${name}`, () => {
    const order = {
      status,
      total: 270900,
      capturedAmount: captured,
      refundedAmount: refunded,
      payments: [
        {
          refunds: [
            ...underWay.map(([amount, state]) => ({ amount, status: state, approval: 'none' })),
            ...(waiting > 0 ? [{ amount: waiting, status: 'requested', approval: 'pending' }] : []),
          ],
        },
      ],
    } as Order
    const found = moneySplit(order, booksHolding(held))
    assert.deepEqual([found.kept, found.goingBack, found.goneBack, found.inReview], split)
    assert.equal(found.kept + found.goingBack + found.goneBack + found.inReview, captured)
    assert.equal(wouldGoBack(found), found.kept + found.inReview)
  })
}
