/** What a refusal says of goods that ran out between seeing the price and ordering. Pure. */
import { ApiError } from '../../../../../client/api-error.ts'
import type { Quote } from '../../../../../client/shapes.ts'

/**
 * What stands in the way after the server refused with `out_of_stock`, in the words and the shape of a price's own
 * problems: which of its things, and how many are left. Empty for every other error.
 */
export function shortages(error: ApiError, quote: Quote): Quote['problems'] {
  if (error.code !== 'out_of_stock') return []
  return shortItems(error.details).flatMap(({ productId, available }) => {
    const title = quote.items.find((item) => item.productId === productId)?.title
    if (title === undefined) return []
    const message = available === 0 ? `${title} is sold out.` : `Only ${available} left of ${title}.`
    return [{ code: 'out_of_stock', message, productId }]
  })
}

function shortItems(details: unknown): { productId: string; available: number }[] {
  if (typeof details !== 'object' || details === null || !('items' in details) || !Array.isArray(details.items))
    return []
  return details.items.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('productId' in item) || !('available' in item)) return []
    const { productId, available } = item
    return typeof productId === 'string' && typeof available === 'number' ? [{ productId, available }] : []
  })
}
