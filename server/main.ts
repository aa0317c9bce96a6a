/** Config → build → run by ROLE → stop cleanly. */
import { createAccounts } from './accounts/service.ts'
import { announce } from './announce.ts'
import { createApp, createWorkerApp } from './app.ts'
import type { CheckoutDeps } from './checkout/service.ts'
import { createReceiver } from './inbox/receive.ts'
import { troublePass } from './operations/troubles.ts'
import { USUAL_LATE_MONEY_MS } from './payments/money/looks.ts'
import { createBreaker } from './payments/providers/call.ts'
import { warningsOf } from './platform/config-warnings.ts'
import { readConfig, type Config } from './platform/config.ts'
import { openDatabase } from './platform/database.ts'
import { generatedSecret } from './platform/generated-secrets.ts'
import { closeHttp, type App } from './platform/http.ts'
import { checkPlace, listenAt, type Place } from './platform/listening.ts'
import { createLog } from './platform/log.ts'
import { startPasses } from './platform/passes.ts'
import { crashingPoints, systemPorts } from './platform/ports.ts'
import { createRateLimiter } from './platform/rate-limit.ts'
import { createShutdown } from './platform/shutdown.ts'
import { StartError } from './platform/start-error.ts'
import { createProviders } from './providers.ts'
import { startSandboxProcess, withSandbox } from './sandbox-process.ts'
import { startDatabase } from './start-database.ts'
import { startPeople } from './start-people.ts'
import { passes } from './worker.ts'

/** Together well below the server's max_connections, so that several processes fit beside each other. */
const CONNECTIONS = { requests: 12, webhooks: 4, work: 6 }
/** A provider waits five seconds for its answer; a delivery may wait for a connection almost that long. */
const WEBHOOK_WAIT_MS = 4_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const log = createLog(config.log.level)
  const ports = systemPorts(config.crashAt === undefined ? undefined : crashingPoints(config.crashAt))
  const shutdown = createShutdown({ log })
  const started: { name: string; stop(failed: boolean): Promise<void> }[] = []
  const onStop = (name: string, stop: (failed: boolean) => Promise<void>) => void started.push({ name, stop })
  const place = placeOf(config)

  try {
    if (place !== undefined) await checkPlace(place)
    const onLost = (error: Error) => shutdown.fail(error)
    const databaseUrl = await startDatabase(config, { log, ports, onStop, onLost })
    const { waitMs } = config.database
    const open = (name: string, max: number, acquireTimeoutMs = waitMs) => {
      const db = openDatabase({ url: databaseUrl, max, name: `hundi ${name}`, acquireTimeoutMs }, ports)
      onStop(`database ${name}`, () => db.close())
      return db
    }
    const sandbox = config.sandbox.enabled ? await startSandboxProcess(config, ports, log) : undefined
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
      publicUrl: config.http.publicUrl,
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
    const people = await startPeople(config, deps, accounts)

    const watch = startPasses([troublePass(deps)], ports, log)
    onStop('troubles', () => watch.stop())
    ports.metrics.watchProcess()
    const http = { ...config.http, metrics: config.metrics }
    const serving: App[] = []
    const serve = async (name: string, app: App, at: Place) => {
      await listenAt(app, at)
      onStop(name, () => closeHttp(app, ports))
      serving.push(app)
    }
    if (config.role !== 'api') {
      const { reconcileAt } = config.orders
      const settings = { reconcileAt, checkAt: reconcileAt, retentionDays: config.retentionDays }
      const worker = startPasses(passes({ ...deps, db: open('work', CONNECTIONS.work) }, settings), ports, log)
      onStop('worker', () => worker.stop())
    }
    if (place?.variable === 'PORT') {
      const receiver = createReceiver(deps, open('webhooks', CONNECTIONS.webhooks, Math.max(waitMs, WEBHOOK_WAIT_MS)))
      onStop('webhooks', () => receiver.idle())
      const { shopName, shopDescription } = config
      const app = await createApp(deps, accounts, receiver, { ...http, shopName, shopDescription })
      await serve('http', app, place)
    }
    if (place?.variable === 'METRICS_PORT') await serve('metrics', await createWorkerApp(deps, http), place)
    for (const { name, stop } of started.toReversed()) shutdown.add(name, () => stop(false))
    shutdown.listen()
    const warnings = warningsOf(config)
    for (const { variable, problem } of warnings) log.warn({ variable }, problem)
    announce(config, sandbox?.url, people, warnings)
    // What the first requests would wait for.
    if (config.role !== 'worker') await accounts.load()
    for (const app of serving) await app.compileSchemas()
  } catch (error) {
    for (const { stop } of started.toReversed()) await stop(true).catch(() => {})
    throw error
  }
}

/** Where this process answers; undefined for a worker that nobody asks for figures. */
function placeOf({ role, http: { host, port }, metrics }: Config): Place | undefined {
  if (role !== 'worker') return { host, port, variable: 'PORT' }
  return metrics.port === undefined ? undefined : { host, port: metrics.port, variable: 'METRICS_PORT' }
}

try {
  await main()
} catch (error) {
  // What an operator can mend is one line; a defect is told with its place.
  const text = error instanceof StartError ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`hundi: ${text}\n`)
  process.exit(1)
}
