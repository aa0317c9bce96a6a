import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACCOUNT_KIND_WORDS, accountName, accountParts, inBookOrder, ownerName, transferWords } from './books-words.ts'

const SHOP = '0199a1b2-0000-7000-8000-0000000abcde'

test('an account is named by what it holds and whose it is', () => {
  const names = (owner: string) => (owner === SHOP ? 'Malabar Pepper House' : undefined)
  assert.equal(accountName(`seller_payable:${SHOP}:INR`, names), 'Shops: Malabar Pepper House')
  assert.equal(accountName('provider_clearing:razorpay:INR', names), 'At the provider: Razorpay')
  assert.equal(accountName('commission:hundi:INR', names), 'Commission')
  assert.equal(accountName('customer_funds:orders:INR', names), 'Held for orders')
})

test('an owner without a known name goes by the end of its id, and an unknown kind by its own name', () => {
  assert.equal(accountName(`wallet:${SHOP}:INR`), 'Wallets: …0abcde')
  assert.equal(accountName('gift_cards:hundi:INR'), 'Gift cards')
  assert.equal(ownerName('suspense', 'paypal', null), 'PayPal')
  assert.equal(ownerName('write_offs', 'hundi', null), null)
})

test('the parts of an id keep an owner with colons whole', () => {
  assert.deepEqual(accountParts('bank:razorpay:x:INR'), { kind: 'bank', owner: 'razorpay:x', currency: 'INR' })
})

test('every kind has words of its own', () => {
  assert.equal(new Set(ACCOUNT_KIND_WORDS.map(([, words]) => words)).size, ACCOUNT_KIND_WORDS.length)
})

test('transfers of one instant stand in the order of a book-keeper', () => {
  const at = '2026-11-20T09:03:47.512Z'
  const of = (kind: string, createdAt = at) => ({ kind, createdAt })
  const sorted = inBookOrder([of('commission'), of('refund', '2026-11-20T09:11:00.000Z'), of('sale'), of('capture')])
  assert.deepEqual(
    sorted.map((transfer) => transfer.kind),
    ['capture', 'sale', 'commission', 'refund'],
  )
})

test('an unknown transfer goes by its own name', () => {
  assert.equal(transferWords('refund_given_up'), 'Refund given up')
  assert.equal(transferWords('commission_reversed'), 'Our commission, undone')
  assert.equal(transferWords('sale_restored'), 'Sold, restored')
  assert.equal(transferWords('gift_card_sold'), 'Gift card sold')
})
