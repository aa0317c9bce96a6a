import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DashboardStats } from '../../../../../shared/contract/orders.ts'
import { countOf } from '../../../../ui/format.ts'
import { Glyph } from '../../../../ui/glyph.tsx'
import type { Look } from '../../../../ui/status-words.ts'

type Item = {
  key: string
  look: Look
  title: string
  detail: string
  /** Leads to the queue instead of the orders. */
  to?: '/reviews'
  search?: { status?: 'confirmed' | 'pending'; paymentStatus?: 'failed' | 'verified' }
}

/** What waits for somebody, and where to find it; good news when nothing does. */
export function Attention({ stats }: { stats: DashboardStats }) {
  const items: Item[] = []
  if (stats.openReviewItems > 0) {
    items.push({
      key: 'review',
      look: 'review',
      title: `${countOf(stats.openReviewItems, 'question')} to decide`,
      detail: 'What the machine would not decide alone. The money is held.',
      to: '/reviews',
    })
  }
  if (stats.confirmedOrders > 0) {
    items.push({
      key: 'ship',
      look: 'paid',
      title: `${countOf(stats.confirmedOrders, 'order')} to ship`,
      detail: 'Confirmed and waiting to leave.',
      search: { status: 'confirmed' },
    })
  }
  if (stats.pendingOrders > 0) {
    items.push({
      key: 'pending',
      look: 'pending',
      title: `${countOf(stats.pendingOrders, 'order')} not paid yet`,
      detail: 'Open, or declined so far. They end by themselves when nobody pays.',
      search: { status: 'pending' },
    })
  }
  return (
    <section aria-labelledby="attention-title">
      <h2 id="attention-title" className="text-h3">
        {items.length === 0 ? 'Nothing waits for a person' : 'Needs a person'}
      </h2>
      <ul className="mt-2">
        {items.map((item) => (
          <li key={item.key} className="border-t border-rule first:border-t-0">
            <Row item={item}>
              <Glyph look={item.look} className="mt-0.5 size-[17px]" />
              <span>
                <b className="block">{item.title}</b>
                <span className="block text-small text-ink-2">{item.detail}</span>
              </span>
              {(item.search ?? item.to) && (
                <ChevronRight size={18} strokeWidth={1.7} aria-hidden="true" className="text-ink-3" />
              )}
            </Row>
          </li>
        ))}
        {items.length === 0 && (
          <li className="grid grid-cols-[22px_1fr] gap-[.7rem] py-[.85rem] text-ink-2">
            <Glyph look="paid" className="mt-0.5 size-[17px]" />
            Everything that was ordered is on its way or done.
          </li>
        )}
      </ul>
    </section>
  )
}

const ROW = 'grid grid-cols-[22px_1fr_auto] items-start gap-[.7rem] py-[.85rem]'

function Row({ item, children }: { item: Item; children: ReactNode }) {
  const look = `${ROW} hover:bg-hover -mx-2 rounded-2 px-2`
  if (item.to) {
    return (
      <Link to={item.to} className={look}>
        {children}
      </Link>
    )
  }
  if (!item.search) return <div className={ROW}>{children}</div>
  return (
    <Link to="/orders" search={item.search} className={look}>
      {children}
    </Link>
  )
}
