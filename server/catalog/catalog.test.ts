import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { registerInventoryRoutes } from '../inventory/admin-routes.ts'
import { sql } from '../platform/database.ts'
import { registerShopRoutes } from '../shops/routes.ts'
import { registerCatalogRoutes } from './routes.ts'
import { listForPricing } from './service.ts'

let slice: SliceApp
let admin: { authorization: string }
let customer: { authorization: string }
const shops: Record<'hill' | 'coast', string> = { hill: '', coast: '' }
const categories: Record<'tea' | 'spices', string> = { tea: '', spices: '' }
const NOBODY = '01890000-0000-7000-8000-000000000000'

async function create(what: string, name: string, body: unknown) {
  const answer = await slice.call('POST', `/api/admin/${what}`, { body, as: admin })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  // Ids tell milliseconds apart, no less.
  await slice.deps.ports.timers.sleep(2)
  return answer.body.data[name]
}

const count = async (table: 'shops' | 'products' | 'categories' | 'inventory_movements') =>
  (
    await slice.deps.db.one<{ shops: number; products: number; categories: number; inventory_movements: number }>(
      'test.counts',
      sql`select (select count(*) from shops) as shops, (select count(*) from products) as products,
            (select count(*) from categories) as categories, (select count(*) from inventory_movements) as inventory_movements`,
    )
  )[table]

before(async () => {
  slice = await openSliceApp((app, deps, accounts) => {
    registerShopRoutes(app, deps, accounts)
    registerCatalogRoutes(app, deps, accounts)
    registerInventoryRoutes(app, deps, accounts)
  })
  admin = await slice.signedIn({ role: 'admin' })
  customer = await slice.signedIn({ role: 'customer' })
  shops.hill = (await create('shops', 'shop', { name: 'Pahadi Rasoi', deliveryFee: 5900, position: 1 })).id
  shops.coast = (await create('shops', 'shop', { name: 'Malabar Pepper House', city: 'Kochi' })).id
  categories.tea = (await create('categories', 'category', { name: 'Tea', position: 2 })).id
  categories.spices = (await create('categories', 'category', { name: 'Spices', position: 1 })).id
  const product = (title: string, price: number, more: object) =>
    create('products', 'product', { title, price, currency: 'INR', shopId: shops.coast, ...more })
  await product('Kumaon tea, 100 g', 37_500, {
    shopId: shops.hill,
    categoryId: categories.tea,
    stock: 3,
    position: 5,
    description: 'Second flush, honey and pine.',
  })
  await product('Green cardamom', 32_000, { categoryId: categories.spices, stock: 10, position: 2 })
  await product('Tellicherry pepper', 24_500, { categoryId: categories.spices, stock: 0, position: 2 })
  await product('100% honest salt', 1_000, { stock: 1, position: 1, taxRateBps: 500, hsn: '250100' })
  await product('Withdrawn turmeric', 18_000, { categoryId: categories.spices, stock: 5, active: false })
})
after(() => slice.close())

const titles = (answer: { body: { data: { products: { title: string }[] } } }) =>
  answer.body.data.products.map((product) => product.title)

