/**
 * The auth library's routes, as far as they are wanted: a route of it that is not listed here does not exist. Bodies
 * are checked against our schemas first, so that no field beside those (a role, a shop) ever reaches the library.
 */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type TSchema } from 'typebox'
import {
  ChangePasswordBody,
  CurrentSession,
  RevokeSessionBody,
  SignedIn,
  SignedUp,
  SignInBody,
  SignUpBody,
  UpdateOwnUserBody,
} from '../../shared/contract/accounts.ts'
import { replies, type ErrorCode } from '../../shared/contract/envelope.ts'
import type { Deps } from '../platform/deps.ts'
import { invalidField } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { passwordProblem } from '../platform/passwords.ts'
import { addressOf } from '../platform/rate-limit.ts'
import { readableLine } from '../platform/text.ts'
import { ADDRESS_HEADER, cleanEmail, type Principal } from './account.ts'
import { registerAccountAdminRoutes } from './admin-routes.ts'
import type { OpenAccounts } from './service.ts'

interface Forwarded {
  method: 'GET' | 'POST'
  path: string
  summary: string
  body?: TSchema
  /** What the library answers, as far as clients may rely on it. */
  answer?: TSchema
  /** Hashes a password, so it is counted against the client's limit, and waits for its turn. */
  hashes?: true
}

const FORWARDED: readonly Forwarded[] = [
  {
    method: 'POST',
    path: '/sign-up/email',
    summary: 'Sign up; the answer is the same whether the address was free or not, and signs nobody in',
    body: SignUpBody,
    answer: SignedUp,
    hashes: true,
  },
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
]

/** Guesses of one person's password from one address: there it ends for this minute, and nowhere else. */
const TRIES_PER_ADDRESS_AND_MINUTE = 20
/** Beyond so many for one e-mail address, from wherever, each further one waits: its owner too, who is never locked out. */
const UNHURRIED_TRIES_PER_MINUTE = 20
const DELAY_STEP_MS = 100
const LONGEST_DELAY_MS = 3_000

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
        // Whoever changes a password may do so because somebody else knows the old one.
        if (route.path === '/change-password') body['revokeOtherSessions'] = true
        const ask = () => accounts.handler(toLibrary(request, body))
        if (route.hashes !== true) return answer(request, reply, await ask())
        await deps.limiter.count('auth', addressOf(request))
        const asker = await accounts.find(request)
        refuseWeakPassword(accounts, route.path, body, asker)
        await countTries(deps, request, route.path, body, asker)
        const response = await accounts.hashing.run(addressOf(request), ask)
        if (route.path !== '/sign-up/email') return answer(request, reply, response)
        // Somebody took the address at the same moment: asked again, the library sees it, and says what it always says.
        const taken = response.status === 422 ? await accounts.hashing.run(addressOf(request), ask) : response
        return taken.ok ? reply.send(SIGNED_UP) : answer(request, reply, taken)
      },
    })
  }
  registerAccountAdminRoutes(app, deps, accounts)
}

/**
 * The same for an address that was free and for one that is taken, so that nobody learns who has an account here. No
 * session comes with it: that would tell too. Its owner is told by mail once there is mail.
 */
const SIGNED_UP: SignedUp = {
  success: true,
  message:
    'Sign in with this e-mail address and password. If you had an account with it before, its password is still the old one.',
}

const NEW_PASSWORD_FIELD: Readonly<Record<string, string>> = {
  '/sign-up/email': 'password',
  '/change-password': 'newPassword',
}

function refuseWeakPassword(
  { shopName = '' }: OpenAccounts,
  path: string,
  body: Record<string, unknown>,
  asker: Principal | undefined,
): void {
  const field = NEW_PASSWORD_FIELD[path]
  if (field === undefined) return
  const isNew = path === '/sign-up/email'
  const own = isNew ? [String(body['email']), String(body['name'])] : [asker?.email ?? '', asker?.name ?? '']
  const problem = passwordProblem(String(body[field]), [...own, shopName])
  if (problem !== undefined) throw invalidField(field, problem)
}

/** Counts a try of a password, at sign-in or where the old one is asked for, and makes it wait when there were many. */
async function countTries(
  deps: Deps,
  request: FastifyRequest,
  path: string,
  body: Record<string, unknown>,
  asker: Principal | undefined,
): Promise<void> {
  const email = path === '/sign-in/email' ? cleanEmail(String(body['email'])) : asker?.email
  if (path === '/sign-up/email' || email === undefined) return
  const who = createHash('sha256').update(email).digest('base64url')
  await deps.limiter.count('password.from', `${who}:${addressOf(request)}`, TRIES_PER_ADDRESS_AND_MINUTE)
  const nth = await deps.limiter.count('password.for', who, Infinity)
  const delayMs = Math.min(LONGEST_DELAY_MS, (nth - UNHURRIED_TRIES_PER_MINUTE) * DELAY_STEP_MS)
  if (delayMs > 0) await deps.ports.timers.sleep(delayMs)
}

function cleanBody(body: unknown): Record<string, unknown> {
  const fields = { ...(body as Record<string, unknown> | null | undefined) }
  if (typeof fields['name'] === 'string') fields['name'] = readableLine('name', fields['name'])
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
