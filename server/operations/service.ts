import type { DashboardStats } from '../../shared/contract/orders.ts'
import type { Deps } from '../platform/deps.ts'
import * as orders from '../orders/service.ts'
import { countOpenReviewItems, moneyOfOrders } from '../payments/service.ts'
import * as queries from './queries.ts'

export { assertReady } from './queries.ts'

const DAY_MS = 24 * 3_600 * 1_000
const DAYS_SHOWN = 30
const RECENT_ORDERS = 10
/** Days of the chart are days of the shops. */
const TIME_ZONE = 'Asia/Kolkata'
const CURRENCY_WITHOUT_ORDERS = 'INR'

/** The dashboard's figures. Money is in the currency that most orders have. */
export async function dashboardStats(deps: Deps): Promise<DashboardStats> {
  const now = deps.ports.clock.now()
  const since = new Date(now.getTime() - (DAYS_SHOWN - 1) * DAY_MS)
  const counted = await queries.orderFigures(deps.db)
  const currency = counted.currency ?? CURRENCY_WITHOUT_ORDERS
  const [givenBack, money, catalog, rates, days, recent] = await Promise.all([
    queries.givenBackOrders(deps.db),
    queries.moneyFigures(deps.db, currency),
    queries.catalogFigures(deps.db),
    queries.rateFigures(deps.db, since),
    queries.dayFigures(deps.db, since, now, TIME_ZONE, currency),
    orders.listNewest(deps.db, RECENT_ORDERS),
  ])
  const ids = recent.map((order) => order.id)
  const [moneyOf, open] = await Promise.all([moneyOfOrders(deps.db, recent), countOpenReviewItems(deps.db, ids)])
  return {
    totalOrders: counted.total,
    totalProducts: catalog.products,
    totalCategories: catalog.categories,
    totalUsers: catalog.users,
    totalRevenue: money.revenue,
    currency,
    pendingOrders: counted.pending,
    confirmedOrders: Math.max(0, counted.confirmed - givenBack),
    givenBackOrders: givenBack,
    shippedOrders: counted.shipped,
    deliveredOrders: counted.delivered,
    cancelledOrders: counted.cancelled,
    paidOrders: counted.paid,
    failedPayments: counted.failed_payments,
    refundedAmount: money.refunded,
    averageOrderValue: money.paid_orders === 0 ? 0 : Math.round(money.revenue / money.paid_orders),
    paymentSuccessRateBps: rates.decided === 0 ? null : Math.round((rates.succeeded * 10_000) / rates.decided),
    medianConfirmSeconds: rates.median_confirm_s,
    openReviewItems: catalog.open_review_items,
    ordersByDay: days.map((day) => ({
      day: day.day,
      orders: day.orders,
      paidOrders: day.paid_orders,
      revenue: day.revenue,
    })),
    recentOrders: await orders.toSummaries(deps.db, recent, moneyOf, open),
  }
}
