import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { addProduct } from '../inventory/stock-keeping.ts'
import { inTransaction, sql } from '../platform/database.ts'
import { registerCartRoutes } from './routes.ts'
import { clearCart } from './service.ts'

let slice: SliceApp
const SHOP = '01890000-0000-7000-8000-000000000001'
const products: string[] = []

before(async () => {
  slice = await openSliceApp(registerCartRoutes)
  await slice.deps.db.alone.run('test.shop', sql`insert into shops (id, slug, name) values (${SHOP}, 's', 'S')`)
  for (const title of ['Honey', 'Pepper', 'Stole']) {
    const product = await addProduct(slice.deps, { title, price: 100, currency: 'INR', shopId: SHOP, stock: 2 })
    products.push(product.id)
  }
})
after(() => slice.close())

const line = (index: number, quantity: unknown) => ({ productId: products[index] ?? '', quantity })
const lines = (answer: { body: { data: { cart: { items: { productId: string; quantity: number }[] } } } }) =>
  answer.body.data.cart.items.map(({ productId, quantity }) => [products.indexOf(productId), quantity])

describe('the cart', () => {
  test('is empty at first, keeps what is put in, in that order, and is replaced as a whole', async () => {
    const as = await slice.signedIn({ role: 'customer' })
    assert.deepEqual((await slice.call('GET', '/api/cart', { as })).body.data, { cart: { items: [] } })
    const put = await slice.call('PUT', '/api/cart', { body: { items: [line(2, 1), line(0, 999)] }, as })
    assert.equal(put.status, 200)
    const shown = await slice.call('GET', '/api/cart', { as })
    assert.deepEqual(shown.body, put.body)
    assert.deepEqual(lines(shown), [
      [2, 1],
      [0, 999],
    ])
    assert.equal(shown.body.data.cart.items[1].product.title, 'Honey')
    assert.equal(shown.body.data.cart.items[1].product.available, 2)
    await slice.call('PUT', '/api/cart', { body: { items: [line(1, 3)] }, as })
    assert.deepEqual(lines(await slice.call('GET', '/api/cart', { as })), [[1, 3]])
    await slice.call('PUT', '/api/cart', { body: { items: [] }, as })
    assert.deepEqual(lines(await slice.call('GET', '/api/cart', { as })), [])
  })

  test('A3 belongs to one person', async () => {
    const [anna, ben] = [await slice.signedIn({ role: 'customer' }), await slice.signedIn({ role: 'customer' })]
    await slice.call('PUT', '/api/cart', { body: { items: [line(0, 1)] }, as: anna })
    assert.deepEqual(lines(await slice.call('GET', '/api/cart', { as: ben })), [])
    await slice.call('PUT', '/api/cart', { body: { items: [] }, as: ben })
    assert.deepEqual(lines(await slice.call('GET', '/api/cart', { as: anna })), [[0, 1]])
    const foreign = { body: { items: [line(1, 1)], userId: anna.id }, as: ben }
    assert.equal((await slice.call('PUT', '/api/cart', foreign)).status, 400)
    assert.equal((await slice.call('GET', `/api/cart?userId=${anna.id}`, { as: ben })).body.data.cart.items.length, 0)
  })

  test('is for people who are signed in', async () => {
    assert.equal((await slice.call('GET', '/api/cart')).status, 401)
    assert.equal((await slice.call('PUT', '/api/cart', { body: { items: [] } })).status, 401)
  })

  const bad: [string, () => unknown][] = [
    ...[-1, 0, 1.5, 1000, '1', '0x10', null, [5], 2 ** 31, 2 ** 53 + 2].map((quantity): [string, () => unknown] => [
      `a quantity of ${JSON.stringify(quantity)}`,
      () => ({ items: [line(0, quantity)] }),
    ]),
    ['a product that does not exist', () => ({ items: [{ productId: SHOP, quantity: 1 }] })],
    ['a product that is no id', () => ({ items: [{ productId: "x' or 1=1", quantity: 1 }] })],
    ['one product twice', () => ({ items: [line(0, 1), line(0, 1)] })],
    [
      'one product twice, once in capitals',
      () => ({ items: [line(0, 1), { productId: products[0]?.toUpperCase(), quantity: 1 }] }),
    ],
    ['a price', () => ({ items: [{ ...line(0, 1), price: 1 }] })],
    ['too many lines', () => ({ items: Array.from({ length: 101 }, () => line(0, 1)) })],
    ['no list', () => ({})],
    ['a list of another name', () => ({ items: [], lines: [] })],
  ]
  for (const [name, body] of bad) {
    test(`A1 A4 X1 X3 stays as it was when sent ${name}`, async () => {
      const as = await slice.signedIn({ role: 'customer' })
      await slice.call('PUT', '/api/cart', { body: { items: [line(1, 2)] }, as })
      const answer = await slice.call('PUT', '/api/cart', { body: body(), as })
      assert.deepEqual([answer.status, answer.body.error.code], [400, 'validation_failed'])
      assert.deepEqual(lines(await slice.call('GET', '/api/cart', { as })), [[1, 2]])
    })
  }

  test('shows no product that is not sold any more, but keeps its line', async () => {
    const as = await slice.signedIn({ role: 'customer' })
    const { id } = await addProduct(slice.deps, { title: 'Gone', price: 1, currency: 'INR', shopId: SHOP })
    await slice.call('PUT', '/api/cart', { body: { items: [{ productId: id, quantity: 1 }] }, as })
    await slice.deps.db.alone.run('test.gone', sql`update products set active = false where id = ${id}::uuid`)
    const answer = await slice.call('GET', '/api/cart', { as })
    assert.deepEqual(answer.body.data.cart.items, [{ productId: id, quantity: 1, product: null }])
  })

  test('holds one of two lists that are put in at the same moment, never a mixture', async () => {
    const as = await slice.signedIn({ role: 'customer' })
    const [one, other] = [
      [line(0, 1), line(1, 1)],
      [line(1, 2), line(2, 2)],
    ]
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(
        [one, other, one, other].map((items) => slice.call('PUT', '/api/cart', { body: { items }, as })),
      )
      assert.ok(answers.every((answer) => answer.status === 200))
      const left = JSON.stringify(lines(await slice.call('GET', '/api/cart', { as })))
      assert.ok(left === '[[0,1],[1,1]]' || left === '[[1,2],[2,2]]', left)
    }
  })

  test('is emptied with the transaction that confirms an order, or not at all', async () => {
    const as = await slice.signedIn({ role: 'customer' })
    await slice.call('PUT', '/api/cart', { body: { items: [line(0, 1)] }, as })
    const failing = inTransaction(slice.deps.db, 'test', async (tx) => {
      clearCart(tx, as.id)
      throw new Error('the order did not come about')
    })
    await assert.rejects(failing, /did not come about/)
    assert.deepEqual(lines(await slice.call('GET', '/api/cart', { as })), [[0, 1]])
    await inTransaction(slice.deps.db, 'test', async (tx) => clearCart(tx, as.id))
    assert.deepEqual(lines(await slice.call('GET', '/api/cart', { as })), [])
  })
})
