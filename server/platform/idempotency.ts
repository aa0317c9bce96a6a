/**
 * `Idempotency-Key`: the same key and body give the same answer, however often and however concurrently they come; the
 * same key with another body is refused. Keys belong to one principal and one endpoint.
 *
 * A key is claimed before the work and finished with its answer after it. While the work runs, others with the key get
 * `request_in_progress`. If the process dies, the claim lapses and the next request takes over: the work finds what the
 * first one had committed by the key's `order_id`, which it writes in the same transaction as the order. Answers of 5xx
 * are not final: the key is let go, so that the same request goes on.
 */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql, type Database, type Tx } from './database.ts'
import { AppError, invalidField } from './errors.ts'

export interface KeyScope {
  principal: string
  endpoint: string
  key: string
}

export interface Answer {
  status: number
  body: unknown
}

/**
 * Longer than a request takes whose provider answers at its deadline (10 s). Were a claim to lapse under a request that
 * is still alive, two would do the same work, which is safe: the order is found by the key, the provider call is keyed.
 */
const CLAIM_MS = 15_000
const KEY = /^[\x21-\x7e]{1,200}$/

/**
 * Runs `work` under the request's Idempotency-Key, or just runs it when there is none.
 *
 * @param work gets the key's scope, to write in its own transaction what it made (`recordEffect`), and the id of the
 *   order that an earlier, unfinished request with this key has made
 * @param store turns an answer into what is kept, and back, for answers that hold a secret
 * @param endpoint what the key belongs to; the same for a route and its alias
 */
export async function withIdempotencyKey(
  db: Database,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: string,
  work: (scope: KeyScope | undefined, earlierOrderId: string | undefined) => Promise<Answer>,
  store: { keep(answer: Answer): unknown; restore(kept: unknown): unknown } = {
    keep: (answer) => answer.body,
    restore: (kept) => kept,
  },
  endpoint = `${request.method} ${request.routeOptions.url}`,
): Promise<Answer> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return work(undefined, undefined)
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalidField('Idempotency-Key', 'must be 1 to 200 printable characters without spaces')
  }
  const scope: KeyScope = { principal, endpoint, key }
  const hash = createHash('sha256').update(canonical(request.body)).digest('hex')
  const claim = await claimKey(db, scope, hash)
  if (claim.answer !== undefined) {
    void reply.header('idempotency-replayed', 'true')
    return { status: claim.answer.status, body: store.restore(claim.answer.body) }
  }
  try {
    const answer = await work(scope, claim.orderId)
    await finishKey(db, scope, answer.status, store.keep(answer))
    return answer
  } catch (error) {
    if (
      error instanceof AppError &&
      error.status < 500 &&
      error.code !== 'rate_limited' &&
      error.code !== 'unauthenticated'
    ) {
      const body = { code: error.code, message: error.message, details: error.details }
      await finishKey(db, scope, error.status, { refused: body })
    } else {
      await releaseKey(db, scope)
    }
    throw error
  }
}

/** Remembers, in the transaction that makes it, the order that belongs to a key. */
export function recordEffect(tx: Tx, scope: KeyScope, orderId: string): void {
  tx.send(
    'idempotency_keys.effect',
    sql`update idempotency_keys set order_id = ${orderId}
        where principal = ${scope.principal} and endpoint = ${scope.endpoint} and key = ${scope.key}`,
  )
}

interface KeyRow {
  request_hash: string
  status: 'running' | 'done'
  order_id: string | null
  response_status: number | null
  response_body: string | null
}

async function claimKey(db: Database, scope: KeyScope, hash: string): Promise<{ answer?: Answer; orderId?: string }> {
  const now = db.ports.clock.now()
  const lockedUntil = new Date(now.getTime() + CLAIM_MS)
  // One statement: a new key is inserted, a lapsed claim with the same body is taken over, anything else is left alone.
  const claimed = await db.maybeOne<{ order_id: string | null }>(
    'idempotency_keys.claim',
    sql`insert into idempotency_keys as k (principal, endpoint, key, request_hash, status, locked_until, created_at)
        values (${scope.principal}, ${scope.endpoint}, ${scope.key}, ${hash}, 'running', ${lockedUntil}, ${now})
        on conflict (principal, endpoint, key) do update set locked_until = excluded.locked_until
          where k.status = 'running' and k.locked_until <= ${now} and k.request_hash = excluded.request_hash
        returning order_id`,
  )
  if (claimed !== undefined) return claimed.order_id === null ? {} : { orderId: claimed.order_id }
  const row = await db.one<KeyRow>(
    'idempotency_keys.find',
    sql`select request_hash, status, order_id, response_status, response_body from idempotency_keys
        where principal = ${scope.principal} and endpoint = ${scope.endpoint} and key = ${scope.key}`,
  )
  if (row.request_hash !== hash) {
    throw new AppError('idempotency_key_reused', 'This Idempotency-Key was used with another request.')
  }
  if (row.status === 'running' || row.response_status === null) {
    throw new AppError('request_in_progress', 'A request with this Idempotency-Key is still running.', {
      retryAfterS: 1,
    })
  }
  const body: unknown = JSON.parse(row.response_body ?? 'null')
  if (isRefusal(body)) throw new AppError(body.refused.code, body.refused.message, { details: body.refused.details })
  return { answer: { status: row.response_status, body } }
}

function isRefusal(
  body: unknown,
): body is { refused: Pick<AppError, 'code' | 'message'> & { details: Record<string, unknown> } } {
  return typeof body === 'object' && body !== null && 'refused' in body
}

async function finishKey(db: Database, scope: KeyScope, status: number, body: unknown): Promise<void> {
  await db.alone.run(
    'idempotency_keys.finish',
    sql`update idempotency_keys set status = 'done', response_status = ${status}, response_body = ${JSON.stringify(body)}
        where principal = ${scope.principal} and endpoint = ${scope.endpoint} and key = ${scope.key}`,
  )
}

/** Lets go of the claim but keeps what was made under it. */
async function releaseKey(db: Database, scope: KeyScope): Promise<void> {
  await db.alone.run(
    'idempotency_keys.release',
    sql`update idempotency_keys set locked_until = created_at
        where principal = ${scope.principal} and endpoint = ${scope.endpoint} and key = ${scope.key} and status = 'running'`,
  )
}

/** JSON with sorted keys, so that the order in which a client writes its fields does not make another request. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
