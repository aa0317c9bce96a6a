import { Money } from './money.tsx'
import type { Phrase } from './phrase.ts'

/** A phrase with its amounts as money, its ids in the id face, and what is strong in ink. */
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
    if ('strong' in part) {
      return (
        <b key={index} className="num text-ink">
          {part.strong}
        </b>
      )
    }
    return <Money key={index} amount={part.amount} currency={part.currency} />
  })
}
