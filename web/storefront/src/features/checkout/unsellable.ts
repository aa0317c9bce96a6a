import type { Quote } from '../../../../../client/shapes.ts'

/** Whether this thing of the box is in no price: it is not sold any more, or not with the others. */
export function isUnsellable(productId: string | undefined, quote: Pick<Quote, 'items'>): productId is string {
  return productId !== undefined && quote.items.every((item) => item.productId !== productId)
}
