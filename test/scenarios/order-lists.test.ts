/** The list of all orders, as staff search, filter and page it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { listForAdmin } from '../../server/orders/lists.ts'
import { sql } from '../../server/platform/database.ts'
import { pay, place, placedBy, verify, type Placed } from '../buyer.ts'
import { ADDRESS, orderBody, stockedShop, type Answer } from '../shop.ts'

type World = Awaited<ReturnType<typeof stockedShop>>
let world: World

before(async () => {
  world = await stockedShop({ stock: 1_000 })
})
after(() => world.shop.close())

function list(query: Record<string, string | number>): Promise<Answer> {
  const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  return world.shop.call('GET', `/api/orders/admin/all?${asked}`, { as: world.admin })
}

/** The ids of the orders that a list shows. */
async function found(query: Record<string, string | number>): Promise<string[]> {
  const answer = await list(query)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body.data.orders.map((order: { id: string }) => order.id)
}

async function placeFor(customer: { email?: string; productId?: string; address?: Partial<typeof ADDRESS> }) {
  const body = orderBody(customer.productId ?? world.productId)
  const answer = await world.shop.call('POST', '/api/orders', {
    body: {
      ...body,
      email: customer.email ?? 'somebody@example.test',
      shippingAddress: { ...ADDRESS, ...customer.address },
    },
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return { ...placedBy(answer), number: answer.body.data.order.number as string }
}

describe('L1 a customer is found by name in any script, however it is typed', () => {
  const customers = {
    devanagari: 'मीरा श्रीवास्तव',
    nukta: 'ज़ोया फ़ारूक़ी',
    tamil: 'சூர்யா க்ஷேத்ரபாலன்',
    apostrophe: 'Fionnuala O’Brien',
    hyphen: 'Anne‐Marie Kuruvilla',
    accent: 'Zoë Müller',
    arabic: 'مُحَمَّد',
  }
  const ids: Record<string, string> = {}
  before(async () => {
    for (const [name, text] of Object.entries(customers)) {
      ids[name] = (await placeFor({ address: { name: text } })).orderId
    }
  })
  for (const [search, name] of [
    ['मीरा', 'devanagari'],
    ['मीरा श्रीवास्तव', 'devanagari'],
    ['श्री', 'devanagari'],
    ['फ़ारूक़ी'.normalize('NFD'), 'nukta'],
    ['फ़ारूक़ी'.normalize('NFC'), 'nukta'],
    ['சூர்யா', 'tamil'],
    ['க்ஷே', 'tamil'],
    ["o'brien", 'apostrophe'],
    ['O’BRIEN', 'apostrophe'],
    ['obrien', 'apostrophe'],
    ['o brien', 'apostrophe'],
    ['brien fionn', 'apostrophe'],
    ['Anne-Marie', 'hyphen'],
    ['anne–marie', 'hyphen'],
    ['annemarie', 'hyphen'],
    ['anne marie', 'hyphen'],
    ['marie', 'hyphen'],
    ['zoe', 'accent'],
    ['ZOË', 'accent'],
    ['Zoe\u0308 muller', 'accent'],
    ['محمد', 'arabic'],
  ] as const) {
    test(`L1 ${search} finds ${customers[name]}`, async () => {
      assert.deepEqual(await found({ search }), [ids[name]])
    })
  }
  test('L1 a vowel sign makes another name', async () => {
    assert.deepEqual(await found({ search: 'मेरा' }), [])
    assert.deepEqual(await found({ search: 'मीरि' }), [])
  })
})

describe('L2 an order is found by whatever people know of it', () => {
  let placed: Placed & { number: string }
  let brought: Awaited<ReturnType<typeof pay>>
  let refundRef: string
  let refundId: string
  before(async () => {
    const product = await world.shop.call('POST', '/api/admin/products', {
      as: world.admin,
      body: {
        title: 'Kansa thali, 12-inch',
        price: 90_000,
        currency: 'INR',
        shopId: world.shopId,
        stock: 5,
        taxRateBps: 0,
      },
    })
    placed = await placeFor({
      email: 'Lakshmi.V@petals.example',
      productId: product.body.data.product.id,
      address: {
        name: 'Lakshmi Venkataraman',
        phone: '+91 90080 71234',
        city: 'Thiruvananthapuram',
        state: 'Kerala',
        postalCode: '695001',
      },
    })
    brought = await pay(world.shop, placed, 'captured', { method: 'upi' })
    await verify(world.shop, placed, brought)
    await world.shop.settled()
    const refund = await world.shop.call('POST', '/api/payments/refund', {
      as: world.admin,
      body: { orderId: placed.orderId, amount: 10_000, reason: 'A dent' },
    })
    refundId = refund.body.data.refund.id
    await world.shop.work()
    await world.shop.settled()
    const row = await world.shop.db.one<{ ref: string }>(
      'test.refund',
      sql`select provider_refund_id as ref from refunds where id = ${refundId}`,
    )
    refundRef = row.ref
  })

  for (const [what, search] of [
    ['its number', () => placed.number],
    ['its number without prefix and dashes', () => placed.number.replaceAll('-', '').slice(1)],
    ['its number in small letters', () => placed.number.replaceAll('-', '').toLowerCase()],
    ['its number with blanks', () => placed.number.replaceAll('-', ' ')],
    ['the beginning of its number', () => placed.number.slice(2, 6)],
    ['its id', () => placed.orderId],
    ['our payment', () => placed.paymentId],
    ["the provider's order", () => placed.providerOrderId],
    ["the provider's payment", () => brought.razorpay_payment_id],
    ['our refund', () => refundId],
    ["the provider's refund", () => refundRef],
    ['the telephone number', () => '9008071234'],
    ['the telephone number with its country', () => '+91 90080-71234'],
    ['the telephone number with a zero before it', () => '090080 71234'],
    ['the last five digits', () => '71234'],
    ['the last four digits', () => '1234'],
    ['the e-mail address', () => 'lakshmi.v@petals.example'],
    ['a part of the e-mail address', () => 'petals'],
    ['the city', () => 'thiruvananth'],
    ['the PIN code', () => '695001'],
    ['the product', () => 'kansa thali'],
    ['name and city together', () => 'venkat thiru'],
  ] as const) {
    test(`L2 by ${what}`, async () => assert.deepEqual(await found({ search: search() }), [placed.orderId]))
  }

  test('L2 by the UPI address that paid it, and by the beginning of that address', async () => {
    const { detail } = await world.shop.db.one<{ detail: string }>(
      'test.detail',
      sql`select method_detail as detail from payment_attempts where provider_payment_id = ${brought.razorpay_payment_id}`,
    )
    const [name] = detail.split('@')
    await world.shop.db.alone.run(
      'test.detail',
      sql`update payment_attempts set method_detail = 'Lakshmi.One@okbank' where provider_payment_id = ${brought.razorpay_payment_id}`,
    )
    assert.equal(detail, `${name}@${detail.split('@')[1]}`)
    assert.deepEqual(await found({ search: 'lakshmi.one@okbank' }), [placed.orderId])
    assert.deepEqual(await found({ search: 'LAKSHMI.ONE@' }), [placed.orderId])
    assert.deepEqual(await found({ search: 'lakshmi.two@' }), [])
    assert.deepEqual(await found({ search: 'lakshmi.one@_kbank' }), [])
  })

  test('L2 by the last digits of the card that paid it', async () => {
    const card = await place(world.shop, world.productId)
    await verify(world.shop, card, await pay(world.shop, card, 'captured', { method: 'card' }))
    await world.shop.db.alone.run(
      'test.detail',
      sql`update payment_attempts set method_detail = '8086' where order_id = ${card.orderId}`,
    )
    assert.deepEqual(await found({ search: '8086' }), [card.orderId])
    assert.deepEqual(await found({ search: '808' }), [])
  })

  test('L2 what is nothing finds nothing, and is refused no more than a name', async () => {
    for (const search of ['zzzz', '0000000001', "x' or true --", '%', '_', '\\', '!&|', "':*", 'pay_none', '🎁'])
      assert.deepEqual(await found({ search }), [], search)
  })

  test('a search is narrowed by the other filters', async () => {
    assert.deepEqual(await found({ search: 'lakshmi', status: 'confirmed' }), [placed.orderId])
    assert.deepEqual(await found({ search: 'lakshmi', status: 'delivered' }), [])
    assert.deepEqual(await found({ search: placed.number, paymentStatus: 'failed' }), [])
    assert.deepEqual(await found({ search: '1234', to: '2020-01-01' }), [])
  })
})

describe('a list of any length', () => {
  /** Written as if they had been placed over three years: which way a search takes depends on how many there are. */
  const COUNT = 60
  let ids: string[]
  before(async () => {
    const rows = await world.shop.db.alone.many<{ id: string }>(
      'test.orders',
      sql`with made as (
            select n, gen_random_uuid() as id, timestamptz '2020-01-15 06:00:00Z' + n * interval '18 days' as at
            from generate_series(1, ${COUNT}) n
          ), o as (
            insert into orders (id, number, guest_token_hash, customer_name, status, payment_status, payment_method, currency,
              subtotal, discount, delivery_fee, tax, tax_included, total, stock, cancel_reason, cancelled_at, created_at, updated_at)
            select id, 'H-LIST-' || lpad(n::text, 4, '0'), '00', 'Listed', 'cancelled',
              case n % 3 when 0 then 'failed' else 'pending' end, 'online', 'INR', 100, 0, 0, 0, 0, 100, 'released', 'expired',
              at, at, at
            from made
          ), w as (
            insert into order_search (order_id, words)
            select id, array_to_tsvector(array['listed', '@' || to_char(at at time zone 'UTC', 'YYYY-MM'), 'n' || n,
              case when n % 10 = 0 then 'tenth' else 'other' end, case when n <= 5 then 'old' else 'young' end])
            from made
          )
          select id from made order by at desc`,
    )
    ids = rows.map((row) => row.id)
  })

  test('pages follow one another, by number and by cursor', async () => {
    const filter = { to: '2024-01-01', limit: 7 }
    const pages: string[] = []
    for (let page = 1; page <= 9; page += 1) pages.push(...(await found({ ...filter, page })))
    assert.deepEqual(pages, ids)
    const walked: string[] = []
    let cursor: string | null = null
    do {
      const { body } = await list({ ...filter, ...(cursor === null ? {} : { cursor }) })
      walked.push(...body.data.orders.map((order: { id: string }) => order.id))
      assert.equal(body.pagination.total, COUNT)
      assert.equal(body.pagination.page, cursor === null ? 1 : null)
      cursor = body.pagination.nextCursor
    } while (cursor !== null)
    assert.deepEqual(walked, ids)
  })

  test('lists by one state and by the other are merged in the order of their times', async () => {
    const failed = ids.filter((_, index) => (COUNT - index) % 3 === 0)
    assert.deepEqual(await found({ to: '2024-01-01', status: 'cancelled', limit: 100 }), ids)
    assert.deepEqual(await found({ to: '2024-01-01', paymentStatus: 'failed', limit: 100 }), failed)
    assert.deepEqual(
      await found({ to: '2024-01-01', status: 'cancelled', paymentStatus: 'failed', limit: 100 }),
      failed,
    )
    assert.deepEqual(await found({ to: '2024-01-01', status: 'delivered' }), [])
  })

  test('the last page says so, and beyond it there is nothing', async () => {
    const { body } = await list({ to: '2024-01-01', limit: 20, page: 3 })
    assert.deepEqual(body.pagination, {
      total: COUNT,
      totalIsCapped: false,
      totalPages: 3,
      page: 3,
      limit: 20,
      nextCursor: null,
    })
    assert.deepEqual(await found({ to: '2024-01-01', limit: 20, page: 4 }), [])
    assert.deepEqual(await found({ to: '2024-01-01', limit: 100, page: 100_000 }), [])
  })

  for (const [what, query, field] of [
    ['a cursor of another list', { cursor: 'WzFd' }, 'cursor'],
    ['a cursor that is none', { cursor: '💥' }, 'cursor'],
    ['page and cursor', { cursor: 'WzFd', page: 2 }, 'page'],
    ['cursor and search', { cursor: 'WzFd', search: 'listed' }, 'cursor'],
    ['the first page of none', { page: 0 }, 'page'],
  ] as const) {
    test(`${what} is refused by its name`, async () => {
      const answer = await list(query)
      assert.equal(answer.status, 400)
      assert.equal(answer.body.error.details.fields[0].field, field)
    })
  }

  test('L1 a search finds the same whichever way it takes', async () => {
    const nothing = { byReference: async () => [], byMethod: async () => [] }
    const search = async (words: string, limits: { walk: number; few: number }, page: number) => {
      const query = { search: words, limit: 4, page }
      const { orders, pagination } = await listForAdmin(world.shop.db, query, 'UTC', nothing, undefined, limits)
      return { ids: orders.map((order) => order.id), total: pagination.total, isCapped: pagination.totalIsCapped }
    }
    const tenth = ids.filter((_, index) => (COUNT - index) % 10 === 0)
    const old = ids.slice(-5)
    for (const [words, expected] of [
      ['listed', ids],
      ['tenth', tenth],
      ['tenth young', tenth],
      ['old', old],
      ['n3 old', [old[2]]],
      ['old tenth', []],
    ] as const) {
      for (const limits of [
        { walk: 1_000, few: 1_000 },
        { walk: 3, few: 1_000 },
        { walk: 30, few: 3 },
        { walk: 1, few: 0 },
      ]) {
        const seen: (string | undefined)[] = []
        for (let page = 1; page <= 16; page += 1) {
          const part = await search(words, limits, page)
          seen.push(...part.ids)
          // Counted in full, or said to be more.
          if (part.isCapped) assert.equal(part.total > page * 4, true)
          else assert.equal(part.total, expected.length)
        }
        assert.deepEqual(seen, expected, `${words} ${JSON.stringify(limits)}`)
      }
    }
  })
})

describe('L5 the days of a list are days of the shop', () => {
  let early: string
  let late: string
  before(async () => {
    // The first and the last minute of 10 June 2019 in India.
    const at = ['2019-06-09T18:30:00Z', '2019-06-10T18:29:59.999Z']
    const rows = await world.shop.db.alone.many<{ id: string }>(
      'test.orders',
      sql`insert into orders (id, number, guest_token_hash, status, payment_status, payment_method, currency,
            subtotal, discount, delivery_fee, tax, tax_included, total, stock, cancel_reason, cancelled_at, created_at, updated_at)
          select gen_random_uuid(), 'H-DAYS-' || at, '00', 'cancelled', 'pending', 'online', 'INR', 100, 0, 0, 0, 0, 100,
            'released', 'expired', at, at, at
          from unnest(${at}::timestamptz[]) at returning id`,
    )
    ;[early, late] = rows.map((row) => row.id) as [string, string]
  })

  for (const [query, expected] of [
    [{ from: '2019-06-10', to: '2019-06-10' }, ['late', 'early']],
    [{ from: '2019-06-09', to: '2019-06-09' }, []],
    [{ from: '2019-06-11', to: '2019-06-11' }, []],
    [{ to: '2019-06-10' }, ['late', 'early']],
    [{ to: '2019-06-09' }, []],
    [{ from: '2019-06-09T18:30:00Z', to: '2019-06-10T00:00:00+05:30' }, []],
    [{ from: '2019-06-09T18:30:00Z', to: '2019-06-10T00:00:01+05:30' }, ['early']],
  ] as const) {
    test(`L5 ${JSON.stringify(query)}`, async () => {
      const named = { early, late }
      assert.deepEqual(
        await found(query),
        expected.map((name) => named[name]),
      )
    })
  }

  for (const [field, text] of [
    ['from', '2026-02-30'],
    ['to', '2026-02-29'],
    ['from', '21.11.2026'],
    ['to', '2026-11-21T10:00:00'],
    ['from', 'yesterday'],
    ['from', ''],
  ] as const) {
    test(`L5 ${field}=${JSON.stringify(text)} is refused by its name`, async () => {
      const answer = await list({ [field]: text })
      assert.equal(answer.status, 400)
      assert.equal(answer.body.error.code, 'validation_failed')
      assert.equal(answer.body.error.details.fields[0].field, field)
    })
  }
})

test('L1 orders that were placed before there were words get them, from the newest on', async () => {
  const { db } = world.shop
  const before = await db.many('test.words', sql`select order_id, words::text from order_search order by order_id`)
  // As the migration leaves a shop that has orders.
  await db.alone.run(
    'test.forget',
    sql`delete from order_search where order_id in (select id from orders where number like 'H-____-____')`,
  )
  await db.alone.run(
    'test.forget',
    sql`insert into order_search_backfill (placed_before, order_before)
        select max(created_at) + interval '1 millisecond', '00000000-0000-0000-0000-000000000000' from orders
        on conflict (single) do update set placed_before = excluded.placed_before, order_before = excluded.order_before`,
  )
  assert.deepEqual(await found({ search: 'मीरा' }), [])
  await world.shop.work()
  assert.equal((await found({ search: 'मीरा' })).length, 1)
  const listed = sql`select order_id, words::text from order_search where not words @@ '''listed''' order by order_id`
  const after = await db.many<{ order_id: string }>('test.words', listed)
  const known = new Map((before as { order_id: string; words: string }[]).map((row) => [row.order_id, row.words]))
  for (const row of after as unknown as { order_id: string; words: string }[]) {
    if (known.has(row.order_id)) assert.equal(row.words, known.get(row.order_id))
  }
  assert.deepEqual(
    await db.many('test.left', sql`select id from orders where id not in (select order_id from order_search)`),
    [],
  )
  assert.deepEqual(
    await db.many('test.left', sql`select placed_before from order_search_backfill where placed_before is not null`),
    [],
  )
})
