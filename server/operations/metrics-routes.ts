import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Failure } from '../../shared/contract/envelope.ts'
import { isProxyHeader } from '../../shared/proxy-headers.ts'
import type { Deps } from '../platform/deps.ts'
import { isLoopback } from '../platform/environment.ts'
import { AppError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { watchDatabase } from './gauges.ts'

/** Who is told the figures. */
export interface MetricsAccess {
  /** Whoever sends this token; nobody else then. */
  token: string | undefined
  /** Without a token: programs on this machine. False where a proxy on it would bring the world along. */
  isOpenNearby: boolean
}

/** @param providers whose events are expected */
export function registerMetricsRoutes(
  app: App,
  deps: Deps,
  providers: readonly string[],
  { token, isOpenNearby }: MetricsAccess,
): void {
  watchDatabase(deps, providers)
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['Operations'],
        summary: 'Figures for Prometheus, for programs on this machine or with the token',
        response: { 200: Type.String({ description: 'Text, version 0.0.4' }), '4xx': Failure, '5xx': Failure },
      },
    },
    async (request, reply) => {
      if (token !== undefined) refuseWithout(token, request)
      else if (!isOpenNearby || !isNear(request)) {
        throw new AppError('forbidden', 'Figures are told to programs on this machine, or with METRICS_TOKEN.')
      }
      const text = await deps.ports.metrics.expose()
      return reply.header('content-type', deps.ports.metrics.contentType).send(text)
    },
  )
}

/**
 * Judged by the socket, which nobody can forge; what headers say can only take the right away. A proxy on this machine
 * speaks for somebody else, and a page of another site can be made to call this machine under a name of its own.
 */
function isNear({ raw: { socket }, headers }: FastifyRequest): boolean {
  const isPeerNear = /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '')
  return isPeerNear && isLoopback(`http://${headers.host}`) && !Object.keys(headers).some(isProxyHeader)
}

function refuseWithout(token: string, request: FastifyRequest): void {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  // Digests are equally long, so the comparison tells nothing of the token.
  if (given === undefined || !timingSafeEqual(digestOf(given), digestOf(token))) {
    throw new AppError('unauthenticated', 'Send METRICS_TOKEN as bearer token.')
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