describe('the list of products', () => {
  const SALT = '100% honest salt'
  const TEA = 'Kumaon tea, 100 g'
  const CARDAMOM = 'Green cardamom'
  const PEPPER = 'Tellicherry pepper'
  const cases: [string, string, string[]][] = [
    ['by position, then as they were made', '', [SALT, CARDAMOM, PEPPER, TEA]],
    ['cheapest first', 'sort=price', [SALT, PEPPER, CARDAMOM, TEA]],
    ['dearest first', 'sort=-price', [TEA, CARDAMOM, PEPPER, SALT]],
    ['newest first', 'sort=newest', [SALT, PEPPER, CARDAMOM, TEA]],
    ['a category by slug', 'category=spices', [CARDAMOM, PEPPER]],
    ['a category that does not exist', 'category=toys', []],
    ['a shop by slug', 'shop=pahadi-rasoi', [TEA]],
    ['what can be bought', 'available=true', [SALT, CARDAMOM, TEA]],
    ['what can be bought or not', 'available=false', [SALT, CARDAMOM, PEPPER, TEA]],
    ['from a price on', 'minPrice=32000', [CARDAMOM, TEA]],
    ['up to a price', 'maxPrice=24500', [SALT, PEPPER]],
    ['a price range that is empty', 'minPrice=2&maxPrice=1', []],
    ['a word of the title in another case', 'search=PEPPER', [CARDAMOM, PEPPER, SALT].sort(byPosition)],
    ['a word of the description', 'search=flush', [TEA]],
    ['words in any order, of title and shop', 'search=rasoi+kumaon', [TEA]],
    ['words that no product has together', 'search=pepper+kumaon', []],
    ['a percent sign is only itself', 'search=%25', [SALT]],
    ['an underscore is only itself', 'search=_', []],
    ['a backslash is only itself', 'search=%5C', []],
    ['a search of spaces finds everything', 'search=%20%20', [SALT, CARDAMOM, PEPPER, TEA]],
    ['several filters together', 'category=spices&available=true&maxPrice=40000&sort=price', [CARDAMOM]],
    ['SQL in a search is only text', "search=';drop table products;--", []],
    ['SQL in a category is only text', "category=' or 1=1 --", []],
    ['SQL in a shop is only text', "shop=') or true--", []],
  ]
  for (const [name, query, expected] of cases) {
    test(name, async () => {
      const answer = await slice.call('GET', `/api/products?${query.replaceAll(' ', '+')}`)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.deepEqual(titles(answer), expected)
    })
  }
  test('a category and a shop by id', async () => {
    assert.deepEqual(titles(await slice.call('GET', `/api/products?category=${categories.tea}`)), [TEA])
    assert.deepEqual(titles(await slice.call('GET', `/api/products?shop=${shops.hill.toUpperCase()}`)), [TEA])
  })

  const hostile = [
    'sort=price;drop table products',
    'sort=price desc',
    'sort=price&sort=newest',
    'sort=__proto__',
    'limit=0',
    'limit=101',
    'limit=1.5',
    'limit=NaN',
    'minPrice=-1',
    'minPrice=ten',
    'available=maybe',
    'search=%00',
    'search=' + 'a'.repeat(101),
    'cursor=nonsense',
    `cursor=${Buffer.from('["featured",1]').toString('base64url')}`,
    `cursor=${Buffer.from('["featured","1 or 1=1","x"]').toString('base64url')}`,
    `cursor=${Buffer.from(`["price",1,"${NOBODY}"]`).toString('base64url')}`,
    `cursor=${Buffer.from('{"length":3}').toString('base64url')}`,
  ]
  for (const query of hostile) {
    test(`X3 is refused with ${query.slice(0, 60)}`, async () => {
      const answer = await slice.call('GET', `/api/products?${query}`)
      assert.equal(answer.status, 400)
      assert.equal(answer.body.error.code, 'validation_failed')
    })
  }

  for (const sort of ['featured', 'price', '-price', 'newest']) {
    test(`pages by ${sort} neither repeat nor leave out, whatever comes in between`, async () => {
      const whole = titles(await slice.call('GET', `/api/products?sort=${sort}`))
      const seen: string[] = []
      const made: string[] = []
      let cursor: string | null = null
      do {
        const query: string = cursor === null ? '' : `&cursor=${cursor}`
        const answer = await slice.call('GET', `/api/products?sort=${sort}&limit=1${query}`)
        seen.push(...titles(answer))
        cursor = answer.body.pagination.nextCursor
        // A product that sorts before everything seen so far must not push a seen one onto the next page.
        if (cursor !== null && made.length < 2) {
          const early = { price: sort === '-price' ? 999_999 : 1, title: `Latecomer ${sort} ${made.length}` }
          const product = await create('products', 'product', { ...early, currency: 'INR', shopId: shops.coast })
          made.push(product.id)
        }
      } while (cursor !== null && seen.length < 20)
      assert.deepEqual(seen, whole)
      for (const id of made)
        await slice.call('PATCH', `/api/admin/products/${id}`, { body: { active: false }, as: admin })
    })
  }
})

