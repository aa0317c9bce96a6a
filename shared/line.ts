/**
 * What goes back with units of an order's line. The server refunds by it, and the panel says it beforehand.
 *
 * A unit's worth is counted from the beginning of its line, so that the units of a line together are worth what the line
 * costs, to the last minor unit: of 3 for 100 they are worth 33, 33 and 34.
 */
import { proportion, smaller, subtract, type Minor } from './money.ts'

/** A line as it was sold, and what of it was given back since. Amounts in minor units of the order's currency. */
export interface SoldUnits {
  /** Units that were bought; above zero. */
  quantity: number
  /** What the line costs: after its discount, with tax that is not in its price. */
  gross: Minor
  returned: { quantity: number; amount: Minor }
}

/** What of a line's money was not given back. */
export function amountLeft({ gross, returned }: Pick<SoldUnits, 'gross' | 'returned'>): Minor {
  return subtract(gross, returned.amount)
}

/** Units of a line that were not given back. */
export function unitsLeft({ quantity, returned }: Pick<SoldUnits, 'quantity' | 'returned'>): number {
  return quantity - returned.quantity
}

/** What the next `units` of a line are worth, whatever else was taken from it meanwhile. */
export function worthOf({ gross, quantity, returned }: SoldUnits, units: number): Minor {
  return subtract(
    proportion(gross, returned.quantity + units, quantity),
    proportion(gross, returned.quantity, quantity),
  )
}

/**
 * What goes back with the next `units` of a line: what they are worth, and no more than is left of it. Less is left where
 * an amount was sent back that was not for units.
 */
export function amountBack(line: SoldUnits, units: number): Minor {
  return smaller(worthOf(line, units), amountLeft(line))
}
