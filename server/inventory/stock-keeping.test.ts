import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { inTransaction, sql } from '../platform/database.ts'
import { registerInventoryRoutes } from './admin-routes.ts'
import { reserve } from './queries.ts'
import { addProduct } from './stock-keeping.ts'

let slice: SliceApp
let admin: { authorization: string }
const SHOP = '01890000-0000-7000-8000-000000000001'

before(async () => {
  slice = await openSliceApp(registerInventoryRoutes)
  admin = await slice.signedIn({ role: 'admin' })
  await slice.deps.db.alone.run('test.shop', sql`insert into shops (id, slug, name) values (${SHOP}, 's', 'S')`)
})
after(() => slice.close())

async function stocked(stock: number, reserved = 0): Promise<string> {
  const { id } = await addProduct(slice.deps, { title: 'Honey', price: 52_000, currency: 'INR', shopId: SHOP, stock })
  if (reserved > 0)
    await inTransaction(slice.deps.db, 'test', async (tx) => reserve(tx, [{ productId: id, quantity: reserved }]))
  return id
}

const correct = (id: string, body: object) => slice.call('PATCH', `/api/admin/inventory/${id}`, { body, as: admin })

/** The level, and the movements that must add up to it. */
async function books(id: string) {
  return slice.deps.db.one<{ on_hand: number; reserved: number; moved: number; movements: number }>(
    'test.books',
    sql`select on_hand, reserved,
          (select coalesce(sum(quantity), 0)::bigint from inventory_movements where product_id = ${id}::uuid) as moved,
          (select count(*) from inventory_movements where product_id = ${id}::uuid) as movements
        from inventory where product_id = ${id}::uuid`,
  )
}