function byPosition(a: string, b: string): number {
  const order = ['100% honest salt', 'Green cardamom', 'Tellicherry pepper']
  return order.indexOf(a) - order.indexOf(b)
}

describe('one product', () => {
  test('is found by id and by slug, with what is left of it', async () => {
    const bySlug = await slice.call('GET', '/api/products/100-honest-salt')
    const { product } = bySlug.body.data
    assert.deepEqual(product, {
      id: product.id,
      slug: '100-honest-salt',
      title: '100% honest salt',
      description: null,
      image: null,
      price: 1_000,
      currency: 'INR',
      taxRateBps: 500,
      hsn: '250100',
      available: 1,
      maxPerOrder: null,
      shopId: shops.coast,
      shopName: 'Malabar Pepper House',
      categoryId: null,
      categoryName: null,
    })
    assert.deepEqual((await slice.call('GET', `/api/products/${product.id}`)).body, bySlug.body)
  })
  for (const name of ['withdrawn-turmeric', NOBODY, 'no-such-thing', '%27%20or%201=1']) {
    test(`${name} is not found`, async () => {
      const answer = await slice.call('GET', `/api/products/${name}`)
      assert.equal(answer.status, 404)
      assert.equal(answer.body.error.code, 'not_found')
    })
  }
})

describe('categories and shops', () => {
  test('categories come in their order with the number of products on the shelves', async () => {
    const answer = await slice.call('GET', '/api/categories')
    assert.deepEqual(
      answer.body.data.categories.map((category: { name: string; productCount: number }) => [
        category.name,
        category.productCount,
      ]),
      [
        ['Spices', 2],
        ['Tea', 1],
      ],
    )
  })

  test('shops show no commission and no settings to shoppers', async () => {
    const answer = await slice.call('GET', '/api/shops')
    assert.deepEqual(
      answer.body.data.shops.map((shop: { name: string }) => shop.name),
      ['Malabar Pepper House', 'Pahadi Rasoi'],
    )
    assert.deepEqual(Object.keys(answer.body.data.shops[0]).sort(), [
      'acceptingOrders',
      'city',
      'deliveryCurrency',
      'deliveryFee',
      'deliveryFees',
      'description',
      'freeDeliveryAbove',
      'id',
      'image',
      'name',
      'slug',
      'state',
    ])
  })

  test('a shop takes orders only inside its hours, and only while it wants to', async () => {
    const hours = { sat: [['09:00', '21:00']] }
    const { id, slug } = await create('shops', 'shop', { name: 'Saturday shop', openingHours: hours })
    const product = await create('products', 'product', { title: 'Bun', price: 100, currency: 'INR', shopId: id })
    const at = async (now: string) => {
      slice.clock.aheadMs = Date.parse(now) - Date.now()
      const shop = (await slice.call('GET', `/api/shops/${slug}`)).body.data.shop
      const [priced] = await listForPricing(slice.deps.db, [product.id], new Date(now))
      assert.equal(priced?.shop.open, shop.acceptingOrders)
      return shop.acceptingOrders
    }
    try {
      assert.equal(await at('2026-11-21T04:00:00Z'), true)
      assert.equal(await at('2026-11-21T16:00:00Z'), false)
      slice.clock.aheadMs = 0
      const body = { acceptingOrders: false }
      const closed = await slice.call('PATCH', `/api/admin/shops/${id}`, { body, as: admin })
      assert.equal(closed.body.data.shop.acceptingOrders, false)
      assert.deepEqual(closed.body.data.shop.openingHours, hours)
      assert.equal(await at('2026-11-21T04:00:00Z'), false)
    } finally {
      slice.clock.aheadMs = 0
      await slice.call('PATCH', `/api/admin/products/${product.id}`, { body: { active: false }, as: admin })
    }
  })
})

