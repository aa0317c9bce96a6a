/**
 * What the server says of a page before any script runs: title, description, picture, price, where it really lives, and
 * the text of it for those who run no scripts. Search engines, previews of links and screen readers read this. Pure.
 */
import { toDecimal } from '../../shared/money.ts'

export interface PageHead {
  /** Without the shop's name, which stands behind it; null for the front page, whose title is the shop's name. */
  title: string | null
  description: string | null
  /** From the root, without a query; null where the address means something to its owner alone. */
  path: string | null
  /** A path or an address. */
  image?: string | null
  /** Not for search engines: somebody's own pages, and what is not there. */
  isPrivate?: boolean
  product?: { amount: number; currency: string; isAvailable: boolean; soldBy: string }
  /** What stands there without scripts, below title and description. */
  links?: readonly { path: string; text: string }[]
}

export interface Site {
  name: string
  /** Our own origin. */
  url: string
}

/**
 * @param template the built page, with the title and the description that it has of its own
 * @returns the page as it leaves the server
 */
export function render(template: string, head: PageHead, site: Site): string {
  const described = template
    .replace(/<title>[^<]*<\/title>/, () => tagsOf(head, site).join('\n    '))
    .replace(/[ \t]*<meta name="description"[^>]*>\n?/, '')
  return described.replace('<div id="root"></div>', (root) => `${root}\n    ${withoutScripts(head, site)}`)
}

function tagsOf(head: PageHead, site: Site): string[] {
  const title = head.title === null ? site.name : `${head.title} · ${site.name}`
  const description = head.description === null ? null : shortened(head.description)
  const image = head.image == null ? null : new URL(head.image, site.url).href
  const own = head.path === null ? null : new URL(head.path, site.url).href
  const { product } = head
  const tags: (string | null)[] = [
    `<title>${escaped(title)}</title>`,
    description === null ? null : meta('name', 'description', description),
    head.isPrivate === true ? meta('name', 'robots', 'noindex') : null,
    own === null || head.isPrivate === true ? null : `<link rel="canonical" href="${escaped(own)}" />`,
    // The picture is what the page is waited for; it is asked for beside the scripts, not after them.
    product === undefined || head.image == null
      ? null
      : `<link rel="preload" as="image" href="${escaped(head.image)}" fetchpriority="high" />`,
    meta('property', 'og:site_name', site.name),
    meta('property', 'og:type', product === undefined ? 'website' : 'product'),
    meta('property', 'og:title', head.title ?? site.name),
    description === null ? null : meta('property', 'og:description', description),
    own === null ? null : meta('property', 'og:url', own),
    image === null ? null : meta('property', 'og:image', image),
    meta('name', 'twitter:card', image === null ? 'summary' : 'summary_large_image'),
    ...(product === undefined
      ? []
      : [
          meta('property', 'product:price:amount', toDecimal(product.amount, product.currency)),
          meta('property', 'product:price:currency', product.currency),
          meta('property', 'product:availability', product.isAvailable ? 'in stock' : 'out of stock'),
          structured(head, product, image, own),
        ]),
  ]
  return tags.filter((tag) => tag !== null)
}

/** https://schema.org/Product, as search engines read it. A block of data: no policy lets it run, and none has to. */
function structured(
  head: PageHead,
  product: NonNullable<PageHead['product']>,
  image: string | null,
  own: string | null,
): string {
  const data = {
    '@context': 'https://schema.org',
    '@type': 'Product',
    name: head.title,
    ...(head.description === null ? {} : { description: head.description }),
    ...(image === null ? {} : { image }),
    offers: {
      '@type': 'Offer',
      price: toDecimal(product.amount, product.currency),
      priceCurrency: product.currency,
      availability: `https://schema.org/${product.isAvailable ? 'InStock' : 'OutOfStock'}`,
      seller: { '@type': 'Organization', name: product.soldBy },
      ...(own === null ? {} : { url: own }),
    },
  }
  // Text may hold "</script>"; written like this it can end nothing.
  return `<script type="application/ld+json">${JSON.stringify(data).replaceAll('<', String.raw`\u003c`)}</script>`
}

function withoutScripts(head: PageHead, site: Site): string {
  const { product } = head
  const parts = [
    `<h1>${escaped(head.title ?? site.name)}</h1>`,
    product === undefined
      ? ''
      : `<p>${escaped(`${product.currency} ${toDecimal(product.amount, product.currency)}`)}</p>`,
    product === undefined
      ? ''
      : `<p>${product.isAvailable ? 'In stock' : 'Sold out'}, sold by ${escaped(product.soldBy)}</p>`,
    head.description === null ? '' : `<p>${escaped(head.description)}</p>`,
    ...(head.links ?? []).map(({ path, text }) => `<p><a href="${escaped(path)}">${escaped(text)}</a></p>`),
    '<p>To order, this shop needs JavaScript: please switch it on in your browser.</p>',
  ]
  return `<noscript><main>${parts.join('')}</main></noscript>`
}

const LONGEST_DESCRIPTION = 300

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= LONGEST_DESCRIPTION) return line
  const cut = line.slice(0, LONGEST_DESCRIPTION)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), LONGEST_DESCRIPTION / 2)).trimEnd()} …`
}

function meta(by: 'name' | 'property', key: string, content: string): string {
  return `<meta ${by}="${key}" content="${escaped(content)}" />`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '')
}
