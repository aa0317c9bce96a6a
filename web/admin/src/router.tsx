import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Empty, ErrorState } from '../../ui/empty.tsx'
import { parseDashboardSearch } from './features/dashboard/dashboard-search.ts'
import { parseOrderSearch } from './features/orders/order-search.ts'
import { parseAccountsSearch, parseStatementSearch } from './features/ledger/ledger-search.ts'
import { parseRunSearch, parseRunsSearch } from './features/reconciliation/run-search.ts'
import { parseReviewSearch } from './features/reviews/review-search.ts'
import { parseRejectedSearch, parseWebhookSearch } from './features/webhooks/webhook-search.ts'
import { Gate } from './features/session/gate.tsx'
import { Shell } from './features/shell/shell.tsx'
import { usePageTitle } from './lib/page-title.ts'

const root = createRootRoute({
  component: () => <Gate>{(user) => <Shell user={user} />}</Gate>,
  notFoundComponent: NotFound,
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: parseDashboardSearch,
  component: lazyRouteComponent(() => import('./pages/dashboard.tsx'), 'DashboardPage'),
})

const orders = createRoute({
  getParentRoute: () => root,
  path: '/orders',
  validateSearch: parseOrderSearch,
  component: lazyRouteComponent(() => import('./pages/orders.tsx'), 'OrdersPage'),
})

const order = createRoute({
  getParentRoute: () => root,
  path: '/orders/$orderId',
  component: lazyRouteComponent(() => import('./pages/order.tsx'), 'OrderPage'),
})

const reviews = createRoute({
  getParentRoute: () => root,
  path: '/reviews',
  validateSearch: parseReviewSearch,
  component: lazyRouteComponent(() => import('./pages/reviews.tsx'), 'ReviewsPage'),
})

const reviewsRest = createRoute({
  getParentRoute: () => reviews,
  path: '/',
  validateSearch: parseDashboardSearch,
  component: lazyRouteComponent(() => import('./pages/reviews-rest.tsx'), 'ReviewsRest'),
})

const review = createRoute({
  getParentRoute: () => reviews,
  path: '$reviewId',
  component: lazyRouteComponent(() => import('./pages/review.tsx'), 'ReviewPage'),
})

const runs = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation',
  validateSearch: parseRunsSearch,
  component: lazyRouteComponent(() => import('./pages/runs.tsx'), 'RunsPage'),
})

const run = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation/$runId',
  validateSearch: parseRunSearch,
  component: lazyRouteComponent(() => import('./pages/run.tsx'), 'RunPage'),
})

const ledger = createRoute({
  getParentRoute: () => root,
  path: '/ledger',
  validateSearch: parseAccountsSearch,
  component: lazyRouteComponent(() => import('./pages/ledger.tsx'), 'LedgerPage'),
})

const statement = createRoute({
  getParentRoute: () => root,
  path: '/ledger/statement',
  validateSearch: parseStatementSearch,
  component: lazyRouteComponent(() => import('./pages/statement.tsx'), 'StatementPage'),
})

const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/webhooks',
  validateSearch: parseWebhookSearch,
  component: lazyRouteComponent(() => import('./pages/webhooks.tsx'), 'WebhooksPage'),
})

const webhooksRejected = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/rejected',
  validateSearch: parseRejectedSearch,
  component: lazyRouteComponent(() => import('./pages/webhooks-rejected.tsx'), 'RejectedPage'),
})

const webhook = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/$eventId',
  component: lazyRouteComponent(() => import('./pages/webhook.tsx'), 'WebhookPage'),
})

const checks = createRoute({
  getParentRoute: () => root,
  path: '/checks',
  component: lazyRouteComponent(() => import('./pages/checks.tsx'), 'ChecksPage'),
})

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: (raw: Record<string, unknown>): { status?: 'resolved' | undefined } => ({
    status: raw.status === 'resolved' ? 'resolved' : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/alerts.tsx'), 'AlertsPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    orders,
    order,
    reviews.addChildren([reviewsRest, review]),
    runs,
    run,
    ledger,
    statement,
    webhooks,
    webhooksRejected,
    webhook,
    checks,
    alerts,
  ]),
  basepath: '/admin',
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: Broken,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

function NotFound() {
  usePageTitle('Not found')
  return (
    <Empty
      level={1}
      title="There is no such page"
      action={
        <Link to="/" className={buttonClass({ variant: 'outline', size: 'compact' })}>
          Go home
        </Link>
      }
    >
      Its address may be mistyped.
    </Empty>
  )
}

/** A fault of this page itself, also when a new version replaced the file it wanted to load. */
function Broken() {
  usePageTitle('Fault')
  return (
    <ErrorState
      level={1}
      title="This page met a fault"
      action={<Button onClick={() => location.reload()}>Load it again</Button>}
    >
      Nothing was changed by it.
    </ErrorState>
  )
}