test('pricing sees price, tax, stock and terms of the shop as they are now', async () => {
  const [tea] = (await slice.call('GET', '/api/products?category=tea')).body.data.products
  await slice.deps.db.alone.run(
    'test.reserve',
    sql`update inventory set reserved = 2 where product_id = ${tea.id}::uuid`,
  )
  const priced = await listForPricing(slice.deps.db, [tea.id, NOBODY], new Date())
  assert.deepEqual(priced, [
    {
      id: tea.id,
      title: 'Kumaon tea, 100 g',
      image: null,
      price: 37_500,
      currency: 'INR',
      tax_rate_bps: 0,
      active: true,
      maxPerOrder: null,
      currencyChangedAt: null,
      available: 1,
      shop: {
        id: shops.hill,
        name: 'Pahadi Rasoi',
        deliveryFee: 5_900,
        freeDeliveryAbove: null,
        commissionBps: 0,
        autoAccept: true,
        codAllowed: false,
        state: null,
        open: true,
      },
    },
  ])
  assert.equal((await slice.call('GET', `/api/products/${tea.id}`)).body.data.product.available, 1)
  await slice.deps.db.alone.run('test.free', sql`update inventory set reserved = 0 where product_id = ${tea.id}::uuid`)
})

function makeOnce(body: object) {
  const headers = { 'idempotency-key': 'make-once' }
  return slice.call('POST', '/api/admin/products', { body, as: admin, headers })
}

async function counts() {
  return [await count('shops'), await count('products'), await count('inventory_movements')]
}

