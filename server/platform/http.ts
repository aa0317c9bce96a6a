/**
 * The HTTP server without routes: limits on what comes in, validation, one shape of error, security headers, origins, and
 * OpenAPI from the same schemas that validate. Knows no slice.
 */
import { constants } from 'node:zlib'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import { type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify'
import { describeApi } from './api-description.ts'
import { AppError } from './errors.ts'
import { readJsonBodies } from './json-body.ts'
import type { Log } from './log.ts'
import type { Ports } from './ports.ts'
import { createConnectionRefuser, createRefuser, SECURITY_HEADERS } from './refusals.ts'
import { watchRequests } from './request-figures.ts'
import { createSchemaCompilers } from './schemas.ts'

export interface HttpOptions {
  log: Log
  ports: Ports
  /** Our own origin, and others whose pages may call the API with a session. */
  publicUrl: string
  /**
   * PUBLIC_URL was not set, and `publicUrl` is only where we listen: a page may then be opened under any name of this
   * host, such as 127.0.0.1 and localhost. Else `publicUrl` alone is ours, whatever Host a request names.
   */
  isPublicUrlGuessed?: boolean
  corsOrigins: readonly string[]
  /** How many proxies stand in front of us; 0 trusts no forwarded header. */
  trustProxyHops: number
  /** Told of every route as it is registered, hidden ones included. */
  onRoute?: (route: RouteOptions) => void
  /** How long a client may take; what is usual when not given. */
  patience?: Patience
}

/** What a slow client is given before its connection is closed. */
export interface Patience {
  /** From the first byte of a request, or from the connection when nothing comes, to the end of its headers. */
  headersMs: number
  /** From there to the end of its body, headers included. */
  requestMs: number
  /** How often connections are looked at: the limits are exact to this. Node's own half minute would triple them. */
  checkMs: number
}

const USUAL_PATIENCE: Patience = { headersMs: 10_000, requestMs: 30_000, checkMs: 1_000 }

export type App = FastifyInstance<
  import('node:http').Server,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** An order of a hundred lines is about 10 KiB. */
const MAX_BODY_BYTES = 100 * 1024
/** Text that no honest client sends and PostgreSQL or a reader would choke on: NUL and half surrogate pairs. */
const UNCLEAN = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/
const MAX_DEPTH = 32

/**
 * A route whose answers are compressed: what many read and what holds no secret, so that its length can tell nothing.
 * Below the threshold the headers weigh more than what is saved; a higher quality would cost more than it saves.
 */
export const COMPRESSED = {
  threshold: 1_024,
  encodings: ['br', 'gzip'],
  brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
} satisfies import('fastify').RouteShorthandOptions['compress'] & object

export async function createHttp(options: HttpOptions): Promise<App> {
  const { headersMs, requestMs, checkMs } = options.patience ?? USUAL_PATIENCE
  const refuse = createRefuser(options.ports)
  const app = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    // Logging every request costs a third of the throughput of a small route; `watchRequests` logs what matters.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => options.ports.ids.uuid(),
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: options.trustProxyHops === 0 ? false : (_address, hop) => hop < options.trustProxyHops,
    requestTimeout: requestMs,
    keepAliveTimeout: 5_000,
    connectionTimeout: 60_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    http: {
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: 16 * 1024,
      // Node's own answer to a request without a host has no body; ours has.
      requireHostHeader: false,
    },
    clientErrorHandler: createConnectionRefuser(options.ports),
    // An address that is none has no route, so that no hook is run for it.
    frameworkErrors: (error, request, reply) => refuse(error, request, reply.headers(SECURITY_HEADERS)),
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App
  if (options.onRoute !== undefined) app.addHook('onRoute', options.onRoute)

  // What a client expects of us beside an answer is not its right to say; Node would refuse it without a word.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  readJsonBodies(app)
  const schemas = createSchemaCompilers()
  app.setValidatorCompiler(schemas.validatorCompiler)
  app.setSerializerCompiler(schemas.serializerCompiler)
  app.decorate('compileSchemas', () => schemas.compileAll())
  app.setErrorHandler(refuse)
  watchRequests(app, options.ports)
  const inHand = new Set<string>()
  app.decorate('requestsInHand', inHand)
  app.addHook('onRequest', async (request, reply) => {
    inHand.add(request.id)
    // Also when the client goes away before it is answered.
    reply.raw.once('close', () => inHand.delete(request.id))
    void reply.headers(SECURITY_HEADERS)
    if (request.headers.host === undefined && request.raw.httpVersion !== '1.0')
      throw new AppError('validation_failed', 'The request names no host.')
  })
  const allowed = new Set([new URL(options.publicUrl).origin, ...options.corsOrigins])
  const anyName = options.isPublicUrlGuessed === true
  app.addHook('onRequest', async (request) => refuseForeignOrigin(request, allowed, anyName))
  app.addHook('preValidation', async (request) => {
    refuseUncleanText(request.body, 'body')
    refuseUncleanText(request.query, 'query')
    refuseUncleanText(request.params, 'path')
  })
  if (options.corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...options.corsOrigins],
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: [
        'content-type',
        'authorization',
        'idempotency-key',
        'x-guest-token',
        'x-return-token',
        'last-event-id',
      ],
      exposedHeaders: ['set-auth-token', 'idempotency-replayed', 'retry-after'],
    })
  }
  // Before any scope is made: whoever answers with a page, from whatever scope, gives it the policies that it needs.
  await app.register(helmet, { global: false })
  await app.register(compress, { global: false })
  await describeApi(app)
  return app
}