describe('correcting stock', () => {
  const cases: [string, object, { on_hand: number; movements: number }][] = [
    ['up by a difference', { adjust: 5 }, { on_hand: 15, movements: 2 }],
    ['down by a difference', { adjust: -4 }, { on_hand: 6, movements: 2 }],
    ['down to what is reserved', { adjust: -7 }, { on_hand: 3, movements: 2 }],
    ['to a count', { onHand: 12 }, { on_hand: 12, movements: 2 }],
    ['to a count that is what was known', { onHand: 10 }, { on_hand: 10, movements: 1 }],
    ['to a count that is what is reserved', { onHand: 3 }, { on_hand: 3, movements: 2 }],
  ]
  for (const [name, body, expected] of cases) {
    test(name, async () => {
      const id = await stocked(10, 3)
      const answer = await correct(id, { ...body, reason: 'counted' })
      assert.equal(answer.status, 200)
      const { on_hand, movements } = expected
      assert.deepEqual(answer.body.data.inventory, {
        productId: id,
        onHand: on_hand,
        reserved: 3,
        available: on_hand - 3,
      })
      assert.deepEqual(await books(id), { on_hand, reserved: 3, moved: on_hand, movements })
    })
  }

  for (const [name, body, message] of [
    ['below what is reserved', { adjust: -8 }, /^3 of 10 units are reserved/],
    ['to a count below what is reserved', { onHand: 2 }, /^3 of 10 units are reserved/],
    ['far below nothing', { adjust: -1_000_000_000 }, /^3 of 10 units are reserved/],
  ] as const) {
    test(`is refused ${name}, and nothing changes`, async () => {
      const id = await stocked(10, 3)
      const answer = await correct(id, { ...body, reason: 'lost' })
      assert.deepEqual([answer.status, answer.body.error.code], [409, 'out_of_stock'])
      assert.match(answer.body.error.message, message)
      assert.deepEqual(await books(id), { on_hand: 10, reserved: 3, moved: 10, movements: 1 })
    })
  }

  for (const body of [
    {},
    { reason: 'why' },
    { adjust: 1 },
    { adjust: 1, reason: '' },
    { adjust: 1, reason: ' ' },
    { adjust: 1, reason: '\u202E' },
    { adjust: 0, reason: 'why' },
    { adjust: 1, onHand: 5, reason: 'why' },
    { adjust: 1.5, reason: 'why' },
    { adjust: '1', reason: 'why' },
    { adjust: null, reason: 'why' },
    { adjust: [1], reason: 'why' },
    { adjust: 2 ** 53 + 2, reason: 'why' },
    { onHand: -1, reason: 'why' },
    { onHand: 2 ** 31 + 0.5, reason: 'why' },
    { onHand: '0x10', reason: 'why' },
    { onHand: 5, reserved: 0, reason: 'why' },
  ]) {
    test(`A4 is refused with ${JSON.stringify(body)}`, async () => {
      const id = await stocked(10)
      const answer = await correct(id, body)
      assert.deepEqual([answer.status, answer.body.error.code], [400, 'validation_failed'])
      assert.deepEqual(await books(id), { on_hand: 10, reserved: 0, moved: 10, movements: 1 })
    })
  }

  test('of a product that does not exist is not found', async () => {
    assert.equal((await correct('01890000-0000-7000-8000-00000000dead', { adjust: 1, reason: 'x' })).status, 404)
  })

  test('twenty differences at the same moment add up', async () => {
    const id = await stocked(100)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => correct(id, { adjust: index % 2 === 0 ? 3 : -2, reason: 'race' })),
    )
    assert.ok(answers.every((answer) => answer.status === 200))
    assert.deepEqual(await books(id), { on_hand: 110, reserved: 0, moved: 110, movements: 21 })
  })

  test('two that cannot both be: one is refused', async () => {
    const id = await stocked(10)
    const answers = await Promise.all([
      correct(id, { adjust: -6, reason: 'a' }),
      correct(id, { adjust: -6, reason: 'b' }),
    ])
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 409])
    assert.deepEqual(await books(id), { on_hand: 4, reserved: 0, moved: 4, movements: 2 })
  })

  test('one that waits behind an order sees what the order reserved', async () => {
    const id = await stocked(10)
    let waiting: ReturnType<typeof correct> | undefined
    await inTransaction(slice.deps.db, 'test', async (tx) => {
      // As an order's commit does.
      await tx.run('test.reserve', sql`update inventory set reserved = 8 where product_id = ${id}::uuid`)
      waiting = correct(id, { onHand: 5, reason: 'counted' })
      await slice.deps.ports.timers.sleep(200)
    })
    const answer = await waiting
    assert.deepEqual([answer?.status, answer?.body.error.details.reserved], [409, 8])
    assert.deepEqual(await books(id), { on_hand: 10, reserved: 8, moved: 10, movements: 1 })
  })

  test('a count that waits behind another correction is booked against what that one left', async () => {
    const id = await stocked(10)
    let waiting: ReturnType<typeof correct> | undefined
    await inTransaction(slice.deps.db, 'test', async (tx) => {
      await tx.run('test.take', sql`update inventory set on_hand = 7 where product_id = ${id}::uuid`)
      await tx.run(
        'test.move',
        sql`insert into inventory_movements (product_id, kind, quantity, created_at) values (${id}, 'adjustment', -3, now())`,
      )
      waiting = correct(id, { onHand: 9, reason: 'counted' })
      await slice.deps.ports.timers.sleep(200)
    })
    assert.equal((await waiting)?.status, 200)
    assert.deepEqual(await books(id), { on_hand: 9, reserved: 0, moved: 9, movements: 3 })
  })

  test('movements are listed newest first, page by page', async () => {
    const id = await stocked(1)
    for (const reason of ['first', 'second', 'third']) await correct(id, { adjust: 1, reason })
    const url = `/api/admin/inventory/${id}?limit=3`
    const first = await slice.call('GET', url, { as: admin })
    const reasons = (answer: typeof first) =>
      answer.body.data.movements.map((movement: { reason: string | null }) => movement.reason)
    assert.deepEqual(reasons(first), ['third', 'second', 'first'])
    const second = await slice.call('GET', `${url}&cursor=${first.body.pagination.nextCursor}`, { as: admin })
    assert.deepEqual(reasons(second), [null])
    assert.equal(second.body.pagination.nextCursor, null)
  })
})
