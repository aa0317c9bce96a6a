import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Empty, ErrorState } from '../../ui/empty.tsx'
import { parseOrderSearch } from './features/orders/order-search.ts'
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

export const router = createRouter({
  routeTree: root.addChildren([home, orders, order]),
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
