import { cn } from '../../../../ui/class-names.ts'
import { formatMoney } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import type { MoneySplit } from './money-split.ts'

/** Where the captured money is, as one bar: solid is a fact, dashed is on its way, hatched waits for a person. */
export function MoneyBar({ split, currency }: { split: MoneySplit; currency: string }) {
  const all = [
    { key: 'kept', words: 'Kept', amount: split.kept, bar: 'bg-paid-mark', text: 'text-paid' },
    {
      key: 'going',
      words: 'Going back',
      amount: split.goingBack,
      bar: 'border-2 border-dashed border-refunded-mark bg-refunded-soft',
      text: 'text-refunded',
    },
    { key: 'gone', words: 'Gone back', amount: split.goneBack, bar: 'bg-refunded-mark', text: 'text-refunded' },
    { key: 'review', words: 'Not decided', amount: split.inReview, bar: 'bar-review', text: 'text-review' },
  ]
  const parts = all.filter((part) => part.amount > 0)
  const spoken = parts.map((part) => `${formatMoney(part.amount, currency)} ${part.words.toLowerCase()}`).join(', ')
  return (
    <section aria-label="Where the money is">
      <div className="flex items-baseline justify-between gap-4">
        <p className="text-h2">
          <Money amount={split.captured} currency={currency} />{' '}
          <span className="text-body font-normal text-ink-2">captured</span>
        </p>
        <span className="text-right text-small text-ink-3">
          {split.inReview > 0 ? 'Waits for a decision' : 'Every rupee is accounted for'}
        </span>
      </div>
      <div
        role="img"
        aria-label={`Of ${formatMoney(split.captured, currency)} captured: ${spoken}`}
        className="mt-[.9rem] mb-[.6rem] flex h-[34px] gap-[3px]"
      >
        {parts.map((part) => (
          <span
            key={part.key}
            className={cn('min-w-[6px] forced-color-adjust-none rounded-1', part.bar)}
            style={{ flexGrow: part.amount, flexBasis: 0 }}
          />
        ))}
      </div>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-small">
        {parts.map((part) => (
          <span key={part.key}>
            <b className={part.text}>{part.words}</b> <Money amount={part.amount} currency={currency} />
          </span>
        ))}
      </div>
    </section>
  )
}
