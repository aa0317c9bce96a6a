import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { findByEmail, hasAdmin } from '../accounts/service.ts'
import { registerCatalogRoutes } from '../catalog/routes.ts'
import { sql } from '../platform/database.ts'
import { createShop } from '../shops/service.ts'
import { registerShopRoutes } from '../shops/routes.ts'
import { DEMO_CATEGORIES, DEMO_PRODUCTS, DEMO_SHOPS } from './saat-dabbe.ts'
import { seedDemo, shutOutDemo } from './seed.ts'

async function withSlice(work: (slice: SliceApp) => Promise<void>): Promise<void> {
  const slice = await openSliceApp((app, deps, accounts) => {
    registerShopRoutes(app, deps, accounts)
    registerCatalogRoutes(app, deps, accounts)
  })
  try {
    await work(slice)
  } finally {
    await slice.close()
  }
}

const tally = (slice: SliceApp) =>
  slice.deps.db.one(
    'test.tally',
    sql`select (select count(*) from shops) as shops, (select count(*) from categories) as categories,
          (select count(*) from products) as products, (select count(*) from inventory_movements) as movements,
          (select count(*) from users) as users`,
  )
const WHOLE = { shops: 3, categories: 7, products: 15, movements: 15, users: 5 }

describe('the demo', () => {
  test('is seeded once, and shows what is written in it', () =>
    withSlice(async (slice) => {
      const first = await seedDemo(slice.deps, slice.accounts)
      assert.deepEqual(await tally(slice), WHOLE)
      assert.deepEqual(await seedDemo(slice.deps, slice.accounts), first)
      assert.deepEqual(await tally(slice), WHOLE)

      const { products } = (await slice.call('GET', '/api/products')).body.data
      assert.deepEqual(
        products.map((product: { slug: string; price: number; available: number; image: string }) => ({
          slug: product.slug,
          price: product.price,
          stock: product.available,
          image: product.image,
        })),
        DEMO_PRODUCTS.map(({ slug, price, stock, image }) => ({ slug, price, stock, image })),
      )
      const { categories } = (await slice.call('GET', '/api/categories')).body.data
      assert.deepEqual(
        categories.map((category: { productCount: number }) => category.productCount),
        [3, 2, 1, 2, 2, 3, 2],
      )
      const { shops } = (await slice.call('GET', '/api/shops')).body.data
      assert.deepEqual(
        shops.map(
          (shop: { name: string; deliveryFee: number; freeDeliveryAbove: number; acceptingOrders: boolean }) => [
            shop.name,
            shop.deliveryFee,
            shop.freeDeliveryAbove,
            shop.acceptingOrders,
          ],
        ),
        [
          ['Malabar Pepper House', 4_900, 49_900, true],
          ['Pahadi Rasoi', 5_900, 49_900, true],
          ['Rann Karigar', 7_900, 99_900, true],
        ],
      )
    }))

  test('has log-ins that open what they say', () =>
    withSlice(async (slice) => {
      const { logins } = await seedDemo(slice.deps, slice.accounts)
      const roles: [string, boolean][] = []
      for (const { email, password } of logins) {
        const answer = await slice.call('POST', '/api/auth/sign-in/email', { body: { email, password } })
        roles.push([answer.body.user.role, answer.body.user.shopId !== null])
      }
      assert.deepEqual(roles, [
        ['admin', false],
        ['seller', true],
        ['seller', true],
        ['seller', true],
        ['customer', false],
      ])
    }))

  test('is whole after processes that start together', () =>
    withSlice(async (slice) => {
      await Promise.all([1, 2, 3].map(() => seedDemo(slice.deps, slice.accounts)))
      assert.deepEqual(await tally(slice), WHOLE)
    }))

  test('goes on where a seeding broke off', () =>
    withSlice(async (slice) => {
      const [first] = DEMO_SHOPS
      assert.ok(first)
      await createShop(slice.deps, first)
      await seedDemo(slice.deps, slice.accounts)
      assert.deepEqual(await tally(slice), WHOLE)
    }))

  test('leaves a system alone that has shops of its own', () =>
    withSlice(async (slice) => {
      await createShop(slice.deps, { name: 'A real shop' })
      assert.deepEqual(await seedDemo(slice.deps, slice.accounts), { logins: [] })
      assert.deepEqual(await tally(slice), { shops: 1, categories: 0, products: 0, movements: 0, users: 0 })
    }))

  test('FX1 makes no person where everybody could read the password, and what there is to buy all the same', () =>
    withSlice(async (slice) => {
      for (let start = 0; start < 2; start += 1) {
        assert.deepEqual(await seedDemo(slice.deps, slice.accounts, { withPeople: false }), { logins: [] })
      }
      assert.deepEqual(await tally(slice), { ...WHOLE, users: 0 })
    }))

  test('FX1 shuts out whoever still has its password, once, and nobody else', () =>
    withSlice(async (slice) => {
      const { logins } = await seedDemo(slice.deps, slice.accounts)
      const [admin, seller] = logins
      assert.ok(admin && seller)
      const signIn = (email: string, password: string) =>
        slice.call('POST', '/api/auth/sign-in/email', { body: { email, password } })
      const session = (await signIn(admin.email, admin.password)).body.token
      // One of them has chosen a password; somebody else has the demo's by chance.
      const own = (await signIn(seller.email, seller.password)).body.token
      const changed = await slice.call('POST', '/api/auth/change-password', {
        body: { currentPassword: seller.password, newPassword: 'chosen by the seller' },
        headers: { authorization: `Bearer ${own}` },
      })
      assert.equal(changed.status, 200)
      await slice.accounts.ensureUser({ ...admin, email: 'other@example.test', name: 'Other', role: 'customer' })

      const shutOut = await shutOutDemo(slice.deps, slice.accounts)
      assert.deepEqual(
        shutOut.sort(),
        logins
          .map(({ email }) => email)
          .filter((email) => email !== seller.email)
          .sort(),
      )
      assert.deepEqual(await shutOutDemo(slice.deps, slice.accounts), [])
      assert.equal(await hasAdmin(slice.deps), false)
      assert.equal((await signIn(admin.email, admin.password)).status, 401)
      assert.equal((await signIn(seller.email, 'chosen by the seller')).status, 200)
      assert.equal((await signIn('other@example.test', admin.password)).status, 200)
      const users = await slice.call('GET', '/api/admin/users', { headers: { authorization: `Bearer ${session}` } })
      assert.equal(users.status, 401)

      const made = await slice.accounts.ensureAdmin({ email: 'owner@example.test', password: 'known to the owner' })
      assert.equal(made.outcome, 'made')
      // The owner lets the demo's admin in again: that alone does not bring the password back.
      const owner = (await signIn('owner@example.test', 'known to the owner')).body.token
      const { id } = (await findByEmail(slice.deps.db, admin.email)) ?? { id: '' }
      const headers = { authorization: `Bearer ${owner}` }
      await slice.call('POST', '/api/auth/admin/unban-user', { body: { userId: id }, headers })
      assert.equal((await signIn(admin.email, admin.password)).status, 401)
      const body = { userId: id, newPassword: 'told to the admin' }
      assert.equal((await slice.call('POST', '/api/auth/admin/set-user-password', { body, headers })).status, 200)
      assert.equal((await signIn(admin.email, 'told to the admin')).status, 200)
    }))

  test('makes no admin with a known password where there is one', () =>
    withSlice(async (slice) => {
      await slice.accounts.ensureAdmin({ email: 'owner@example.test', password: 'known to the owner' })
      const { logins } = await seedDemo(slice.deps, slice.accounts)
      assert.deepEqual(
        logins.map((login) => login.role),
        ['seller', 'seller', 'seller', 'customer'],
      )
    }))

  test('every picture is there', { skip: !existsSync(new URL('../../web/public/art', import.meta.url)) }, () => {
    const art = new Set(readdirSync(new URL('../../web/public/art', import.meta.url)).map((name) => `/art/${name}`))
    const shown = [...DEMO_SHOPS, ...DEMO_CATEGORIES, ...DEMO_PRODUCTS].map((thing) => thing.image ?? '')
    assert.deepEqual(
      shown.filter((path) => !art.has(path)),
      [],
    )
  })
})
