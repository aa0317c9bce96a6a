/** Config → build → run by ROLE → stop cleanly. */
import { createAccounts, hasAdmin } from './accounts/service.ts'
import { createApp, createWorkerApp } from './app.ts'
import type { CheckoutDeps } from './checkout/service.ts'
import { seedDemo, shutOutDemo } from './demo/seed.ts'
import { USUAL_LATE_MONEY_MS } from './payments/looks.ts'
import { createBreaker } from './payments/provider-call.ts'
import { createReceiver } from './payments/webhooks.ts'
import { ConfigError, readConfig, type Config } from './platform/config.ts'
import { warningsOf } from './platform/config-warnings.ts'
import { openDatabase } from './platform/database.ts'
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { generatedSecret } from './platform/generated-secrets.ts'
import { closeHttp, type App } from './platform/http.ts'
import { createLog, type Log } from './platform/log.ts'
import { migrate } from './platform/migrate.ts'
import { startPasses } from './platform/passes.ts'
import { crashingPoints, systemPorts } from './platform/ports.ts'
import { RAZORPAY_LATE_MONEY_DAYS } from './platform/provider-config.ts'
import { createRateLimiter } from './platform/rate-limit.ts'
import { createShutdown } from './platform/shutdown.ts'
import { troublePass } from './operations/troubles.ts'
import { createProviders } from './providers.ts'
import { startSandboxProcess } from './sandbox-process.ts'
import { passes } from './worker.ts'

/** Together well below the server's max_connections, so that several processes fit beside each other. */
const CONNECTIONS = { requests: 12, webhooks: 4, work: 6 }
/** A provider waits five seconds for its answer; a delivery may wait for a connection almost that long. */
const WEBHOOK_WAIT_MS = 4_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const log = createLog(config.log.level)
  const ports = systemPorts(config.crashAt === undefined ? undefined : crashingPoints(config.crashAt))
  const started: { name: string; stop(): Promise<void> }[] = []
  const onStop = (name: string, stop: () => Promise<void>) => void started.push({ name, stop })

  try {
    const databaseUrl = config.database.url ?? (await startDatabase(config, log, onStop))
    await migrate(databaseUrl)
    const { waitMs } = config.database
    const open = (name: string, max: number, acquireTimeoutMs = waitMs) => {
      const db = openDatabase({ url: databaseUrl, max, name: `hundi ${name}`, acquireTimeoutMs }, ports)
      onStop(`database ${name}`, () => db.close())
      return db
    }
    const sandbox = config.sandbox.enabled ? await startSandboxProcess(config, ports) : undefined
    if (sandbox !== undefined) onStop('sandbox', () => sandbox.stop())
    const secret = config.auth.secret ?? generatedSecret(config.dataDir, 'auth-secret')

    const db = open('requests', CONNECTIONS.requests)
    const providers = createProviders(withSandbox(config, sandbox), ports, config.shopName)
    const deps: CheckoutDeps = {
      db,
      ports,
      log,
      secret,
      limiter: createRateLimiter(db, config.rateLimit.perMinute),
      timeZone: config.timeZone,
      providers,
      breaker: createBreaker(ports),
      policy: {
        pollAfterS: config.orders.pollAfterS,
        mismatch: config.orders.mismatch,
        refundApprovalAbove: config.orders.refundApprovalAbove,
        lateMoneyMs: (provider) => providers.get(provider)?.lateMoneyMs ?? USUAL_LATE_MONEY_MS,
      },
      orderTtlS: config.orders.ttlS,
      caps: config.orders.caps,
    }
    if (deps.providers.size === 0) log.warn('no payment provider is set up: nothing can be paid online')
    const accounts = await createAccounts(deps, {
      databaseUrl,
      acquireTimeoutMs: waitMs,
      secret,
      publicUrl: config.http.publicUrl,
      trustedOrigins: [config.http.publicUrl, ...config.http.corsOrigins],
      shopName: config.shopName,
    })
    onStop('accounts', () => accounts.close())
    const isProduction = config.environment === 'production'
    const shutOut = isProduction ? await shutOutDemo(deps, accounts) : []
    const { firstAdmin } = config.auth
    const admin = firstAdmin === undefined ? undefined : await accounts.ensureAdmin(firstAdmin)
    if (admin?.outcome === 'others') log.warn('ADMIN_EMAIL was not used: another admin is there already')
    const { logins } = config.seedDemo ? await seedDemo(deps, accounts, { withPeople: !isProduction }) : { logins: [] }
    if (!(await hasAdmin(deps))) log.warn('nobody can sign in as an admin: set ADMIN_EMAIL and ADMIN_PASSWORD')

    const watch = startPasses([troublePass(deps)], ports, log)
    onStop('troubles', () => watch.stop())
    ports.metrics.watchProcess()
    const http = { ...config.http, metrics: config.metrics }
    const serving: App[] = []
    const serve = async (name: string, app: App, port: number) => {
      await app.listen({ host: config.http.host, port })
      onStop(name, () => closeHttp(app, ports))
      serving.push(app)
    }
    if (config.role !== 'api') {
      const { reconcileAt } = config.orders
      const settings = { reconcileAt, checkAt: reconcileAt, retentionDays: config.retentionDays }
      const worker = startPasses(passes({ ...deps, db: open('work', CONNECTIONS.work) }, settings), ports, log)
      onStop('worker', () => worker.stop())
    }
    if (config.role !== 'worker') {
      const receiver = createReceiver(deps, open('webhooks', CONNECTIONS.webhooks, Math.max(waitMs, WEBHOOK_WAIT_MS)))
      onStop('webhooks', () => receiver.idle())
      const { shopName, shopDescription } = config
      const app = await createApp(deps, accounts, receiver, { ...http, shopName, shopDescription })
      await serve('http', app, config.http.port)
    }
    if (config.role === 'worker' && config.metrics.port !== undefined) {
      await serve('metrics', await createWorkerApp(deps, http), config.metrics.port)
    }
    announce(config, sandbox?.url, { logins, shutOut, adminUnused: admin?.outcome === 'others' })
    for (const { variable, problem } of warningsOf(config)) {
      process.stdout.write(`  Warning: ${variable} ${problem}.\n`)
      log.warn({ variable }, problem)
    }
    const shutdown = createShutdown({ log })
    for (const { name, stop } of started.toReversed()) shutdown.add(name, stop)
    shutdown.listen()
    for (const app of serving) await app.compileSchemas()
  } catch (error) {
    for (const { stop } of started.toReversed()) await stop().catch(() => {})
    throw error
  }
}

