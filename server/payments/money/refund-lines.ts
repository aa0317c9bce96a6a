/**
 * What a person's refund of certain lines gives back. A unit is given back once, whatever becomes of its money; and a line
 * gives back what its units are worth, or what is left of it when that is less.
 */
import type { RefundBody } from '../../../shared/contract/payments.ts'
import { amountBack, unitsLeft } from '../../../shared/line.ts'
import { add, allocate } from '../../../shared/money.ts'
import { soldLine, type LineReturn, type SaleLine } from '../../orders/lines.ts'
import { AppError, invalidField } from '../../platform/errors.ts'

/**
 * @param lines of the order, as they are under its lock
 * @throws validation_failed for what names no line, or too many units; refund_exceeds_captured with `details.itemId` for a
 *   line of which nothing is left
 */
export function linesBack(lines: readonly SaleLine[], wished: Pick<RefundBody, 'items' | 'amount'>): LineReturn[] {
  const { items = [], amount } = wished
  const back = items.map((item, at) => {
    const line = lines.find((each) => each.id === item.itemId)
    if (line === undefined) throw invalidField(`items.${at}.itemId`, 'is not a line of this order')
    if (items.findIndex((other) => other.itemId === item.itemId) < at) {
      throw invalidField(`items.${at}.itemId`, 'is named twice')
    }
    const sold = soldLine(line)
    const left = unitsLeft(sold)
    if (left === 0) throw nothingLeft(line, at, `All of “${line.title}” was given back already.`)
    if (item.quantity > left) throw invalidField(`items.${at}.quantity`, `must not be above ${left}`)
    return { line, itemId: line.id, quantity: item.quantity, amount: amountBack(sold, item.quantity) }
  })
  const worth = back.map((each) => each.amount)
  const most = add(0, ...worth)
  if (most === 0) {
    const spent = back.findIndex(({ line }) => soldLine(line).gross > 0)
    const line = back[spent]?.line
    if (line === undefined) throw invalidField('items', 'cost nothing, so that no money can go back for them')
    throw nothingLeft(line, spent, `All that “${line.title}” cost was given back already.`)
  }
  if (amount !== undefined && amount > most) {
    throw invalidField('amount', `must not be above ${most}, which is what these lines give back`)
  }
  const amounts = amount === undefined ? worth : allocate(amount, worth)
  return back.map(({ itemId, quantity }, at) => ({ itemId, quantity, amount: amounts[at] ?? 0 }))
}

function nothingLeft(line: SaleLine, at: number, message: string): AppError {
  return new AppError('refund_exceeds_captured', message, {
    details: {
      refundable: 0,
      itemId: line.id,
      fields: [{ field: `items.${at}.itemId`, message: 'was given back already' }],
    },
  })
}
