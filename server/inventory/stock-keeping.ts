/**
 * What admins do with stock: give a new product its first units, correct a count. Every change of what is on hand
 * leaves a movement, so that on_hand is always the sum of a product's movements.
 */
import type {
  AdminProduct,
  CreateProductBody,
  PatchInventoryBody,
  StockMovement,
  StockOfProduct,
} from '../../shared/contract/catalog-admin.ts'
import { createProduct } from '../catalog/service.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { readableLine } from '../platform/text.ts'
import * as queries from './queries.ts'

/** Makes a product together with its first stock. Throws as catalog's createProduct does. */
export async function addProduct(deps: Deps, body: CreateProductBody): Promise<AdminProduct> {
  const { stock = 0, ...product } = body
  return createProduct(deps, product, async (tx, productId) => {
    queries.insertOpening(tx, productId, stock, deps.ports.clock.now())
  })
}

/**
 * Corrects what is on hand, to a count or by a difference.
 *
 * @throws AppError validation_failed unless exactly one of onHand and adjust is given; not_found; out_of_stock when less
 *   than what is reserved for orders would be left, and then nothing has changed
 */
export async function correctStock(deps: Deps, productId: string, body: PatchInventoryBody): Promise<StockOfProduct> {
  if ((body.onHand === undefined) === (body.adjust === undefined)) {
    throw invalidField('onHand', 'give either onHand or adjust')
  }
  const reason = readableLine('reason', body.reason)
  const level = await queries.correct(deps.db.alone, {
    productId,
    onHand: body.onHand,
    adjust: body.adjust,
    reason,
    now: deps.ports.clock.now(),
  })
  if (level === undefined) throw noStock()
  const { on_hand, reserved, wanted } = level
  if (wanted < reserved) {
    throw new AppError(
      'out_of_stock',
      reserved === 0
        ? `There are only ${on_hand} units on hand.`
        : `${reserved} of ${on_hand} units are reserved for orders, so that many must stay on hand.`,
      { details: { productId, onHand: on_hand, reserved, wanted } },
    )
  }
  return { productId, onHand: wanted, reserved, available: wanted - reserved }
}

/** The stock of a product and its movements, newest first. Throws not_found. */
export async function getStock(deps: Deps, productId: string, query: { cursor?: string; limit?: number }) {
  const limit = query.limit ?? 24
  const [before] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['integer'])
  const [level] = await queries.listLevels(deps.db, [productId])
  if (level === undefined) throw noStock()
  const rows = await queries.listMovements(deps.db, productId, {
    before: before === undefined ? undefined : Number(before),
    limit: limit + 1,
  })
  const page = cutPage(rows, limit, (row) => [row.id])
  const inventory: StockOfProduct = {
    productId,
    onHand: level.on_hand,
    reserved: level.reserved,
    available: level.on_hand - level.reserved,
  }
  return { inventory, movements: page.rows.map(toMovement), pagination: page.pagination }
}

function toMovement(row: queries.MovementRow): StockMovement {
  return {
    id: row.id,
    kind: row.kind,
    quantity: row.quantity,
    orderId: row.order_id,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
  }
}

function noStock(): AppError {
  return new AppError('not_found', 'There is no such product.')
}
