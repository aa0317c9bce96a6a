/** Words with amounts and ids among them, which are drawn differently (phrase-text.tsx). Pure. */
import { formatMoney } from './format.ts'

export type Amount = { amount: number; currency: string }
export type Phrase = (string | Amount | { id: string } | { strong: string })[]

/** A phrase as plain text, as it is read aloud or stands in a title. */
export function plain(phrase: Phrase): string {
  return phrase
    .map((part) => {
      if (typeof part === 'string') return part
      if ('id' in part) return part.id
      return 'strong' in part ? part.strong : formatMoney(part.amount, part.currency)
    })
    .join('')
}

/** Amounts in a row: "₹245.00", "₹245.00 and $5.00". */
export function joined(amounts: readonly Amount[]): Phrase {
  return amounts.flatMap((amount, index) => (index === 0 ? [amount] : [' and ', amount]))
}
