/** Pages as programs ask for them: every address, whatever is accepted, with the status that is true. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { stockedShop, type Shop } from '../../test/shop.ts'

let shop: Shop
let slug: string
let productId: string
let admin: { authorization: string }

before(async () => {
  const stocked = await stockedShop()
  ;({ shop, productId, admin } = stocked)
  const { body } = await shop.call('GET', `/api/products/${productId}`)
  slug = body.data.product.slug
})
after(() => shop.close())

function ask(path: string, accept: string | undefined, headers: Record<string, string> = {}) {
  return fetch(shop.url + path, {
    redirect: 'manual',
    headers: { ...headers, ...(accept === undefined ? {} : { accept }) },
  })
}

describe('FW1 pages are for everyone', () => {
  for (const accept of ['text/html', '*/*', undefined, 'image/png, */*;q=0.5']) {
    test(`FW1 GET / with Accept ${accept ?? 'left out'} is the shop's page`, async () => {
      const answer = await ask('/', accept)
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
      assert.ok(answer.headers.get('content-security-policy')?.includes("default-src 'self'"))
      const html = await answer.text()
      assert.ok(html.includes('<title>Test Shop</title>'))
      assert.ok(html.includes(`<a href="/p/${slug}">Tellicherry pepper</a>`))
    })
  }

  test('FW1 a product has its own words; by its id it names its true address', async () => {
    for (const name of [slug, productId]) {
      const answer = await ask(`/p/${name}?utm_source=x`, '*/*')
      assert.equal(answer.status, 200)
      const html = await answer.text()
      assert.ok(html.includes('<title>Tellicherry pepper · Test Shop</title>'))
      assert.ok(html.includes(`<link rel="canonical" href="http://127.0.0.1:3000/p/${slug}" />`))
      assert.ok(html.includes('<meta property="product:price:amount" content="245.00" />'))
    }
  })

  for (const path of ['/p/no-such-thing', '/c/no-such-thing', '/shops/none', '/nothing', '/p/', '/a/b/c']) {
    test(`FW1 ${path} is a page that says that nothing is there, with 404`, async () => {
      const answer = await ask(path, 'text/html')
      assert.equal(answer.status, 404)
      const html = await answer.text()
      assert.ok(html.includes('<title>Nothing is here · Test Shop</title>'))
      assert.ok(html.includes('noindex'))
    })
  }

  test('FW1 somebody’s own pages exist, and are not for search engines', async () => {
    for (const path of [
      '/cart',
      '/checkout',
      '/orders',
      `/orders/${productId}`,
      `/orders/${productId}/result`,
      '/sign-in',
    ]) {
      const answer = await ask(path, '*/*')
      assert.equal(answer.status, 200, path)
      assert.ok((await answer.text()).includes('noindex'), path)
    }
  })

  test('FW1 a program that asks for JSON, an unknown API path, and a POST are answered in JSON', async () => {
    for (const answer of [
      await ask('/nothing', 'application/json'),
      await ask('/api/nothing', '*/*'),
      await fetch(`${shop.url}/nothing`, { method: 'POST' }),
    ]) {
      assert.equal(answer.status, 404)
      assert.equal(((await answer.json()) as { error: { code: string } }).error.code, 'not_found')
    }
  })

  test('FW1 crawlers and phones find robots.txt, a sitemap of all products, a manifest and its pictures', async () => {
    const robots = await (await ask('/robots.txt', undefined)).text()
    assert.ok(robots.includes('Disallow: /orders\n'))
    assert.ok(robots.includes('Sitemap: http://127.0.0.1:3000/sitemap.xml'))
    const index = await (await ask('/sitemap.xml', undefined)).text()
    const files = [...index.matchAll(/<loc>(.*?)<\/loc>/g)].map(
      ([, address = '']) => new URL(address.replaceAll('&amp;', '&')),
    )
    assert.equal(files.length, 2)
    const listed = await Promise.all(
      files.map(async (file) => (await ask(file.pathname + file.search, undefined)).text()),
    )
    assert.ok(listed.join('').includes(`<loc>http://127.0.0.1:3000/p/${slug}</loc>`))
    const manifest = (await (await ask('/manifest.webmanifest', undefined)).json()) as {
      name: string
      icons: { src: string }[]
    }
    assert.equal(manifest.name, 'Test Shop')
    for (const { src } of manifest.icons) {
      const icon = await ask(src, undefined)
      assert.deepEqual([icon.status, icon.headers.get('content-type')], [200, 'image/png'], src)
    }
  })
})

describe('FW2 what is sent is compressed', () => {
  async function builtScript(): Promise<string> {
    const html = await (await ask('/', '*/*')).text()
    return /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? ''
  }

  for (const [accepted, encoding] of [
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['identity', null],
  ] as const) {
    test(`FW2 for Accept-Encoding ${accepted}, scripts and pages come ${encoding ?? 'as they are'}`, async () => {
      for (const path of [await builtScript(), '/', '/api/products?limit=100', '/sitemap.xml']) {
        const small = path.endsWith('.xml') || path.startsWith('/api')
        const answer = await ask(path, '*/*', { 'accept-encoding': accepted })
        assert.deepEqual([answer.status, answer.headers.get('content-encoding')], [200, small ? null : encoding], path)
        if (encoding !== null && !small)
          assert.ok(answer.headers.get('vary')?.toLowerCase().includes('accept-encoding'), path)
        // fetch undoes the encoding: it must be what it says it is.
        assert.ok((await answer.text()).length > 100)
      }
    })
  }

  test('FW2 the catalogue is compressed where that is worth it', async () => {
    const body = { description: 'Whole and hand picked. '.repeat(100) }
    assert.equal((await shop.call('PATCH', `/api/admin/products/${productId}`, { as: admin, body })).status, 200)
    const answer = await ask(`/api/products/${productId}`, '*/*', { 'accept-encoding': 'br' })
    assert.equal(answer.headers.get('content-encoding'), 'br')
    const { data } = (await answer.json()) as { data: { product: { description: string } } }
    assert.equal(data.product.description, body.description.trim())
  })

  test('FW2 no compressed form is an address of its own', async () => {
    assert.equal((await ask(`${await builtScript()}.br`, '*/*')).status, 404)
  })
})
