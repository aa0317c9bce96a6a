/**
 * How long requests take us: from the moment when a request is here to the last byte until that when its answer is ready
 * to leave. How fast a client sends its body and reads its answer is its own affair; counted with ours, anybody could
 * raise the operator's alarm by being slow.
 */
import type { App } from './http.ts'
import type { Ports } from './ports.ts'

/** A shopper has given up by then. */
const SLOW_MS = 5_000

export function watchRequests(app: App, { clock, metrics }: Ports): void {
  app.decorateRequest('workedMs', 0)
  app.decorateRequest('workBeganMs', undefined)
  app.addHook('onRequest', (request, _reply, done) => {
    request.workBeganMs = clock.monotonicMs()
    done()
  })
  app.addHook('preParsing', (request, _reply, payload, done) => {
    // From here it is the client's turn.
    if (request.workBeganMs !== undefined) request.workedMs += clock.monotonicMs() - request.workBeganMs
    request.workBeganMs = undefined
    done(null, payload)
  })
  app.addHook('preValidation', (request, _reply, done) => {
    request.workBeganMs = clock.monotonicMs()
    done()
  })
  // Not when it is sent: that depends on the client, and for one that went away it never happens.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.workBeganMs !== undefined) request.workedMs += clock.monotonicMs() - request.workBeganMs
    request.workBeganMs = undefined
    const entry = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(request.workedMs),
    }
    // What nobody registered has no template, and its addresses have no end.
    const route = entry.route ?? 'none'
    const labels = { method: entry.method, route, status: String(entry.status) }
    metrics.observe('hundi_http_request_seconds', labels, request.workedMs / 1_000)
    if (request.workedMs > SLOW_MS) {
      metrics.count('hundi_slow_requests_total', { route })
      request.log.warn(entry, 'slow request')
    } else {
      request.log.debug(entry, 'request')
    }
    done(null, payload)
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** For how long we worked on it, without the time that its body took to come. */
    workedMs: number
    /** Since when we have been working on it; undefined while its body comes, and after its answer is ready. */
    workBeganMs: number | undefined
  }
}
