import type { ProductQuery } from '../../../../../client/api.ts'

export const SORTS = ['featured', 'price', '-price', 'newest'] as const
export type Sort = (typeof SORTS)[number]

/** What can stand in the address of a list of things: words, order, and whether sold-out things are left out. */
export type ShelfSearch = { q?: string; sort?: Exclude<Sort, 'featured'>; available?: true }

/** Reads the address; what makes no sense is left out, so that an old or mistyped link still shows things. */
export function parseShelfSearch(search: Record<string, unknown>): ShelfSearch {
  const result: ShelfSearch = {}
  const words = typeof search['q'] === 'string' || typeof search['q'] === 'number' ? String(search['q']).trim() : ''
  if (words !== '') result.q = words.slice(0, 100)
  const sort = SORTS.find((candidate) => candidate === search['sort'])
  if (sort !== undefined && sort !== 'featured') result.sort = sort
  if (search['available'] === true || search['available'] === 'true') result.available = true
  return result
}

/** The API's query for a shelf. */
export function shelfQuery(search: ShelfSearch, place: { category?: string; shop?: string } = {}): ProductQuery {
  return {
    ...(search.q === undefined ? {} : { search: search.q }),
    ...(search.available === undefined ? {} : { available: search.available }),
    ...place,
    sort: search.sort ?? 'featured',
    limit: 24,
  }
}