async function startDatabase(
  config: Config,
  log: Log,
  onStop: (name: string, stop: () => Promise<void>) => void,
): Promise<string> {
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log: (line) => log.info(line) })
  // A worker beside a server uses the database that the server keeps.
  if (config.role !== 'worker') onStop('embedded PostgreSQL', () => server.stop())
  return server.url
}

/** The sandbox stands in for every provider without keys of its own. */
function withSandbox(
  config: Config,
  sandbox: Awaited<ReturnType<typeof startSandboxProcess>> | undefined,
): Pick<Config, 'razorpay'> {
  if (config.razorpay !== undefined || sandbox === undefined) return config
  const { keyId, keySecret, webhookSecret } = sandbox.keys.razorpay
  return {
    razorpay: {
      keyId,
      keySecret,
      webhookSecrets: [webhookSecret],
      baseUrl: `http://127.0.0.1:${config.sandbox.port}/razorpay`,
      checkoutUrl: `${sandbox.url}/razorpay/v1/checkout.js`,
      lateMoneyDays: RAZORPAY_LATE_MONEY_DAYS,
    },
  }
}

function announce(
  config: Config,
  sandboxUrl: string | undefined,
  people: {
    logins: readonly { role: string; email: string; password: string }[]
    shutOut: readonly string[]
    adminUnused: boolean
  },
): void {
  const { logins, shutOut, adminUnused } = people
  const lines = ['', '  Hundi is ready.', '']
  if (config.role !== 'worker') {
    lines.push(
      `  Storefront  ${config.http.publicUrl}`,
      `  Admin       ${config.http.publicUrl}/admin`,
      `  API         ${config.http.publicUrl}/docs`,
    )
  }
  if (sandboxUrl !== undefined) lines.push(`  Sandbox     ${sandboxUrl}   (no real money)`)
  if (logins.length > 0) lines.push('', '  Demo log-ins')
  for (const login of logins) lines.push(`    ${login.role.padEnd(9)} ${login.email.padEnd(28)} ${login.password}`)
  if (shutOut.length > 0) {
    lines.push('', "  Shut out, because they had the demo's password:", ...shutOut.map((email) => `    ${email}`))
  }
  if (adminUnused) {
    lines.push('', '  ADMIN_EMAIL was not used: another admin is there already, and can make more.')
  }
  process.stdout.write(`${lines.join('\n')}\n\n`)
}

try {
  await main()
} catch (error) {
  // A wrong variable is the operator's to mend: one line, no stack.
  const text =
    error instanceof ConfigError
      ? `hundi: ${error.message}`
      : error instanceof Error
        ? `hundi: ${error.stack ?? error.message}`
        : String(error)
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
