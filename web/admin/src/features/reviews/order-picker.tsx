import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { OrderSummary } from '../../../../../shared/contract/orders.ts'
import { Field } from '../../../../ui/field.tsx'
import { Money } from '../../../../ui/money.tsx'
import { orderMoneyWords } from '../../../../ui/status-words.ts'
import { ordersQuery } from '../../lib/queries.ts'

/** As many as can be told apart at a glance; a more exact search finds the others. */
const MOST_SHOWN = 5
const SHORTEST_SEARCH = 2

/** Finds the order that a payment belongs to, by whatever somebody knows of it. */
export function OrderPicker({
  value,
  onChange,
  error,
}: {
  value: OrderSummary | null
  onChange: (order: OrderSummary | null) => void
  error: string | null
}) {
  const [search, setSearch] = useState('')
  const wanted = search.trim()
  const { data } = useQuery({
    ...ordersQuery({ search: wanted, page: 1, limit: MOST_SHOWN }),
    enabled: wanted.length >= SHORTEST_SEARCH,
    refetchInterval: false,
  })
  const found = wanted.length >= SHORTEST_SEARCH ? (data?.orders ?? []) : []
  return (
    <div className="mt-4">
      <Field
        label="Which order?"
        help="Its number, or the customer’s name, e-mail or phone."
        error={error}
        value={search}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => {
          setSearch(event.target.value)
          onChange(null)
        }}
      />
      {found.length > 0 && (
        <div role="radiogroup" aria-label="Orders found" className="mt-2">
          {found.map((order) => (
            <label
              key={order.id}
              className="flex cursor-pointer items-center gap-3 border-b border-rule py-2 hover:bg-hover"
            >
              <input
                type="radio"
                name="order"
                className="size-[18px] accent-accent"
                checked={value?.id === order.id}
                onChange={() => onChange(order)}
              />
              <span className="min-w-0 flex-1">
                <b className="num">{order.number}</b> {order.customerName ?? order.email ?? 'Guest'}
                <span className="block text-small text-ink-3">{orderMoneyWords(order).words}</span>
              </span>
              <Money amount={order.total} currency={order.currency} className="font-strong" />
            </label>
          ))}
        </div>
      )}
      {data && found.length === 0 && wanted.length >= SHORTEST_SEARCH && (
        <p className="mt-2 text-small text-ink-2">No order fits “{wanted}”.</p>
      )}
    </div>
  )
}
