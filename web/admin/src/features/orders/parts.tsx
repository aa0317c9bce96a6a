import type { OrderSummary } from '../../../../../shared/contract/orders.ts'
import { cn } from '../../../../ui/class-names.ts'
import { partState, statusWords } from '../../../../ui/status-words.ts'

const LOOKS: Record<ReturnType<typeof partState>, string> = {
  pending: 'border-dashed border-edge text-ink-3',
  awaiting_acceptance: 'border-dashed border-edge text-ink-2',
  accepted: 'border-accent-text/40 bg-accent-soft text-accent-text',
  shipped: 'border-transparent bg-accent text-accent-ink',
  delivered: 'border-transparent bg-paid-soft text-paid',
  rejected: 'border-rule text-ink-3 line-through',
  cancelled: 'border-rule text-ink-3 line-through',
  given_back: 'border-rule text-ink-3 line-through',
}

/** More parts than this are counted, not drawn. */
const MOST_SQUARES = 6

/** The parts of an order as squares with the shop's initial; the border tells the state. */
export function Parts({ parts }: { parts: OrderSummary['parts'] }) {
  if (parts.length === 0) return <span className="text-ink-3">None</span>
  const left = parts.length - MOST_SQUARES
  return (
    <ul className="flex gap-1">
      {parts.slice(0, MOST_SQUARES).map((part, index) => (
        <li key={index}>
          <PartSquare shopName={part.shopName} status={partState(part)} />
        </li>
      ))}
      {left > 0 && <li className="self-center text-small text-ink-3">+{left}</li>}
    </ul>
  )
}

export function PartSquare({ shopName, status }: { shopName: string; status: ReturnType<typeof partState> }) {
  const { words } = statusWords('shop_order', status)
  return (
    <span
      title={`${shopName}: ${words}`}
      className={cn(
        'inline-grid size-[23px] place-items-center rounded-[6px] border-[1.5px] text-[.75rem] leading-none font-semibold',
        LOOKS[status],
      )}
    >
      <span aria-hidden="true">{shopName.trim().charAt(0).toUpperCase()}</span>
      <span className="sr-only">
        {shopName}: {words}
      </span>
    </span>
  )
}
