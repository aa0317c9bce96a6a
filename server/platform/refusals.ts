/**
 * Every refusal in one shape, whoever refuses: a route, a plugin, the router, or Node's own parser, which answers on the
 * bare connection before there is a request. None of them says anything about our insides.
 */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { asOutage, codeOf } from './database.ts'
import { AppError } from './errors.ts'
import type { App } from './http.ts'
import type { Ports } from './ports.ts'

/** What every answer says; pages and files have policies of their own. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin-allow-popups',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const

/** The body of every refused request. */
export function failureBody(error: AppError, { id }: { id: string }) {
  return {
    success: false as const,
    error: {
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details }),
      requestId: id,
    },
  }
}

/** Answers whatever is thrown, by a route or before one was found. */
export function createRefuser(ports: Ports): (error: unknown, request: FastifyRequest, reply: FastifyReply) => unknown {
  return (error, request, reply) => {
    const refused = asAppError((error ?? new Error('nothing was thrown')) as FastifyError, request)
    if (refused.code === 'unavailable') ports.metrics.count('hundi_outages_total', { where: 'api' })
    if (refused.status >= 500)
      request.log.error({ err: error, requestId: request.id, route: request.routeOptions.url }, refused.message)
    if (refused.retryAfterS !== undefined) void reply.header('retry-after', String(refused.retryAfterS))
    return reply.code(refused.status).send(failureBody(refused, request))
  }
}

/** For a server without pages: what no route answers is not there. */
export function refuseUnknownPaths(app: App): void {
  app.setNotFoundHandler((request, reply) => {
    const error = nothingHere()
    return reply.code(error.status).send(failureBody(error, request))
  })
}

export function nothingHere(): AppError {
  return new AppError('not_found', 'There is nothing here.')
}

/**
 * Answers what Node's parser refuses, which is no request yet: it has a connection and nothing else. The connection ends
 * with it, because nobody knows where in it the next request would begin.
 */
export function createConnectionRefuser(ports: Ports): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  return (error, socket) => {
    // Who went away hears nothing.
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const refused = asConnectionError(error.code)
    const body = JSON.stringify(failureBody(refused, { id: ports.ids.uuid() }))
    const head = [
      `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status]}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    ]
    if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    socket.destroy(error)
  }
}

function asConnectionError(code: string | undefined): AppError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('request_timeout', 'The request did not arrive in time.')
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('headers_too_large', 'The headers are too large.')
    default:
      return new AppError('validation_failed', 'This is not a valid HTTP request.')
  }
}

/** What any thrown thing becomes for the client. */
function asAppError(error: FastifyError, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error
  // The client's connection broke, not one of ours: nobody hears this answer, and nothing is wrong here.
  if (error === request.raw.errored) return new AppError('validation_failed', 'The request broke off before its end.')
  if (error.validation !== undefined) return asInvalidFields(error)
  const outage = asOutage(error)
  if (outage !== undefined) return outage
  // Text that our columns cannot hold, such as a number out of range, is the client's.
  if (codeOf(error).startsWith('22'))
    return new AppError('validation_failed', 'The request holds a value that cannot be stored.')
  return ofStatus(error)
}

function asInvalidFields({ validation = [], validationContext }: FastifyError): AppError {
  const part = validationContext === 'querystring' ? 'query' : (validationContext ?? 'body')
  const fields = validation.map((issue) => {
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

/** What the framework and its plugins throw says by a status what it is. */
function ofStatus({ statusCode = 500, code, message }: FastifyError): AppError {
  switch (statusCode) {
    // A path that climbs out of a folder is forbidden to the plugin that serves it; for everyone else it is nowhere. Nor
    // is anything at an address of ours with a part of more than 200 characters.
    case 403:
    case 404:
    case 414:
      return nothingHere()
    case 413:
      return new AppError('payload_too_large', 'The body is too large.')
    case 415:
      return new AppError('unsupported_media_type', 'Send JSON with content-type application/json.')
    case 429:
      return new AppError('rate_limited', 'Too many requests. Wait a moment.', { retryAfterS: 60 })
    default:
  }
  if (code === 'FST_ERR_BAD_URL') return new AppError('validation_failed', 'The address is not a valid one.')
  if (statusCode >= 400 && statusCode < 500)
    return new AppError(
      'validation_failed',
      code?.startsWith('FST_ERR_CTP') === true ? message : 'The request cannot be understood.',
    )
  return new AppError('internal_error', 'An error on our side. Nothing was half done; the request can be sent again.')
}
