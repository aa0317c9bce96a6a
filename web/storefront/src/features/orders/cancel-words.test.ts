import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../../../client/shapes.ts'
import { sums } from '../../../../../test/buyer.ts'
import { plain } from '../../../../ui/phrase.ts'
import { cancelWords } from './order-money.ts'

const order = (status: Order['status'], parts: Order['shopOrders'][number]['status'][], money: Order['money']) => {
  const names = ['Malabar', 'Rann']
  return {
    number: 'H-7KQ4-M2XD',
    status,
    currency: 'INR',
    money,
    items: names.map((shopId) => ({ shopId, quantity: 2, returnedQuantity: shopId === 'Rann' ? 1 : 0 })),
    shopOrders: parts.map((each, at) => ({
      shopId: names[at],
      shopName: names[at],
      status: each,
      total: 50_000,
      returnedAmount: at === 1 ? 10_000 : 0,
    })),
  } as unknown as Parameters<typeof cancelWords>[0]
}
const told = (...of: Parameters<typeof order>) => {
  const { label, keep, title, consequences, confirm } = cancelWords(order(...of))
  return [label, keep, plain(title), ...consequences.map(plain), plain(confirm)]
}

test('cancelling a whole order says what comes back of it', () => {
  const money = [sums({ captured: 100_000, kept: 90_000, goneBack: 10_000 })]
  assert.deepEqual(told('confirmed', ['accepted', 'awaiting_acceptance'], money), [
    'Cancel the order…',
    'Keep the order',
    'Cancel and get the rest, ₹900.00 back?',
    '₹900.00 goes back the way you paid it, by itself. Banks take up to 7 working days.',
    '3 things go back on the shelf, for others to buy.',
    'Order H-7KQ4-M2XD stays in your list.',
    'Cancel, send ₹900.00 back',
  ])
})

test('while a part is on its way, cancelling is about the other, and says what stays', () => {
  const money = [sums({ captured: 100_000, kept: 90_000, goneBack: 10_000 })]
  assert.deepEqual(told('confirmed', ['shipped', 'awaiting_acceptance'], money), [
    'Cancel what is not sent…',
    'Keep it',
    'Cancel the part of Rann and get ₹400.00 back?',
    '₹400.00 goes back the way you paid it, by itself. Banks take up to 7 working days.',
    'What Malabar sent stays yours.',
    '1 thing goes back on the shelf, for others to buy.',
    'Order H-7KQ4-M2XD stays in your list.',
    'Cancel, send ₹400.00 back',
  ])
  // Less is kept than the part would cost by itself.
  const little = told(
    'confirmed',
    ['delivered', 'accepted'],
    [sums({ captured: 100_000, kept: 30_000, goneBack: 70_000 })],
  )
  assert.equal(little.at(-1), 'Cancel, send ₹300.00 back')
  const none = told('confirmed', ['shipped', 'accepted'], [sums({ captured: 100_000, goneBack: 100_000 })])
  assert.deepEqual(
    [none[2], none[3], none.at(-1)],
    ['Cancel the part of Rann?', 'Cancelling moves no money.', 'Cancel that part'],
  )
})
