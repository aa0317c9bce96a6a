import { Link } from '@tanstack/react-router'
import { useRef } from 'react'
import type { OrderSummary } from '../../../../../shared/contract/orders.ts'
import { cn } from '../../../../ui/class-names.ts'
import { methodName } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { StatusMark } from '../../../../ui/status.tsx'
import { orderMoneyWords, orderState, statusWords } from '../../../../ui/status-words.ts'
import { When } from '../../../../ui/when.tsx'
import { useShortcuts } from '../../lib/shortcuts.ts'
import { Parts } from './parts.tsx'

/**
 * Orders as rows; each row is one link. J and K move from row to row, Enter opens. On a phone a row is two lines.
 *
 * @param isNew rows to mark as just arrived
 * @param isBrief leaves out parts and way to pay
 */
export function OrderTable({
  orders,
  now,
  label,
  isNew,
  isBrief = false,
  className,
}: {
  orders: OrderSummary[]
  now: number
  label: string
  isNew?: (order: OrderSummary) => boolean
  isBrief?: boolean
  className?: string
}) {
  const body = useRef<HTMLTableSectionElement>(null)
  const move = (step: 1 | -1) => {
    const links = [...(body.current?.querySelectorAll<HTMLAnchorElement>('a[data-row]') ?? [])]
    const current = links.findIndex((link) => link === document.activeElement)
    const next = current === -1 ? (step === 1 ? 0 : links.length - 1) : current + step
    const link = links[Math.min(Math.max(next, 0), links.length - 1)]
    link?.focus()
    link?.closest('tr')?.scrollIntoView({ block: 'nearest' })
  }
  useShortcuts({ j: () => move(1), k: () => move(-1) })

  return (
    <table className={cn('orders', isBrief && 'brief', className)} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Customer</th>
          {!isBrief && <th scope="col">Parts</th>}
          <th scope="col">State</th>
          <th scope="col">Payment</th>
          {!isBrief && <th scope="col">Way</th>}
          <th scope="col" className="r">
            Total
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {orders.map((order) => {
          const money = orderMoneyWords(order)
          const state = statusWords('order', orderState(order))
          const way = order.paymentMethod === 'cod' ? 'Cash' : methodName(order.paymentMethod)
          return (
            <tr key={order.id} className={cn(isNew?.(order) && 'row-new')}>
              <td className="o-number">
                <Link
                  to="/orders/$orderId"
                  params={{ orderId: order.id }}
                  data-row
                  className="num font-strong outline-none after:absolute after:inset-0"
                >
                  {order.number}
                </Link>
                <span className="l2 num">
                  <When at={order.createdAt} now={now} />
                  <span className="lg:hidden"> · {way}</span>
                </span>
              </td>
              <td className="o-customer">
                <span className="block truncate">{order.customerName ?? order.email ?? 'Guest'}</span>
                <span className="l2 truncate">{order.city ?? order.email ?? ' '}</span>
              </td>
              {!isBrief && (
                <td className="o-parts">
                  <Parts parts={order.parts} />
                </td>
              )}
              <td className={cn('o-state', order.status === 'pending' ? 'text-ink-3' : 'text-ink-2')}>
                {/* Of an order that waits for its payment the next column says so. */}
                {order.status === 'pending' ? 'Open' : state.words}
              </td>
              <td className="o-payment">
                <StatusMark look={money.look}>{money.words}</StatusMark>
              </td>
              {!isBrief && <td className="o-way text-ink-2">{way}</td>}
              <td className="o-total r">
                <Money amount={order.total} currency={order.currency} className="font-semibold" />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
