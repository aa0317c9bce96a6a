import { Money } from '../../../ui/money.tsx'
import type { Phrase } from './phrase.ts'

/** A phrase with its amounts as money and its ids in the id face. */
export function PhraseText({ phrase }: { phrase: Phrase }) {
  return phrase.map((part, index) => {
    if (typeof part === 'string') return part
    if ('id' in part) {
      return (
        <span key={index} className="id">
          {part.id}
        </span>
      )
    }
    return <Money key={index} amount={part.amount} currency={part.currency} />
  })
}
