import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Bell, BookOpenText, House, ListChecks, ReceiptText, Scale, Webhook } from 'lucide-react'
import type { ComponentType, SVGProps } from 'react'
import { statsQuery } from '../../lib/queries.ts'
import { alertsQuery } from '../../lib/watch-queries.ts'

type Icon = ComponentType<SVGProps<SVGSVGElement> & { size?: number }>

export type Entry = {
  to: '/' | '/orders' | '/reviews' | '/reconciliation' | '/ledger' | '/webhooks' | '/checks' | '/alerts'
  label: string
  icon: Icon
  count: number | null
  countOf: string
  countClass?: string
  /** Has a tab of its own on a phone. */
  isTab: boolean
}

/** What the panel has, with how much waits at each place. */
export function useEntries(): { daily: Entry[]; engineRoom: Entry[] } {
  const { data: stats } = useQuery(statsQuery)
  const { data: alerts } = useInfiniteQuery(alertsQuery('open'))
  const open = alerts?.pages.flatMap((page) => page.items) ?? []
  const none = { count: null, countOf: '', isTab: false }
  return {
    daily: [
      { to: '/', label: 'Home', icon: House, ...none, isTab: true },
      {
        to: '/orders',
        label: 'Orders',
        icon: ReceiptText,
        count: stats?.confirmedOrders ?? null,
        countOf: 'to ship',
        isTab: true,
      },
      {
        to: '/reviews',
        label: 'Review',
        icon: ReviewIcon,
        count: stats?.openReviewItems ?? null,
        countOf: 'to decide',
        countClass: 'text-review',
        isTab: true,
      },
    ],
    engineRoom: [
      { to: '/reconciliation', label: 'Reconciliation', icon: Scale, ...none },
      { to: '/ledger', label: 'Ledger', icon: BookOpenText, ...none },
      { to: '/webhooks', label: 'Webhooks', icon: Webhook, ...none },
      { to: '/checks', label: 'Checks', icon: ListChecks, ...none },
      {
        to: '/alerts',
        label: 'Alerts',
        icon: Bell,
        count: open.length,
        countOf: 'open',
        countClass: open.some((alert) => alert.severity === 'page') ? 'text-failed' : 'text-pending',
        isTab: true,
      },
    ],
  }
}

/** The diamond that stands for a question to a person everywhere, as an outline. */
function ReviewIcon({ size = 18, ...rest }: SVGProps<SVGSVGElement> & { size?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      {...rest}
    >
      <path d="M12 3l9 9-9 9-9-9zM12 8v5M12 16v.01" />
    </svg>
  )
}
