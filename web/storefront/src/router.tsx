/** Which page stands at which address. Pages after the first one load when they are needed. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { Layout } from './features/shell/layout.tsx'
import { parseShelfSearch } from './features/catalogue/shelf-search.ts'
import { ownPath } from './lib/own-path.ts'
import { HomePage } from './pages/home.tsx'
import { BrokenPage, NotFoundPage } from './pages/not-found.tsx'

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => (
    <Layout>
      <NotFoundPage />
    </Layout>
  ),
  errorComponent: BrokenPage,
})

/** Pages with the shop's header and footer. */
const shop = createRoute({ getParentRoute: () => root, id: 'shop', component: Layout })

const home = createRoute({ getParentRoute: () => shop, path: '/', component: HomePage })
const products = createRoute({
  getParentRoute: () => shop,
  path: '/products',
  validateSearch: parseShelfSearch,
  component: lazyRouteComponent(() => import('./pages/shelf.tsx'), 'ProductsPage'),
})
const category = createRoute({
  getParentRoute: () => shop,
  path: '/c/$slug',
  validateSearch: parseShelfSearch,
  component: lazyRouteComponent(() => import('./pages/shelf.tsx'), 'CategoryPage'),
})
const shopPage = createRoute({
  getParentRoute: () => shop,
  path: '/shops/$slug',
  validateSearch: parseShelfSearch,
  component: lazyRouteComponent(() => import('./pages/shelf.tsx'), 'ShopPage'),
})
const product = createRoute({
  getParentRoute: () => shop,
  path: '/p/$slug',
  component: lazyRouteComponent(() => import('./pages/product.tsx'), 'ProductPage'),
})
const cart = createRoute({
  getParentRoute: () => shop,
  path: '/cart',
  component: lazyRouteComponent(() => import('./pages/cart.tsx'), 'CartPage'),
})
/** Without the shop's header: nothing there leads away from paying. */
const checkout = createRoute({
  getParentRoute: () => root,
  path: '/checkout',
  component: lazyRouteComponent(() => import('./pages/checkout.tsx'), 'CheckoutPage'),
})
const orders = createRoute({
  getParentRoute: () => shop,
  path: '/orders',
  component: lazyRouteComponent(() => import('./pages/orders.tsx'), 'OrdersPage'),
})
const order = createRoute({
  getParentRoute: () => shop,
  path: '/orders/$orderId',
  component: lazyRouteComponent(() => import('./pages/order.tsx'), 'OrderPage'),
})
const result = createRoute({
  getParentRoute: () => shop,
  path: '/orders/$orderId/result',
  component: lazyRouteComponent(() => import('./pages/result.tsx'), 'ResultPage'),
})
const signIn = createRoute({
  getParentRoute: () => shop,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string } => {
    const to = ownPath(search['to'], window.location.origin)
    return to === undefined ? {} : { to }
  },
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx'), 'SignInPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    shop.addChildren([home, products, category, shopPage, product, cart, orders, order, result, signIn]),
    checkout,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
