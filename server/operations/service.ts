/** What the dashboard shows. */
import type { CurrencyFigures, DashboardStats, OrderStage } from '../../shared/contract/orders.ts'
import { addDays, dayIn, startOfDay } from '../../shared/day.ts'
import { add, proportion, subtract } from '../../shared/money.ts'
import { listNewest } from '../orders/lists.ts'
import { toSummaries } from '../orders/views.ts'
import { moneyOfOrders } from '../payments/listing.ts'
import type { Deps } from '../platform/deps.ts'
import { countOpenReviewItems } from '../reviews/queries.ts'
import { readFigures, type Figures } from './figure-queries.ts'
import * as queries from './queries.ts'

const DAYS_SHOWN = 30
const RECENT_ORDERS = 10
const CURRENCY_WITHOUT_ORDERS = 'INR'
/** Payment states of orders whose payment came to a good end, and to a bad one. */
const SUCCEEDED: ReadonlySet<string> = new Set(['paid', 'partially_refunded', 'refunded'])
const FAILED: ReadonlySet<string> = new Set(['failed'])

/**
 * The figures of this moment. All amounts and counts of orders come from one reading, and each total is the sum of what it
 * is made of: orders of their states, days of a currency, a revenue of what was sold less what was taken back.
 */
export async function dashboardStats(deps: Deps): Promise<DashboardStats> {
  const today = dayIn(deps.ports.clock.now(), deps.timeZone)
  const firstDay = addDays(today, 1 - DAYS_SHOWN)
  const [figures, catalog, medianConfirmSeconds, recent] = await Promise.all([
    readFigures(deps.db, firstDay, deps.timeZone),
    queries.catalogFigures(deps.db),
    queries.medianConfirmSeconds(deps.db, startOfDay(firstDay, deps.timeZone)),
    listNewest(deps.db, RECENT_ORDERS),
  ])
  const ids = recent.map((order) => order.id)
  const [moneyOf, open] = await Promise.all([moneyOfOrders(deps.db, recent), countOpenReviewItems(deps.db, ids)])
  const days = Array.from({ length: DAYS_SHOWN }, (_, at) => addDays(firstDay, at))
  const byCurrency = currenciesOf(figures).map((currency) => currencyFigures(figures, currency, days))
  const main = byCurrency[0] ?? currencyFigures(figures, CURRENCY_WITHOUT_ORDERS, days)
  const count = (fits: (row: Figures['counts'][number]) => boolean) => ordersIn(figures.counts.filter(fits))
  const inStage = (stage: OrderStage) => count((row) => row.stage === stage)
  const recently = figures.counts.filter((row) => row.day !== null)
  const succeeded = ordersIn(recently.filter((row) => SUCCEEDED.has(row.payment_status)))
  const failed = ordersIn(recently.filter((row) => FAILED.has(row.payment_status)))
  return {
    totalOrders: count(() => true),
    totalProducts: catalog.products,
    totalCategories: catalog.categories,
    totalUsers: catalog.users,
    totalRevenue: main.revenue,
    soldAmount: main.soldAmount,
    refundedAmount: main.refundedAmount,
    averageOrderValue: main.averageOrderValue,
    currency: main.currency,
    pendingOrders: inStage('pending'),
    confirmedOrders: inStage('confirmed'),
    givenBackOrders: inStage('given_back'),
    shippedOrders: inStage('shipped'),
    deliveredOrders: inStage('delivered'),
    cancelledOrders: inStage('cancelled'),
    paidOrders: sum(byCurrency.map((each) => each.paidOrders)),
    failedPayments: count((row) => FAILED.has(row.payment_status)),
    paymentSuccessRateBps: succeeded + failed === 0 ? null : Math.round((succeeded * 10_000) / (succeeded + failed)),
    medianConfirmSeconds,
    openReviewItems: catalog.open_review_items,
    ordersByDay: days.map((day, at) => ({
      day,
      orders: sum(byCurrency.map((each) => each.ordersByDay[at]?.orders ?? 0)),
      paidOrders: sum(byCurrency.map((each) => each.ordersByDay[at]?.paidOrders ?? 0)),
      revenue: main.ordersByDay[at]?.revenue ?? 0,
    })),
    byCurrency,
    timeZone: deps.timeZone,
    countedSince: figures.counted_from?.toISOString() ?? null,
    recentOrders: await toSummaries(deps.db, recent, moneyOf, open),
  }
}

/** The currencies of all orders, the one that most have first. */
function currenciesOf({ counts }: Figures): string[] {
  const found = [...new Set(counts.map((row) => row.currency))]
  const ordersOf = (currency: string) => ordersIn(counts.filter((row) => row.currency === currency))
  return found.sort((a, b) => ordersOf(b) - ordersOf(a) || (a < b ? -1 : 1))
}

function currencyFigures(figures: Figures, currency: string, days: readonly string[]): CurrencyFigures {
  const counts = figures.counts.filter((row) => row.currency === currency)
  const sales = figures.sales.filter((row) => row.currency === currency)
  const soldAmount = add(0, ...sales.map((row) => row.sold))
  const refundedAmount = add(0, ...sales.map((row) => row.returned))
  const paidOrders = sum(sales.map((row) => row.sales))
  return {
    currency,
    orders: ordersIn(counts),
    paidOrders,
    soldAmount,
    refundedAmount,
    revenue: subtract(soldAmount, refundedAmount),
    averageOrderValue: paidOrders === 0 ? 0 : proportion(soldAmount, 1, paidOrders),
    ordersByDay: days.map((day) => {
      const ofDay = sales.filter((row) => row.day === day)
      return {
        day,
        orders: ordersIn(counts.filter((row) => row.day === day)),
        paidOrders: sum(ofDay.map((row) => row.sales)),
        revenue: add(0, ...ofDay.map((row) => subtract(row.sold, row.returned))),
      }
    }),
  }
}

function ordersIn(rows: readonly { orders: number }[]): number {
  return sum(rows.map((row) => row.orders))
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}
