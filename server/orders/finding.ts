/** Orders, found by whoever asks for them. */
import type { Db } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import type { OrderRow } from './order.ts'
import * as queries from './queries.ts'

/** The order, or `order_not_found`. */
export async function getOrder(db: Db, orderId: string): Promise<OrderRow> {
  const order = await queries.findOrder(db, orderId)
  if (order === undefined) throw new AppError('order_not_found', 'There is no such order.')
  return order
}

/** A page of a customer's own orders, newest first; one more row than `limit` says that there is another page. */
export async function listOwn(db: Db, userId: string, cursor: string | undefined, limit: number): Promise<OrderRow[]> {
  if (cursor !== undefined && !/^[0-9a-f-]{36}$/i.test(cursor))
    throw invalidField('cursor', 'is not a cursor of this list')
  return queries.listOfUser(db, userId, cursor, limit)
}
