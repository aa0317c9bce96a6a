import { TriangleAlert } from 'lucide-react'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { Money } from '../../../../ui/money.tsx'
import { type Quantities, unitsLeft, worthOf } from './refund-plan.ts'

/** A longer list than this is typed faster than chosen from. */
const MOST_OPTIONS = 20
const CONTROL = 'num h-9 rounded-2 border border-edge bg-surface px-2 disabled:bg-sunken disabled:text-ink-3'

/** The things of an order with how many of each go back, and what those cost. */
export function RefundLines({
  order,
  quantities,
  onChange,
  error,
}: {
  order: Order
  quantities: Quantities
  onChange: (quantities: Quantities) => void
  error: string | null
}) {
  const choose = (itemId: string, count: number, left: number) =>
    onChange({ ...quantities, [itemId]: Number.isInteger(count) ? Math.min(Math.max(count, 0), left) : 0 })
  return (
    <div role="group" aria-label="Things that go back">
      <ul>
        {order.items.map((item) => {
          const left = unitsLeft(item)
          const chosen = quantities[item.id] ?? 0
          return (
            <li key={item.id} className="flex items-center gap-3 border-b border-rule py-2">
              <label className="contents">
                <span className="sr-only">How many of {item.title}</span>
                {left <= MOST_OPTIONS ? (
                  <select
                    value={chosen}
                    disabled={left === 0}
                    onChange={(event) => choose(item.id, Number(event.target.value), left)}
                    className={CONTROL}
                  >
                    {Array.from({ length: left + 1 }, (_, count) => (
                      <option key={count} value={count}>
                        {count}
                      </option>
                    ))}
                  </select>
                ) : (
                  <input
                    type="number"
                    min={0}
                    max={left}
                    value={chosen}
                    onChange={(event) => choose(item.id, event.target.valueAsNumber, left)}
                    className={`${CONTROL} w-20`}
                  />
                )}
              </label>
              <span className="min-w-0 flex-1">
                {item.title}
                <span className="block text-small text-ink-3">{left === 0 ? 'given back already' : `of ${left}`}</span>
              </span>
              <Money
                amount={worthOf(order, { [item.id]: chosen })}
                currency={order.currency}
                className={chosen === 0 ? 'opacity-55' : 'font-strong'}
              />
            </li>
          )
        })}
      </ul>
      {error && (
        <p className="mt-[.4rem] flex items-start gap-[.4rem] text-small font-medium text-failed">
          <TriangleAlert size={16} strokeWidth={1.7} aria-hidden="true" className="mt-px flex-none" />
          {error}
        </p>
      )}
    </div>
  )
}
