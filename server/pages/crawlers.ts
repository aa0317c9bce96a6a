/** What search engines and phones ask for beside the pages: robots.txt, the sitemap, and the shop's manifest. Pure. */
import { escaped, type Site } from './document.ts'

/** A sitemap may hold fifty thousand addresses. https://www.sitemaps.org/protocol.html */
export const MOST_IN_A_SITEMAP = 10_000

export function robots({ url }: Site): string {
  const hidden = ['/admin', '/api/', '/cart', '/checkout', '/orders', '/sign-in']
  return ['User-agent: *', ...hidden.map((path) => `Disallow: ${path}`), '', `Sitemap: ${url}/sitemap.xml`, ''].join(
    '\n',
  )
}

/** @param pages the first product of each file; the file begins with it */
export function sitemapIndex({ url }: Site, pages: readonly string[]): string {
  const files = ['/sitemaps/pages.xml', ...pages.map((first) => `/sitemaps/products.xml?from=${first}`)]
  const entries = files.map((file) => `<sitemap><loc>${escaped(url + file)}</loc></sitemap>`)
  return `${XML}<sitemapindex ${NAMESPACE}>${entries.join('')}</sitemapindex>\n`
}

export function sitemap({ url }: Site, paths: readonly string[]): string {
  const entries = paths.map((path) => `<url><loc>${escaped(url + path)}</loc></url>`)
  return `${XML}<urlset ${NAMESPACE}>${entries.join('')}</urlset>\n`
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

/** https://www.w3.org/TR/appmanifest */
export function manifest({ name }: Site): Record<string, unknown> {
  return {
    name,
    short_name: name.slice(0, 12),
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: '#ffffff',
    theme_color: '#ffffff',
    icons: [
      { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
      { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  }
}
