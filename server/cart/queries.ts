import { sql, type Db, type Tx } from '../platform/database.ts'

export interface CartLine {
  productId: string
  quantity: number
}

export async function listItems(db: Db, userId: string): Promise<CartLine[]> {
  return db.many(
    'cart.list',
    sql`select product_id as "productId", quantity from cart_items where user_id = ${userId} order by position`,
  )
}

/** Locks the cart, so that two replacements at once come one after the other. */
export async function lockCart(tx: Tx, userId: string, now: Date): Promise<void> {
  await tx.run(
    'cart.lock',
    sql`insert into carts (user_id, updated_at) values (${userId}, ${now}::timestamptz)
        on conflict (user_id) do update set updated_at = excluded.updated_at`,
  )
}

/** Takes everything out. */
export function deleteItems(tx: Tx, userId: string): void {
  tx.send('cart.clear', sql`delete from cart_items where user_id = ${userId}`)
}

/** Puts lines in, in this order. */
export function insertItems(tx: Tx, userId: string, lines: readonly CartLine[]): void {
  tx.send(
    'cart.fill',
    sql`insert into cart_items (user_id, product_id, quantity, position)
        select ${userId}, line.product_id, line.quantity, line.position
        from unnest(${lines.map((line) => line.productId)}::uuid[], ${lines.map((line) => line.quantity)}::integer[])
          with ordinality as line (product_id, quantity, position)`,
  )
}
