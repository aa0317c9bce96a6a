/**
 * The HTTP server without routes: validation, one shape of error, security headers, origins, and OpenAPI from the same
 * schemas that validate. Knows no slice.
 */
import cors from '@fastify/cors'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify'
import { asOutage, codeOf } from './database.ts'
import { AppError } from './errors.ts'
import type { Log } from './log.ts'
import type { Ports } from './ports.ts'
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
}

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
/** A shopper has given up by then. */
const SLOW_MS = 5_000

export async function createHttp(options: HttpOptions): Promise<App> {
  const app = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    // Logging every request costs a third of the throughput of a small route; `onResponse` below logs what matters.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => options.ports.ids.uuid(),
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: options.trustProxyHops === 0 ? false : (_address, hop) => hop < options.trustProxyHops,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    connectionTimeout: 60_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    http: { headersTimeout: 10_000, maxHeaderSize: 16 * 1024 },
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App
  if (options.onRoute !== undefined) app.addHook('onRoute', options.onRoute)

  // Text is what a form of another site can send without asking; JSON is not.
  app.removeContentTypeParser('text/plain')
  // Many clients always name a content type, also when they send nothing.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined)
    else void parseJson(request, String(text), done)
  })
  const schemas = createSchemaCompilers()
  app.setValidatorCompiler(schemas.validatorCompiler)
  app.setSerializerCompiler(schemas.serializerCompiler)
  app.decorate('compileSchemas', () => schemas.compileAll())
  app.setErrorHandler((error, request, reply) => {
    const refused = asAppError((error ?? new Error('nothing was thrown')) as FastifyError)
    if (refused.code === 'unavailable') options.ports.metrics.count('hundi_outages_total', { where: 'api' })
    if (refused.status >= 500)
      request.log.error({ err: error, requestId: request.id, route: request.routeOptions.url }, refused.message)
    if (refused.retryAfterS !== undefined) void reply.header('retry-after', String(refused.retryAfterS))
    return reply.code(refused.status).send(failureBody(refused, request))
  })
  const inHand = new Set<string>()
  app.decorate('requestsInHand', inHand)
  app.addHook('onRequest', async (request, reply) => {
    inHand.add(request.id)
    // Also when the client goes away before it is answered.
    reply.raw.once('close', () => inHand.delete(request.id))
    void reply.header('x-content-type-options', 'nosniff')
    void reply.header('referrer-policy', 'strict-origin-when-cross-origin')
    void reply.header('cross-origin-opener-policy', 'same-origin-allow-popups')
    void reply.header('x-frame-options', 'DENY')
    void reply.header('cache-control', 'no-store')
  })
  const allowed = new Set([new URL(options.publicUrl).origin, ...options.corsOrigins])
  const anyName = options.isPublicUrlGuessed === true
  app.addHook('onRequest', async (request) => refuseForeignOrigin(request, allowed, anyName))
  app.addHook('preValidation', async (request) => {
    refuseUncleanText(request.body, 'body')
    refuseUncleanText(request.query, 'query')
    refuseUncleanText(request.params, 'path')
  })
  app.addHook('onResponse', async (request, reply) => {
    const entry = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    }
    // What nobody registered has no template, and its addresses have no end.
    const route = entry.route ?? 'none'
    const labels = { method: entry.method, route, status: String(entry.status) }
    options.ports.metrics.observe('hundi_http_request_seconds', labels, reply.elapsedTime / 1_000)
    if (reply.elapsedTime > SLOW_MS) {
      options.ports.metrics.count('hundi_slow_requests_total', { route })
      request.log.warn(entry, 'slow request')
    } else {
      request.log.debug(entry, 'request')
    }
  })
  if (options.corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...options.corsOrigins],
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['content-type', 'authorization', 'idempotency-key', 'x-guest-token', 'last-event-id'],
      exposedHeaders: ['set-auth-token', 'idempotency-replayed', 'retry-after'],
    })
  }
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hundi',
        version: '1',
        description:
          'Orders and payments. Amounts are integers in minor units. Every answer is `{ success: true, data }` or `{ success: false, error: { code, message, details?, requestId } }`.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'hundi.session_token' },
          bearer: { type: 'http', scheme: 'bearer' },
          guest: { type: 'apiKey', in: 'header', name: 'X-Guest-Token' },
        },
      },
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
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

/** The body of every refused request. */
export function failureBody(error: AppError, request: FastifyRequest) {
  return {
    success: false as const,
    error: {
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details }),
      requestId: request.id,
    },
  }
}

/** What any thrown thing becomes for the client. Says nothing about our insides. */
function asAppError(error: FastifyError): AppError {
  if (error instanceof AppError) return error
  if (error.validation !== undefined) {
    const part = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'body')
    const fields = error.validation.map((issue) => {
      const path = issue.instancePath.slice(1).replaceAll('/', '.')
      const named = issue.params['missingProperty'] ?? issue.params['additionalProperty']
      const field = [path, named].filter((text) => typeof text === 'string' && text !== '').join('.') || part
      const message =
        issue.keyword === 'additionalProperties' ? 'is not a known field' : (issue.message ?? 'is not valid')
      return { field, message }
    })
    const first = fields[0] ?? { field: part, message: 'is not valid' }
    return new AppError('validation_failed', `${first.field} ${first.message}`, { details: { fields } })
  }
  const outage = asOutage(error)
  if (outage !== undefined) return outage
  // Text that our columns cannot hold, such as a number out of range, is the client's.
  if (codeOf(error).startsWith('22'))
    return new AppError('validation_failed', 'The request holds a value that cannot be stored.')
  switch (error.statusCode) {
    case 400:
      return new AppError(
        'validation_failed',
        error.code?.startsWith('FST_ERR_CTP') ? error.message : 'The body is not valid JSON.',
      )
    case 413:
      return new AppError('payload_too_large', 'The body is too large.')
    case 415:
      return new AppError('unsupported_media_type', 'Send JSON with content-type application/json.')
    case 429:
      return new AppError('rate_limited', 'Too many requests. Wait a moment.', { retryAfterS: 60 })
    case 404:
      return new AppError('not_found', 'There is nothing here.')
    default:
      return new AppError(
        'internal_error',
        'An error on our side. Nothing was half done; the request can be sent again.',
      )
  }
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
