/** The cart of someone who is signed in. A wish, not a promise: it reserves nothing and holds no price. */
import type { Cart, PutCartBody } from '../../shared/contract/catalog.ts'
import { findProductsById } from '../catalog/service.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { invalidField } from '../platform/errors.ts'
import * as queries from './queries.ts'

/** The cart with its products as they are now; `product` is null for one that is not sold any more. */
export async function getCart(deps: Deps, userId: string): Promise<Cart> {
  const lines = await queries.listItems(deps.db, userId)
  const products = await findProductsById(
    deps.db,
    lines.map((line) => line.productId),
  )
  return {
    items: lines.map((line) => {
      const found = products.get(line.productId)
      return { ...line, product: found?.active === true ? found.product : null }
    }),
  }
}

/** Replaces the whole cart. Throws validation_failed for a product that does not exist or is named twice. */
export async function replaceCart(deps: Deps, userId: string, body: PutCartBody): Promise<Cart> {
  const lines = body.items
  const ids = lines.map((line) => line.productId)
  const known = await findProductsById(deps.db, ids)
  for (const [index, id] of ids.entries()) {
    if (ids.indexOf(id) !== index) throw invalidField(`items.${index}.productId`, 'is in the list twice')
    if (!known.has(id)) throw invalidField(`items.${index}.productId`, 'there is no such product')
  }
  await inTransaction(deps.db, 'cart.replace', async (tx) => {
    await queries.lockCart(tx, userId, deps.ports.clock.now())
    queries.deleteItems(tx, userId)
    if (lines.length > 0) queries.insertItems(tx, userId, lines)
  })
  return getCart(deps, userId)
}

/** Empties the cart, within the transaction that confirms what was in it. */
export function clearCart(tx: Tx, userId: string): void {
  queries.deleteItems(tx, userId)
}
