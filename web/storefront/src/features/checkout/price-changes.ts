import type { Quote } from '../../../../../client/shapes.ts'

export type PriceChange = { title: string; before: number; after: number }

/** The things whose price differs between two quotes of the same box, in the order of the box. */
export function priceChanges(before: Quote, after: Quote): PriceChange[] {
  return after.items.flatMap((item) => {
    const old = before.items.find((candidate) => candidate.productId === item.productId)
    return old === undefined || old.unitPrice === item.unitPrice
      ? []
      : [{ title: item.title, before: old.unitPrice, after: item.unitPrice }]
  })
}

/** True when both quotes are about the same things in the same quantities. */
export function isSameBox(a: Quote, b: Quote): boolean {
  return (
    a.currency === b.currency &&
    a.items.length === b.items.length &&
    a.items.every((item, index) => {
      const other = b.items[index]
      return other?.productId === item.productId && other.quantity === item.quantity
    })
  )
}
