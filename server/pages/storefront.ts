/** Which page of the storefront stands at an address, and what is said of it. The browser's router has the same addresses. */
import * as catalog from '../catalog/service.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError } from '../platform/errors.ts'
import * as shops from '../shops/service.ts'
import type { PageHead } from './document.ts'

/** What is listed for those without scripts; a search engine finds all of it in the sitemap. */
const LISTED = 24

/** Pages that are somebody's own, or nothing without somebody's box. */
const PRIVATE = /^\/(cart|checkout|orders(\/[^/]+(\/result)?)?|sign-in)$/

export interface PageAnswer {
  status: 200 | 404
  head: PageHead
}

/** @param path as it was asked for, without its query; an address where nothing is has a page too, with status 404 */
export async function describePage(deps: Deps, path: string, description: string): Promise<PageAnswer> {
  if (path === '/') {
    const links = await linksTo(deps, {})
    return { status: 200, head: { title: null, description, path, links } }
  }
  if (path === '/products') {
    return { status: 200, head: { title: 'Everything', description, path, links: await linksTo(deps, {}) } }
  }
  if (PRIVATE.test(path)) return { status: 200, head: { title: null, description, path: null, isPrivate: true } }
  const [, kind, slug, ...rest] = path.split('/')
  if (slug !== undefined && slug !== '' && rest.length === 0) {
    const found = await orNothing(describeNamed(deps, kind, decoded(slug), path))
    if (found !== undefined) return { status: 200, head: found }
  }
  return { status: 404, head: { title: 'Nothing is here', description: null, path: null, isPrivate: true } }
}

async function describeNamed(
  deps: Deps,
  kind: string | undefined,
  slug: string,
  path: string,
): Promise<PageHead | undefined> {
  switch (kind) {
    case 'p': {
      const product = await catalog.getProduct(deps, slug)
      const { title, description, image, price, currency, available, shopName } = product
      return {
        title,
        description,
        path: `/p/${product.slug}`,
        image,
        product: { amount: price, currency, isAvailable: available > 0, soldBy: shopName },
      }
    }
    case 'c': {
      const category = (await catalog.listCategories(deps)).find((each) => each.slug === slug)
      if (category === undefined) return undefined
      const { name, image } = category
      return { title: name, description: null, path, image, links: await linksTo(deps, { category: slug }) }
    }
    case 'shops': {
      const { name, description, image, slug: own } = await shops.getShop(deps, slug)
      return { title: name, description, path: `/shops/${own}`, image, links: await linksTo(deps, { shop: own }) }
    }
    default:
      return undefined
  }
}

async function linksTo(deps: Deps, of: { category?: string; shop?: string }): Promise<PageHead['links']> {
  const { products } = await catalog.listProducts(deps, { ...of, limit: LISTED })
  return products.map(({ slug, title }) => ({ path: `/p/${slug}`, text: title }))
}

async function orNothing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return undefined
    throw error
  }
}

/** A slug as it was written; what is no valid encoding names nothing. */
function decoded(slug: string): string {
  try {
    return decodeURIComponent(slug)
  } catch {
    return ''
  }
}
