/** What the dashboard shows, as it stands in the address. */
import type { CurrencyFigures, DashboardStats } from '../../../../../shared/contract/orders.ts'

export const SPANS = [7, 30] as const

export type DashboardSearch = {
  days?: 7 | undefined
  /** Whose money is shown, in a shop that sells in several. */
  currency?: string | undefined
}

export function parseDashboardSearch(raw: Record<string, unknown>): DashboardSearch {
  return {
    days: Number(raw.days) === 7 ? 7 : undefined,
    currency: typeof raw.currency === 'string' && /^[A-Z]{3}$/.test(raw.currency) ? raw.currency : undefined,
  }
}

/** The figures of the currency that was asked for, else of the one that most orders have. */
export function figuresOf(stats: DashboardStats, currency: string | undefined): CurrencyFigures {
  const [main] = stats.byCurrency
  return (
    stats.byCurrency.find((each) => each.currency === currency) ??
    main ?? {
      currency: stats.currency,
      orders: 0,
      paidOrders: 0,
      soldAmount: 0,
      refundedAmount: 0,
      revenue: 0,
      averageOrderValue: 0,
      ordersByDay: stats.ordersByDay,
    }
  )
}
