/**
 * Guards the control API, which can make payments and shows secrets: only programs and browsers of this machine may
 * use it. The peer's address keeps the network out, headers that proxies add keep out whoever comes through one on this
 * machine, the Host header keeps out names that were pointed at it, and the Origin header keeps out pages of other sites
 * that the developer has open.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isProxyHeader } from '../shared/proxy-headers.ts'

/** A hook for routes that answer only to this machine. */
export function loopbackOnly(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const why = whyRefused(request.socket.remoteAddress, request.headers)
  if (why === undefined) return done()
  void reply.code(403).send({ error: 'loopback_only', message: why })
}

/** The reason to refuse, or undefined. */
export function whyRefused(address: string | undefined, headers: IncomingHttpHeaders): string | undefined {
  const { host, origin } = headers
  if (address !== undefined && !isLoopbackAddress(address)) return 'The control API answers only to this machine.'
  if (Object.keys(headers).some(isProxyHeader)) return 'The control API does not answer to a proxy.'
  if (host !== undefined && !isLoopbackName(hostname(host))) return 'The control API answers only to a loopback name.'
  if (origin !== undefined && !isSameOrigin(origin, host)) return 'The control API answers only to its own page.'
  return undefined
}

/** True when a browser's Origin is the address that it called. */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address)
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

function hostname(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
}
