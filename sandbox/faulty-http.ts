/**
 * The edge of a simulated provider's API: reads bodies, plays the faults that were asked for, and writes every call
 * down. A fault before the effect answers in place of the route; one after it spoils the answer on its way out.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FaultRule } from './faults.ts'
import type { World } from './world.ts'

/** What is remembered of a call while it runs. */
export interface Trace {
  startedAt: number
  requestText: string
  fault: FaultRule | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    trace: Trace
  }
}

/** A hanging call is cut off after this, so that a client without a time-out does not hang for ever. */
const LONGEST_HANG_MS = 120_000

const DEFAULT_FAULT_STATUS = 503

const PROXY_PAGE = `<!DOCTYPE html>
<html><head><title>Please wait</title></head><body><h1>Checking your connection</h1></body></html>`

export interface EdgeOptions {
  world: World
  provider: string
  /** The provider's error body for a status. */
  errorBody(rule: FaultRule, status: number): unknown
  /** Paths without faults and log, after the prefix. */
  isPublic(url: string): boolean
}

/** Registers the edge on a Fastify scope. `url` in rules and log is without `/{provider}`. */
export function registerEdge(scope: FastifyInstance, options: EdgeOptions): void {
  const { world, provider } = options
  const idle: Trace = { startedAt: 0, requestText: '', fault: undefined }
  scope.decorateRequest('trace')

  // Bodies are parsed here so that an empty one is no error and the text can be shown on the page.
  scope.removeContentTypeParser(['application/json'])
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    request.trace.requestText = String(text)
    if (text === '') return done(null, undefined)
    try {
      done(null, JSON.parse(String(text), withoutPrototypeKeys))
    } catch (error) {
      done(Object.assign(error as Error, { statusCode: 400 }), undefined)
    }
  })
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, text, done) => {
    request.trace.requestText = String(text)
    done(null, parseForm(String(text)))
  })

  scope.addHook('onRequest', (request, reply, done) => {
    if (options.isPublic(request.url)) {
      request.trace = idle
      return done()
    }
    const fault = world.faults.takeForCall(provider, `${request.method} ${pathOf(request, provider)}`)
    request.trace = { startedAt: world.agenda.now(), requestText: '', fault }
    if (fault === undefined || isAfterEffect(fault)) return done()
    playBefore(options, fault, request, reply)
  })

  scope.addHook('onSend', (request, reply, payload, done) => {
    const { fault } = request.trace
    if (request.trace === idle) return done(null, payload)
    const text = typeof payload === 'string' ? payload : ''
    if (fault === undefined || !fault.kind.startsWith('effect-then-')) {
      record(options, request, reply.statusCode, text)
      return done(null, payload)
    }
    playAfter(options, fault, request, reply, text, (changed) => done(null, changed))
  })
}

/** What a route passes on that lets a `delay` fault hold it up at its own, most awkward moment. */
export function pauseOf(world: World, request: FastifyRequest): (() => Promise<void>) | undefined {
  const { fault } = request.trace
  if (fault?.kind !== 'delay') return undefined
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    world.ports.after(fault.delayMs ?? 1000, resolve)
    return promise
  }
}

function isAfterEffect(fault: FaultRule): boolean {
  return fault.kind === 'delay' || fault.kind.startsWith('effect-then-')
}

function playBefore(options: EdgeOptions, fault: FaultRule, request: FastifyRequest, reply: FastifyReply): void {
  switch (fault.kind) {
    case 'hang':
      reply.hijack()
      hang(options, fault, request)
      return
    case 'reset':
      reply.hijack()
      record(options, request, 0, 'connection reset')
      request.raw.socket.resetAndDestroy()
      return
    case 'html':
      void reply.code(200).type('text/html').send(PROXY_PAGE)
      return
    default: {
      const status = fault.status ?? (fault.kind === 'error' ? 500 : DEFAULT_FAULT_STATUS)
      if (fault.retryAfter !== undefined) void reply.header('retry-after', fault.retryAfter)
      void reply.code(status).send(options.errorBody(fault, status))
    }
  }
}

function playAfter(
  options: EdgeOptions,
  fault: FaultRule,
  request: FastifyRequest,
  reply: FastifyReply,
  text: string,
  send: (changed: string) => void,
): void {
  switch (fault.kind) {
    case 'effect-then-drop':
      record(options, request, 0, `done, then the connection was reset; unsent: ${text}`)
      reply.hijack()
      request.raw.socket.resetAndDestroy()
      return
    case 'effect-then-hang':
      reply.hijack()
      hang(options, fault, request)
      return
    case 'effect-then-truncate': {
      // The length is announced in full and half of it comes, as when a connection breaks off.
      const half = Buffer.from(text).subarray(0, Math.floor(Buffer.byteLength(text) / 2))
      record(options, request, reply.statusCode, half.toString('utf8'))
      reply.hijack()
      reply.raw.writeHead(reply.statusCode, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
      })
      reply.raw.write(half, () => request.raw.socket.destroy())
      return
    }
    default: {
      const changed = spoil(options, fault, reply, text)
      void reply.header('content-length', Buffer.byteLength(changed))
      record(options, request, reply.statusCode, changed)
      send(changed)
    }
  }
}

function spoil(options: EdgeOptions, fault: FaultRule, reply: FastifyReply, text: string): string {
  if (fault.kind === 'effect-then-html') {
    void reply.code(200).type('text/html')
    return PROXY_PAGE
  }
  if (fault.kind === 'effect-then-alter') return JSON.stringify({ ...JSON.parse(text), ...fault.set })
  const status = fault.status ?? DEFAULT_FAULT_STATUS
  void reply.code(status)
  return JSON.stringify(options.errorBody(fault, status))
}

function hang({ world, ...rest }: EdgeOptions, fault: FaultRule, request: FastifyRequest): void {
  record({ world, ...rest }, request, 0, 'no answer')
  const ms = Math.min(fault.delayMs ?? LONGEST_HANG_MS, LONGEST_HANG_MS)
  const cancel = world.ports.after(ms, () => request.raw.socket.destroy())
  request.raw.socket.once('close', cancel)
}

function record({ world, provider }: EdgeOptions, request: FastifyRequest, status: number, response: string): void {
  const { startedAt, requestText, fault } = request.trace
  world.calls.record({
    at: startedAt,
    provider,
    method: request.method,
    path: request.url.slice(provider.length + 1),
    status,
    durationMs: world.agenda.now() - startedAt,
    request: requestText,
    response,
    fault: fault?.kind ?? null,
  })
}

function pathOf(request: FastifyRequest, provider: string): string {
  const query = request.url.indexOf('?')
  return request.url.slice(provider.length + 1, query === -1 ? undefined : query)
}

/** Keys that would reach an object's prototype are dropped. */
function withoutPrototypeKeys(key: string, value: unknown): unknown {
  return key === '__proto__' || key === 'constructor' ? undefined : value
}

/** A form body with one level of brackets, as curl examples send it: amount=100&notes[key]=value. */
function parseForm(text: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const [, outer, inner] = /^(\w+)\[(\w+)\]$/.exec(name) ?? []
    if (outer === undefined || inner === undefined) {
      if (withoutPrototypeKeys(name, value) !== undefined) fields[name] = value
      continue
    }
    const group = fields[outer]
    const map = typeof group === 'object' && group !== null ? (group as Record<string, string>) : {}
    map[inner] = value
    fields[outer] = map
  }
  return fields
}
