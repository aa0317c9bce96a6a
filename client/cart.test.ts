import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bringGuestCart,
  countThings,
  guestCart,
  mergedCarts,
  MOST_LINES,
  MOST_OF_ONE,
  parseCart,
  withMore,
  withoutBought,
  withQuantity,
} from './cart.ts'
import { memoryStorage } from './storage.ts'

const pepper = { productId: 'pepper', quantity: 2 }
const honey = { productId: 'honey', quantity: 1 }

test('a quantity is set in place, a new product goes to the end, zero takes it out', () => {
  const lines = withQuantity([pepper, honey], 'pepper', 5)
  assert.deepEqual(lines, [{ productId: 'pepper', quantity: 5 }, honey])
  assert.deepEqual(withQuantity([pepper], 'honey', 1), [pepper, honey])
  assert.deepEqual(withQuantity([pepper, honey], 'pepper', 0), [honey])
  assert.deepEqual(withQuantity([pepper], 'pepper', -3), [])
})

test('quantities stay within what the API takes', () => {
  assert.deepEqual(withMore([{ productId: 'pepper', quantity: 998 }], 'pepper', 5), [
    { productId: 'pepper', quantity: MOST_OF_ONE },
  ])
  const full = Array.from({ length: MOST_LINES }, (_, index) => ({ productId: `p${index}`, quantity: 1 }))
  assert.equal(withMore(full, 'one more', 1), full)
  assert.equal(countThings(withMore(full, 'p0', 1)), MOST_LINES + 1)
})

test('signing in joins two boxes, and doing it twice changes nothing more', () => {
  const once = mergedCarts([{ productId: 'pepper', quantity: 1 }], [pepper, honey])
  assert.deepEqual(once, [pepper, honey])
  assert.deepEqual(mergedCarts(once, [pepper, honey]), once)
  assert.deepEqual(mergedCarts([{ productId: 'pepper', quantity: 3 }], [pepper]), [
    { productId: 'pepper', quantity: 3 },
  ])
})

test('what was bought leaves the box, what was put in meanwhile stays', () => {
  const box = [{ productId: 'pepper', quantity: 3 }, honey, { productId: 'tea', quantity: 1 }]
  const bought = [
    { productId: 'pepper', quantity: 2 },
    { productId: 'honey', quantity: 4 },
    { productId: null, quantity: 1 },
    { productId: 'not in the box', quantity: 1 },
  ]
  assert.deepEqual(withoutBought(box, bought), [
    { productId: 'pepper', quantity: 1 },
    { productId: 'tea', quantity: 1 },
  ])
})

test('a stored box that was tampered with is read as far as it makes sense', () => {
  assert.deepEqual(parseCart('nonsense'), [])
  assert.deepEqual(
    parseCart([pepper, null, { productId: 'x' }, { productId: 1, quantity: 1 }, { productId: 'y', quantity: 1.5 }]),
    [pepper],
  )
  assert.deepEqual(parseCart([{ productId: 'pepper', quantity: 1e9 }]), [
    { productId: 'pepper', quantity: MOST_OF_ONE },
  ])
})

test('a guest cart keeps its lines in storage and tells who listens', () => {
  const storage = memoryStorage()
  const cart = guestCart(storage)
  let told = 0
  const stop = cart.subscribe(() => {
    told += 1
  })
  cart.set([pepper])
  assert.equal(told, 1)
  assert.deepEqual(guestCart(storage).get(), [pepper])
  cart.set([])
  assert.equal(storage.get('hundi.cart'), null)
  stop()
  cart.set([honey])
  assert.equal(told, 2)
})

test('R13 the guest’s box is emptied once the server has it, and not before', async () => {
  const box = guestCart(memoryStorage())
  box.set([pepper, honey])
  const sent: unknown[] = []
  const failing = {
    putCart: (items: unknown) => {
      sent.push(items)
      return Promise.reject(new Error('reset'))
    },
  }
  await assert.rejects(bringGuestCart(failing, box, [{ productId: 'pepper', quantity: 1 }]), /reset/)
  assert.deepEqual(box.get(), [pepper, honey])
  const taking = {
    putCart: (items: typeof sent) => {
      sent.push(items)
      return Promise.resolve({ items } as never)
    },
  }
  const kept = await bringGuestCart(taking as never, box, [{ productId: 'pepper', quantity: 1 }])
  assert.deepEqual(kept, [pepper, honey])
  assert.deepEqual(box.get(), [])
  assert.deepEqual(sent, [
    [pepper, honey],
    [pepper, honey],
  ])
  // A second part of the page that does the same finds nothing to bring.
  assert.equal(await bringGuestCart(failing, box, kept), kept)
})

test('R13 what another tab puts in while the box is being brought stays for the next time', async () => {
  const box = guestCart(memoryStorage())
  box.set([pepper])
  const client = {
    putCart(items: readonly { productId: string; quantity: number }[]) {
      box.set([pepper, honey])
      return Promise.resolve({ items })
    },
  }
  assert.deepEqual(await bringGuestCart(client, box, []), [pepper])
  assert.deepEqual(box.get(), [pepper, honey])
})
