/**
 * The auth library's routes, as far as they are wanted: a route of it that is not listed here does not exist. Bodies
 * are checked against our schemas first, so that no field beside those (a role, a shop) ever reaches the library.
 */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type TSchema } from 'typebox'
import {
  BanUserBody,
  ChangePasswordBody,
  CurrentSession,
  RevokeSessionBody,
  SetUserPasswordBody,
  SignedIn,
  SignInBody,
  SignUpBody,
  UnbanUserBody,
  UpdateOwnUserBody,
} from '../../shared/contract/accounts.ts'
import { replies, type ErrorCode } from '../../shared/contract/envelope.ts'
import type { Deps } from '../platform/deps.ts'
import { invalidField } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { addressOf } from '../platform/rate-limit.ts'
import { cleanLine } from '../../shared/text.ts'
import { cleanEmail } from './account.ts'
import { registerAccountAdminRoutes } from './admin-routes.ts'
import { ADDRESS_HEADER } from './library.ts'
import { signOutEverywhere, type OpenAccounts } from './service.ts'

interface Forwarded {
  method: 'GET' | 'POST'
  path: string
  summary: string
  body?: TSchema
  /** What the library answers, as far as clients may rely on it. */
  answer?: TSchema
  /** Hashes a password, so it is counted against the client's limit. */
  hashes?: true
}

const FORWARDED: readonly Forwarded[] = [
  { method: 'POST', path: '/sign-up/email', summary: 'Sign up', body: SignUpBody, answer: SignedIn, hashes: true },
  { method: 'POST', path: '/sign-in/email', summary: 'Sign in', body: SignInBody, answer: SignedIn, hashes: true },
  { method: 'POST', path: '/sign-out', summary: 'End this session' },
  {
    method: 'GET',
    path: '/get-session',
    summary: 'Who is signed in; null when nobody is. Lengthens the session',
    answer: CurrentSession,
  },
  { method: 'GET', path: '/list-sessions', summary: "List one's own sessions" },
  { method: 'POST', path: '/revoke-session', summary: "End one of one's own sessions", body: RevokeSessionBody },
  { method: 'POST', path: '/revoke-sessions', summary: "End all of one's own sessions" },
  { method: 'POST', path: '/revoke-other-sessions', summary: "End all of one's own sessions but this one" },
  { method: 'POST', path: '/update-user', summary: "Change one's own name", body: UpdateOwnUserBody },
  {
    method: 'POST',
    path: '/change-password',
    summary: "Change one's own password; every other session ends",
    body: ChangePasswordBody,
    hashes: true,
  },
  { method: 'POST', path: '/admin/ban-user', summary: 'Shut a user out (admin)', body: BanUserBody },
  { method: 'POST', path: '/admin/unban-user', summary: 'Let a user in again (admin)', body: UnbanUserBody },
  {
    method: 'POST',
    path: '/admin/set-user-password',
    summary: "Set a user's password and end its sessions (admin)",
    body: SetUserPasswordBody,
    hashes: true,
  },
]

/** Guesses of one person's password from many addresses together. */
const SIGN_INS_PER_EMAIL_AND_MINUTE = 20

export function registerAccountRoutes(app: App, deps: Deps, accounts: OpenAccounts): void {
  for (const route of FORWARDED) {
    app.route({
      method: route.method,
      url: `/api/auth${route.path}`,
      schema: {
        tags: ['Accounts'],
        summary: route.summary,
        ...(route.body === undefined ? {} : { body: route.body }),
        response: replies(route.answer ?? Type.Unknown({ description: 'As the auth library answers it' })),
      },
      handler: async (request, reply) => {
        const body = cleanBody(request.body)
        if (route.hashes === true) await count(deps, request, route.path, body)
        // Whoever changes a password may do so because somebody else knows the old one.
        if (route.path === '/change-password') body['revokeOtherSessions'] = true
        const response = await accounts.handler(toLibrary(request, body))
        if (route.path === '/admin/set-user-password' && response.ok)
          await signOutEverywhere(deps, String(body['userId']))
        return answer(request, reply, response)
      },
    })
  }
  registerAccountAdminRoutes(app, deps, accounts)
}

async function count(deps: Deps, request: FastifyRequest, path: string, body: Record<string, unknown>): Promise<void> {
  await deps.limiter.count('auth', addressOf(request))
  if (path !== '/sign-in/email') return
  const email = createHash('sha256')
    .update(cleanEmail(String(body['email'])))
    .digest('base64url')
  await deps.limiter.count('sign-in', email, SIGN_INS_PER_EMAIL_AND_MINUTE)
}

function cleanBody(body: unknown): Record<string, unknown> {
  const fields = { ...(body as Record<string, unknown> | null | undefined) }
  if (typeof fields['name'] === 'string') {
    fields['name'] = cleanLine(fields['name'])
    if (fields['name'] === '') throw invalidField('name', 'must have a letter that can be seen')
  }
  return fields
}

/** The headers that the library reads; no other one is its business. */
const PASSED_ON = ['authorization', 'cookie', 'user-agent'] as const

function toLibrary(request: FastifyRequest, body: Record<string, unknown>): Request {
  const headers = new Headers({ [ADDRESS_HEADER]: request.ip })
  for (const name of PASSED_ON) {
    const value = request.headers[name]
    if (value !== undefined) headers.set(name, value)
  }
  // The library only looks at the path; the host that a client claims plays no part.
  const url = new URL(request.routeOptions.url ?? '', 'http://localhost')
  if (request.method === 'GET') return new Request(url, { headers })
  headers.set('content-type', 'application/json')
  return new Request(url, { method: request.method, headers, body: JSON.stringify(body) })
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'validation_failed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  422: 'validation_failed',
  429: 'rate_limited',
}

async function answer(request: FastifyRequest, reply: FastifyReply, response: Response): Promise<FastifyReply> {
  for (const cookie of response.headers.getSetCookie()) reply.header('set-cookie', cookie)
  const signed = response.headers.get('set-auth-token')
  if (signed !== null) reply.header('set-auth-token', signed)
  const text = await response.text()
  const body: unknown = text === '' ? null : JSON.parse(text)
  reply.code(response.status).type('application/json')
  if (!response.ok) return reply.send(JSON.stringify(asFailure(response.status, body, request.id)))
  // The library answers the token without its signature, which no request of ours accepts.
  if (signed !== null && isRecord(body) && typeof body['token'] === 'string') body['token'] = signed
  return reply.send(JSON.stringify(body))
}

/** The library's own error, for its client, together with ours, for everyone else. */
function asFailure(status: number, body: unknown, requestId: string): Record<string, unknown> {
  const own = isRecord(body) ? body : {}
  const message = typeof own['message'] === 'string' && own['message'] !== '' ? own['message'] : 'This was refused.'
  return {
    ...own,
    success: false,
    error: {
      code: CODES[status] ?? 'internal_error',
      message: status >= 500 ? 'An error on our side. The request can be sent again.' : message,
      ...(typeof own['code'] === 'string' ? { details: { reason: own['code'] } } : {}),
      requestId,
    },
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
