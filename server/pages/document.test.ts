import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render, type PageHead } from './document.ts'

const SITE = { name: 'Saat Dabbe', url: 'https://shop.example' }
const TEMPLATE = `<!doctype html><html><head>
    <meta name="description" content="What was built." />
    <title>Built</title>
  </head><body><div id="root"></div><script type="module" src="/assets/a.js"></script></body></html>`

const PEPPER: PageHead = {
  title: 'Tellicherry pepper',
  description: 'Whole, from Wayanad.\n\nHand picked.',
  path: '/p/pepper',
  image: '/art/pepper.svg',
  product: { amount: 24_550, currency: 'INR', isAvailable: true, soldBy: 'Malabar Pepper House' },
}

test('FW1 a product says its title, description, picture, price and address before any script runs', () => {
  const html = render(TEMPLATE, PEPPER, SITE)
  for (const tag of [
    '<title>Tellicherry pepper · Saat Dabbe</title>',
    '<meta name="description" content="Whole, from Wayanad. Hand picked." />',
    '<link rel="canonical" href="https://shop.example/p/pepper" />',
    '<link rel="preload" as="image" href="/art/pepper.svg" fetchpriority="high" />',
    '<meta property="og:image" content="https://shop.example/art/pepper.svg" />',
    '<meta property="og:type" content="product" />',
    '<meta property="product:price:amount" content="245.50" />',
    '<meta property="product:price:currency" content="INR" />',
  ]) {
    assert.ok(html.includes(tag), tag)
  }
  assert.equal(html.includes('Built'), false)
  assert.equal(html.includes('What was built'), false)
  const data = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)?.[1] ?? '')
  assert.deepEqual(data, {
    '@context': 'https://schema.org',
    '@type': 'Product',
    name: 'Tellicherry pepper',
    description: 'Whole, from Wayanad.\n\nHand picked.',
    image: 'https://shop.example/art/pepper.svg',
    offers: {
      '@type': 'Offer',
      price: '245.50',
      priceCurrency: 'INR',
      availability: 'https://schema.org/InStock',
      seller: { '@type': 'Organization', name: 'Malabar Pepper House' },
      url: 'https://shop.example/p/pepper',
    },
  })
  const plain = /<noscript>(.*?)<\/noscript>/s.exec(html)?.[1] ?? ''
  for (const text of ['Tellicherry pepper', 'INR 245.50', 'In stock', 'Whole, from Wayanad.']) {
    assert.ok(plain.includes(text), text)
  }
})

test('FW1 prices have the digits of their currency, and what is sold out says so', () => {
  const sold = { ...PEPPER, product: { amount: 4_000, currency: 'JPY', isAvailable: false, soldBy: 'Kyoto' } }
  const html = render(TEMPLATE, sold, SITE)
  assert.ok(html.includes('content="4000"'))
  assert.ok(html.includes('https://schema.org/OutOfStock'))
  assert.ok(html.includes('Sold out'))
})

test('FW1 what a merchant typed is text wherever it stands', () => {
  const title = `</script><script>alert(1)</script>"'<b>$&`
  const html = render(TEMPLATE, { ...PEPPER, title, description: title, image: `/art/"onerror="x` }, SITE)
  assert.equal(html.includes('<script>alert'), false)
  assert.equal(html.includes('<b>'), false)
  assert.equal(html.includes('"onerror='), false)
  assert.ok(html.includes('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&lt;b&gt;$&amp;'))
  const data = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)?.[1] ?? ''
  assert.equal(JSON.parse(data).name, title)
})

test('FW1 somebody’s own page has no address for others, and is not for search engines', () => {
  const html = render(TEMPLATE, { title: null, description: null, path: null, isPrivate: true }, SITE)
  assert.ok(html.includes('<meta name="robots" content="noindex" />'))
  assert.equal(html.includes('canonical'), false)
  assert.equal(html.includes('og:url'), false)
  assert.ok(html.includes('<title>Saat Dabbe</title>'))
})
