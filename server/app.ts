/** The table of contents of the HTTP side: which slice answers what. */
import { registerAccountRoutes } from './accounts/routes.ts'
import type { OpenAccounts } from './accounts/service.ts'
import { registerOrderAdminRoutes } from './aftersales/admin-routes.ts'
import { registerOrderRoutes } from './aftersales/routes.ts'
import { registerSellerRoutes } from './aftersales/seller-routes.ts'
import { registerCartRoutes } from './cart/routes.ts'
import { registerReviewRoutes } from './casework/admin-routes.ts'
import { registerCatalogRoutes } from './catalog/routes.ts'
import { registerCheckoutRoutes } from './checkout/routes.ts'
import type { CheckoutDeps } from './checkout/service.ts'
import { registerWebhookAdminRoutes } from './inbox/admin-routes.ts'
import type { Receiver } from './inbox/receive.ts'
import { registerReturnRoute, registerWebhookRoutes } from './inbox/routes.ts'
import { registerInventoryRoutes } from './inventory/admin-routes.ts'
import { registerLedgerRoutes } from './operations/ledger-routes.ts'
import { registerMetricsRoutes, type MetricsAccess } from './operations/metrics-routes.ts'
import { registerHealthRoutes, registerOperationsRoutes } from './operations/routes.ts'
import { registerWatchRoutes } from './operations/watch-routes.ts'
import { registerPages } from './pages/routes.ts'
import { registerPaymentAdminRoutes } from './payments/by-hand/routes.ts'
import { registerPaymentRoutes } from './payments/routes.ts'
import { createHttp, type App, type HttpOptions } from './platform/http.ts'
import { refuseUnknownPaths } from './platform/refusals.ts'
import { registerReconciliationRoutes } from './reconciliation/admin-routes.ts'
import { registerShopRoutes } from './shops/routes.ts'
import { registerWalletRoutes } from './wallet/routes.ts'

export async function createApp(
  deps: CheckoutDeps,
  accounts: OpenAccounts,
  receiver: Receiver,
  options: Omit<HttpOptions, 'log' | 'ports'> & {
    metrics: MetricsAccess
    /** The shop's name, and what it says of itself where a page has nothing of its own to say. */
    shopName: string
    shopDescription: string
    /** Where the built pages are; those of this installation when not given. */
    builtPages?: string
  },
): Promise<App> {
  const app = await createHttp({ ...options, log: deps.log, ports: deps.ports })
  registerHealthRoutes(app, deps)
  registerAccountRoutes(app, deps, accounts)
  registerShopRoutes(app, deps, accounts)
  registerCatalogRoutes(app, deps, accounts)
  registerCartRoutes(app, deps, accounts)
  registerWalletRoutes(app, deps, accounts)
  registerCheckoutRoutes(app, deps, accounts)
  registerPaymentRoutes(app, deps, accounts)
  registerPaymentAdminRoutes(app, deps, accounts)
  await registerWebhookRoutes(app, receiver)
  registerWebhookAdminRoutes(app, deps, accounts)
  await registerReturnRoute(app, deps)
  registerOrderRoutes(app, deps, accounts)
  registerSellerRoutes(app, deps, accounts)
  registerOrderAdminRoutes(app, deps, accounts)
  registerReviewRoutes(app, deps, accounts)
  registerInventoryRoutes(app, deps, accounts)
  registerReconciliationRoutes(app, deps, accounts)
  registerOperationsRoutes(app, deps, accounts)
  registerLedgerRoutes(app, deps, accounts)
  registerWatchRoutes(app, deps, accounts)
  registerMetricsRoutes(app, deps, [...deps.providers.keys()], options.metrics)
  await registerPages(app, deps, {
    site: { name: options.shopName, url: options.publicUrl },
    description: options.shopDescription,
    sources: [...deps.providers.values()].map((provider) => provider.pageSources),
    ...(options.builtPages !== undefined && { built: options.builtPages }),
  })
  await app.ready()
  return app
}

/** What a process answers that serves no shop: whether it lives, and its figures. */
export async function createWorkerApp(
  deps: CheckoutDeps,
  options: Omit<HttpOptions, 'log' | 'ports'> & { metrics: MetricsAccess },
): Promise<App> {
  const app = await createHttp({ ...options, log: deps.log, ports: deps.ports })
  registerHealthRoutes(app, deps)
  registerMetricsRoutes(app, deps, [...deps.providers.keys()], options.metrics)
  refuseUnknownPaths(app)
  await app.ready()
  return app
}