const CLOSE_LOOK_MS = 25

/**
 * Stops taking requests, lets those in hand be answered, and then closes what connections are left: browsers keep some
 * open on which nothing was ever asked.
 */
export async function closeHttp(app: App, ports: Ports): Promise<void> {
  const closed = new AbortController()
  const closing = app.close().finally(() => closed.abort())
  while (!closed.signal.aborted) {
    if (app.requestsInHand.size === 0) app.server.closeAllConnections()
    await ports.timers.sleep(CLOSE_LOOK_MS, closed.signal)
  }
  await closing
}

/**
 * Cookies go along with requests that other sites make, so a change that comes from a page of another origin is refused.
 * Programs send no Origin, and no cookie that a browser added.
 */
function refuseForeignOrigin(request: FastifyRequest, allowed: ReadonlySet<string>, anyName: boolean): void {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return
  const { origin } = request.headers
  if (origin === undefined || request.headers.cookie === undefined) return
  if (request.routeOptions.config.crossSite === true) return
  if (allowed.has(origin)) return
  // The Host is what the client says: it counts only where nobody has said what ours is.
  if (!anyName || origin !== `${request.protocol}://${request.headers.host}`)
    throw new AppError('forbidden', 'This origin may not act for the signed-in user.')
}

function refuseUncleanText(value: unknown, where: string, depth = 0): void {
  if (typeof value === 'string') {
    if (UNCLEAN.test(value)) {
      throw new AppError('validation_failed', `${where} holds characters that are not valid text`, {
        details: { fields: [{ field: where, message: 'holds characters that are not valid text' }] },
      })
    }
    return
  }
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return
  if (depth >= MAX_DEPTH) throw new AppError('validation_failed', `${where} is nested too deeply`)
  for (const [key, inner] of Object.entries(value)) refuseUncleanText(inner, depth === 0 ? key : where, depth + 1)
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Ids of the requests that are not answered yet. */
    requestsInHand: ReadonlySet<string>
    /** Compiles the schemas that no request has needed yet, letting requests through. Rejects when one cannot be. */
    compileSchemas(): Promise<void>
  }
  interface FastifyContextConfig {
    /** True for the few routes that other sites' pages post to by design (a provider's return form). */
    crossSite?: boolean
  }
}
