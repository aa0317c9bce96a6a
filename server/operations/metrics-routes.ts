import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Failure } from '../../shared/contract/envelope.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { watchDatabase } from './gauges.ts'

/** What a proxy adds. One on this machine would otherwise show the figures to the world. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/**
 * @param providers whose events are expected
 * @param token undefined: only programs on this machine that come without a proxy are told
 */
export function registerMetricsRoutes(
  app: App,
  deps: Deps,
  providers: readonly string[],
  token: string | undefined,
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
      if (token === undefined) refuseStrangers(request)
      else refuseWithout(token, request)
      const text = await deps.ports.metrics.expose()
      return reply.header('content-type', deps.ports.metrics.contentType).send(text)
    },
  )
}

/** Judged by the socket, which nobody can forge; what headers say can only take the right away. */
function refuseStrangers(request: FastifyRequest): void {
  const peer = request.raw.socket.remoteAddress ?? ''
  const near = /^(127\.|::1$|::ffff:127\.)/.test(peer)
  if (!near || FORWARDED.some((name) => request.headers[name] !== undefined)) {
    throw new AppError('forbidden', 'Figures are told to programs on this machine, or with METRICS_TOKEN.')
  }
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