describe('what admins may write', () => {
  test('a product gets its slug, its stock and an opening movement', async () => {
    const product = await create('products', 'product', {
      title: '  Crème\u202E brûlée  ',
      price: 1,
      currency: 'INR',
      shopId: shops.coast,
      stock: 7,
      active: false,
    })
    assert.equal(product.title, 'Crème brûlée')
    assert.equal(product.slug, 'creme-brulee')
    assert.deepEqual([product.onHand, product.reserved, product.available], [7, 0, 7])
    const stock = await slice.call('GET', `/api/admin/inventory/${product.id}`, { as: admin })
    assert.deepEqual(stock.body.data.inventory, { productId: product.id, onHand: 7, reserved: 0, available: 7 })
    assert.deepEqual(
      stock.body.data.movements.map((movement: { kind: string; quantity: number }) => [
        movement.kind,
        movement.quantity,
      ]),
      [['opening', 7]],
    )
    const twin = await create('products', 'product', {
      title: 'Crème brûlée',
      price: 1,
      currency: 'INR',
      shopId: shops.coast,
      active: false,
    })
    assert.match(twin.slug, /^creme-brulee-[0-9a-z]{5}$/)
    const hindi = await create('products', 'product', {
      title: 'हल्दी',
      price: 1,
      currency: 'INR',
      shopId: shops.coast,
      active: false,
    })
    assert.match(hindi.slug, /^[0-9a-z]{5}$/)
  })

  test('C2 the same Idempotency-Key makes one product', async () => {
    const body = { title: 'Once', price: 5, currency: 'INR', shopId: shops.coast, active: false, stock: 1 }
    const first = await makeOnce(body)
    const earlier = await count('products')
    const again = await makeOnce(body)
    assert.equal(again.status, 201)
    assert.deepEqual(again.body, first.body)
    assert.equal(again.headers['idempotency-replayed'], 'true')
    assert.equal((await makeOnce({ ...body, price: 6 })).body.error.code, 'idempotency_key_reused')
    assert.equal(await count('products'), earlier)
  })

  test('a change touches only what it names', async () => {
    const [pepper] = (await slice.call('GET', '/api/products?search=Tellicherry')).body.data.products
    const body = { price: 24_600, categoryId: null, description: 'Line one\nline two' }
    const changed = await slice.call('PATCH', `/api/admin/products/${pepper.id}`, { body, as: admin })
    assert.equal(changed.status, 200)
    const { price, categoryId, categoryName, description, title, slug, active } = changed.body.data.product
    assert.deepEqual(
      { price, categoryId, categoryName, description, title, slug, active },
      { ...body, categoryName: null, title: pepper.title, slug: pepper.slug, active: true },
    )
  })

  const product = { title: 'Thing', price: 100, currency: 'INR' }
  const bad: [string, string, object][] = [
    ...[-1, 0, 1.5, '100', '0x10', null, [5], 2 ** 53 + 2, 1e12 + 1, true, {}].map(
      (price): [string, string, object] => [`a price of ${JSON.stringify(price)}`, 'products', { ...product, price }],
    ),
    ...[-1, 1.5, '1', null, [5], 2 ** 53 + 2].map((stock): [string, string, object] => [
      `a stock of ${JSON.stringify(stock)}`,
      'products',
      { ...product, stock },
    ]),
    ...['inr', 'RUPEE', 'XQZ', '', 5, null].map((currency): [string, string, object] => [
      `the currency ${currency}`,
      'products',
      { ...product, currency },
    ]),
    ...[-1, 10_001, 1.5, '500'].map((taxRateBps): [string, string, object] => [
      `a tax of ${taxRateBps}`,
      'products',
      { ...product, taxRateBps },
    ]),
    ['no title', 'products', { price: 1, currency: 'INR' }],
    ['a title of spaces', 'products', { ...product, title: '   ' }],
    ['a title that nobody sees', 'products', { ...product, title: '\u202E\u200F' }],
    ['a very long title', 'products', { ...product, title: 'x'.repeat(201) }],
    ['half a surrogate pair', 'products', { ...product, title: 'a\uD800' }],
    ['an unknown field', 'products', { ...product, reserved: 5 }],
    ['an unknown category', 'products', { ...product, categoryId: NOBODY }],
    ['a script for a picture', 'products', { ...product, image: 'javascript:alert(1)' }],
    ['a picture of another protocol', 'products', { ...product, image: '//evil.test/x.svg' }],
    ['a slug with a path', 'products', { ...product, slug: '../admin' }],
    ['a taken slug', 'products', { ...product, slug: '100-honest-salt' }],
    ['a shop that does not exist', 'products', { ...product, shopId: NOBODY }],
    ['a shop without a name', 'shops', {}],
    ['a fee below nothing', 'shops', { name: 'S', deliveryFee: -1 }],
    ['a fee that is no integer', 'shops', { name: 'S', deliveryFee: 49.5 }],
    ['a fee in no currency', 'shops', { name: 'S', deliveryFee: 49, deliveryCurrency: 'ZZZ' }],
    ['a commission above all', 'shops', { name: 'S', commissionBps: 10_001 }],
    ['a time zone that does not exist', 'shops', { name: 'S', timeZone: 'Mars/Olympus' }],
    ['a taken shop slug', 'shops', { name: 'S', slug: 'pahadi-rasoi' }],
    ['an unknown day', 'shops', { name: 'S', openingHours: { someday: [['09:00', '10:00']] } }],
    ['an hour that does not exist', 'shops', { name: 'S', openingHours: { mon: [['09:00', '25:00']] } }],
    ['a range with one end', 'shops', { name: 'S', openingHours: { mon: [['09:00']] } }],
    ['a GSTIN that is none', 'shops', { name: 'S', gstin: '29ABCDE' }],
    ['text for a truth value', 'shops', { name: 'S', autoAccept: 'yes' }],
    ['a balance for a shop', 'shops', { name: 'S', balance: 5 }],
    ['a taken category slug', 'categories', { name: 'C', slug: 'tea' }],
    ['a category without a name', 'categories', { name: '' }],
  ]
  for (const [name, what, body] of bad) {
    test(`A4 X1 X2 refused and nothing written: ${name}`, async () => {
      const earlier = await counts()
      const full = what === 'products' ? { shopId: shops.coast, ...body } : body
      const answer = await slice.call('POST', `/api/admin/${what}`, { body: full, as: admin })
      assert.equal(answer.status, 400, JSON.stringify(answer.body))
      assert.equal(answer.body.error.code, 'validation_failed')
      assert.deepEqual(await counts(), earlier)
    })
  }

  test('changes are refused like new things', async () => {
    const [salt] = (await slice.call('GET', '/api/products?search=salt')).body.data.products
    const patch = async (body: object, id = salt.id) =>
      (await slice.call('PATCH', `/api/admin/products/${id}`, { body, as: admin })).status
    assert.deepEqual(
      await Promise.all([
        patch({}),
        patch({ price: 0 }),
        patch({ slug: 'green-cardamom' }),
        patch({ categoryId: NOBODY }),
        patch({ shopId: shops.hill }),
        patch({ stock: 5 }),
        patch({ price: 5 }, NOBODY),
        patch({ price: 5 }, 'salt'),
      ]),
      [400, 400, 400, 400, 400, 400, 404, 400],
    )
    assert.deepEqual((await slice.call('GET', `/api/products/${salt.id}`)).body.data.product, salt)
    const other = { body: { slug: 'pahadi-rasoi' }, as: admin }
    assert.equal((await slice.call('PATCH', `/api/admin/shops/${shops.coast}`, other)).status, 400)
    const taken = { body: { slug: 'tea' }, as: admin }
    assert.equal((await slice.call('PATCH', `/api/admin/categories/${categories.spices}`, taken)).status, 400)
    const renamed = { body: { name: 'Masala' }, as: admin }
    const category = await slice.call('PATCH', `/api/admin/categories/${categories.spices}`, renamed)
    assert.deepEqual([category.body.data.category.name, category.body.data.category.slug], ['Masala', 'spices'])
  })

  const routes: ['GET' | 'POST' | 'PATCH', string][] = [
    ['GET', '/api/admin/shops'],
    ['POST', '/api/admin/shops'],
    ['PATCH', `/api/admin/shops/${NOBODY}`],
    ['GET', '/api/admin/products'],
    ['GET', `/api/admin/products/${NOBODY}`],
    ['POST', '/api/admin/products'],
    ['PATCH', `/api/admin/products/${NOBODY}`],
    ['GET', '/api/admin/categories'],
    ['POST', '/api/admin/categories'],
    ['PATCH', `/api/admin/categories/${NOBODY}`],
    ['GET', `/api/admin/inventory/${NOBODY}`],
    ['PATCH', `/api/admin/inventory/${NOBODY}`],
  ]
  for (const [method, url] of routes) {
    test(`A17 ${method} ${url} is for admins alone`, async () => {
      const body = method === 'GET' ? {} : { body: {} }
      const stranger = await slice.call(method, url, body)
      assert.deepEqual([stranger.status, stranger.body.error.code], [401, 'unauthenticated'])
      const shopper = await slice.call(method, url, { ...body, as: customer })
      assert.deepEqual([shopper.status, shopper.body.error.code], [403, 'forbidden'])
    })
  }

  test('admins see withdrawn products and how much of them there is', async () => {
    const answer = await slice.call('GET', '/api/admin/products?active=false&search=turmeric', { as: admin })
    const [turmeric] = answer.body.data.products
    assert.deepEqual([turmeric.title, turmeric.active, turmeric.onHand], ['Withdrawn turmeric', false, 5])
  })
})
