import type { Order } from '../../../../../client/shapes.ts'
import { cn } from '../../../../ui/class-names.ts'
import { Glyph, LOOK_BORDER } from '../../../../ui/glyph.tsx'
import { PhraseText } from '../../../../ui/phrase-text.tsx'
import { moneyNotes } from './order-money.ts'

/** Money that is elsewhere than with the order: held, on its way back, or not taken by the bank that it was sent to. */
export function MoneyNotes({ order, now }: { order: Order; now: number }) {
  return moneyNotes(order, now).map(({ key, look, isFact, words }) => (
    <div
      key={key}
      className={cn(
        'mb-7 grid max-w-[640px] grid-cols-[auto_1fr] gap-[.9rem] border-l-[3px] py-1 pl-[1.1rem]',
        LOOK_BORDER[look],
        !isFact && 'border-dashed',
      )}
    >
      <Glyph look={look} className="mt-[3px] size-[22px]" />
      <p className="text-read">
        <PhraseText phrase={words} />
      </p>
    </div>
  ))
}
