/** The application put together from its parts, as server/main.ts does it, for tests that hold its ports themselves. */
import type { RunningSandbox } from '../sandbox/sandbox.ts'
import { createAccounts, type OpenAccounts } from '../server/accounts/service.ts'
import { createApp } from '../server/app.ts'
import type { CheckoutDeps } from '../server/checkout/service.ts'
import { createReceiver, type Receiver } from '../server/inbox/receive.ts'
import { USUAL_LATE_MONEY_MS } from '../server/payments/money/looks.ts'
import { createBreaker } from '../server/payments/providers/call.ts'
import { openDatabase, type Database } from '../server/platform/database.ts'
import type { App } from '../server/platform/http.ts'
import { createLog } from '../server/platform/log.ts'
import type { Pass } from '../server/platform/passes.ts'
import type { Ports } from '../server/platform/ports.ts'
import { RAZORPAY_LATE_MONEY_DAYS } from '../server/platform/provider-config.ts'
import { createRateLimiter } from '../server/platform/rate-limit.ts'
import { createProviders } from '../server/providers.ts'
import { passes, type WorkerSettings } from '../server/worker.ts'
import { PATIENCE_MS } from './until.ts'

const PUBLIC_URL = 'http://127.0.0.1:3000'

export interface Surroundings {
  databaseUrl: string
  sandbox: RunningSandbox
  ports: Ports
  secret: string
}

export interface Settings {
  perMinute?: number
  /** Whose days are counted; those of India when not given. */
  timeZone?: string
  orderTtlS?: number
  caps?: Partial<CheckoutDeps['caps']>
  pollAfterS?: number
  mismatch?: 'hold' | 'refund'
  refundApprovalAbove?: number
  webhookSecrets?: (signedWith: string) => string[]
  reconcileAt?: WorkerSettings['reconcileAt']
  /** Of requests, and of webhooks and passes. */
  connections?: [number, number]
  /** Where the built pages are. */
  builtPages?: string
}

export interface Assembly {
  /** The HTTP side, built when it is first asked for. */
  app(): Promise<App>
  deps: CheckoutDeps
  accounts: OpenAccounts
  receiver: Receiver
  /** The pool of requests, and that of webhooks and passes. */
  db: Database
  workDb: Database
  passes: Pass[]
}

export async function assemble(around: Surroundings, settings: Settings): Promise<Assembly> {
  const { databaseUrl, sandbox, ports, secret } = around
  const log = createLog(process.env['TEST_LOG_LEVEL'] ?? 'silent')
  const [db, workDb] = (settings.connections ?? [12, 6]).map((max) =>
    openDatabase({ url: databaseUrl, max, acquireTimeoutMs: PATIENCE_MS, keepsLockOrder: true }, ports),
  ) as [Database, Database]
  const { keyId, keySecret, webhookSecret } = sandbox.keys.razorpay
  const razorpay = {
    keyId,
    keySecret,
    webhookSecrets: settings.webhookSecrets?.(webhookSecret) ?? [webhookSecret],
    baseUrl: `${sandbox.url}/razorpay`,
    checkoutUrl: `${sandbox.url}/razorpay/v1/checkout.js`,
    lateMoneyDays: RAZORPAY_LATE_MONEY_DAYS,
  }
  const providers = createProviders({ razorpay }, ports, 'Test Shop')
  const deps: CheckoutDeps = {
    db,
    ports,
    log,
    secret,
    limiter: createRateLimiter(db, settings.perMinute ?? 0),
    timeZone: settings.timeZone ?? 'Asia/Kolkata',
    providers,
    breaker: createBreaker(ports),
    policy: {
      pollAfterS: settings.pollAfterS ?? 60,
      mismatch: settings.mismatch ?? 'hold',
      refundApprovalAbove: settings.refundApprovalAbove ?? null,
      lateMoneyMs: (provider) => providers.get(provider)?.lateMoneyMs ?? USUAL_LATE_MONEY_MS,
    },
    orderTtlS: settings.orderTtlS ?? 1_800,
    publicUrl: PUBLIC_URL,
    caps: { perProduct: null, unpaidOrders: null, unpaidUnits: null, ...settings.caps },
  }
  const accounts = await createAccounts(deps, {
    databaseUrl,
    acquireTimeoutMs: PATIENCE_MS,
    secret,
    publicUrl: PUBLIC_URL,
    trustedOrigins: [PUBLIC_URL],
  })
  const receiver = createReceiver(deps, workDb)
  let app: Promise<App> | undefined
  const http = {
    shopName: 'Test Shop',
    shopDescription: 'Everything for tests.',
    publicUrl: PUBLIC_URL,
    // Browsers open it at the port that it was given.
    isPublicUrlGuessed: true,
    corsOrigins: [],
    trustProxyHops: 0,
    metrics: { token: undefined, isOpenNearby: true },
    ...(settings.builtPages !== undefined && { builtPages: settings.builtPages }),
  }
  const { reconcileAt } = settings
  const background = { reconcileAt, checkAt: { hour: 2, minute: 30 }, retentionDays: 180 }
  return {
    app: () => (app ??= createApp(deps, accounts, receiver, http)),
    deps,
    accounts,
    receiver,
    db,
    workDb,
    passes: passes({ ...deps, db: workDb }, background),
  }
}
