/**
 * `Idempotency-Key`: the same key and body give the same answer, however often and however concurrently they come; the
 * same key with another body is refused. Keys belong to one principal and one endpoint.
 *
 * A key is claimed before the work, with the id that the work's effect will have, and finished with its answer, at best
 * by the very transaction that completes the work. While the work runs, others with the key wait a moment and then get
 * `request_in_progress`. If the process dies, the claim lapses and the next request takes over; it finds what the first
 * one made under the id that was chosen for it, or makes it. Answers of 5xx are not final: the key is let go, so that
 * the same request goes on.
 *
 * An answer is kept for some days and the key for longer: most of what is stored for a key is its answer. A repeat that
 * comes later is told what was made, as it is by then, where that can be found by its id; else it is refused
 * (`answer_not_kept`). It is never done again. Refusals are short, and are kept as long as their keys.
 */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql, type Database, type Sql, type Tx } from './database.ts'
import { AppError, invalidField } from './errors.ts'
import { statementInGroup } from './groups.ts'

export interface Answer {
  status: number
  body: unknown
}

/** What the work of a request with a key may use. */
export interface Keyed {
  /** The id that what this request makes must have; the same whenever the request is repeated. */
  effectId: string
  /** An earlier request with this key died or failed: its effect may exist. */
  resumed: boolean
  /** What is told once only has been told to who sent an earlier request. */
  told: boolean
  /** Stores the answer in the transaction that completes the work. */
  finish(tx: Tx, answer: Answer): void
}

/** What becomes of answers, for those that hold a secret or can be made again. */
export interface AnswerStore {
  /** What is written down of an answer. */
  keep(answer: Answer): unknown
  /** The answer's body, from what was written down of it. */
  restore(kept: unknown, told: boolean): unknown
  /**
   * The answer's body when nothing is kept of it any more, from what the request has made; undefined when there is no
   * such thing. Left out where it cannot be found by its id.
   */
  rebuild?(effectId: string, told: boolean): Promise<unknown>
  /**
   * For a secret that is told once only, so that a repeat has it while it may have been lost and not after: whether it is
   * in this answer, or in these details of a refusal.
   */
  isIn?(said: unknown): boolean
}

export const KEPT_AS_IT_IS: AnswerStore = { keep: (answer) => answer.body, restore: (kept) => kept }

interface KeyScope {
  principal: string
  endpoint: string
  key: string
}

/**
 * Longer than a request takes whose provider answers at its deadline (10 s). Were a claim to lapse under a request that
 * is still alive, two would do the same work, which is safe: its effect has one id, and the provider call is keyed.
 */
const CLAIM_MS = 15_000
/** A second click is answered with the first one's result if that comes within this time. */
const WAIT_STEPS_MS = [20, 50, 100, 200, 400, 800] as const
const KEY = /^[\x21-\x7e]{1,200}$/

/**
 * Runs `work` under the request's Idempotency-Key, or just runs it when there is none.
 *
 * @param endpoint what the key belongs to; the same for a route and its alias
 * @throws validation_failed, idempotency_key_reused, request_in_progress, answer_not_kept, and whatever the work throws
 */
export async function withIdempotencyKey(
  db: Database,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: string,
  work: (keyed: Keyed | undefined) => Promise<Answer>,
  store: AnswerStore = KEPT_AS_IT_IS,
  endpoint = `${request.method} ${request.routeOptions.url}`,
): Promise<Answer> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return work(undefined)
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalidField('Idempotency-Key', 'must be 1 to 200 printable characters without spaces')
  }
  const scope: KeyScope = { principal, endpoint, key }
  const tell = (said: unknown) => {
    if (store.isIn?.(said) !== true) return
    // Told when the answer has left to the end; a client that went away or a process that died has told nobody.
    reply.raw.once('finish', () => {
      db.alone
        .run('idempotency_keys.told', sql`update idempotency_keys set told = true ${where(scope)}`)
        .catch((error) => {
          request.log.warn({ err: error }, 'it could not be noted that a secret was told')
        })
    })
  }
  const hash = createHash('sha256').update(canonical(request.body)).digest('hex')
  const claim = await claimKey(db, scope, hash, store.isIn !== undefined)
  if (claim.kind === 'answered') {
    void reply.header('idempotency-replayed', 'true')
    const body = store.restore(claim.answer.body, claim.told)
    tell(body)
    return { status: claim.answer.status, body }
  }
  if (claim.kind === 'emptied') {
    const body = await store.rebuild?.(claim.effectId, claim.told)
    if (body === undefined) throw notKept(claim.status)
    void reply.header('idempotency-replayed', 'true')
    tell(body)
    return { status: claim.status, body }
  }
  let finished = false
  try {
    const answer = await work({
      effectId: claim.effectId,
      resumed: claim.resumed,
      told: claim.told,
      finish(tx, early) {
        finished = true
        tx.send('idempotency_keys.finish', finishKey(scope, early.status, store.keep(early)))
      },
    })
    if (!finished) await db.alone.run('idempotency_keys.finish', finishKey(scope, answer.status, store.keep(answer)))
    tell(answer.body)
    return answer
  } catch (error) {
    if (error instanceof AppError) tell(error.details)
    if (isFinal(error)) {
      const refused = { code: error.code, message: error.message, details: error.details }
      await db.alone.run('idempotency_keys.finish', finishKey(scope, error.status, { refused }))
    } else {
      await db.alone.run('idempotency_keys.release', releaseKey(scope))
    }
    throw error
  }
}

/** Refusals that say nothing of the request itself: a moment later the answer may be another. */
const PASSING: ReadonlySet<string> = new Set([
  'rate_limited',
  'unauthenticated',
  'payment_state_unknown',
  'too_many_unpaid_orders',
  // The order it was about exists, and the provider's account may take it tomorrow.
  'payment_refused',
])

/** A refusal of what was asked is an answer. A 5xx is not, nor is what would be answered otherwise a moment later. */
function isFinal(error: unknown): error is AppError {
  return error instanceof AppError && error.status < 500 && !PASSING.has(error.code)
}

function notKept(status: number): AppError {
  return new AppError(
    'answer_not_kept',
    'This request was done days ago, and its answer is kept no longer. Nothing was done again: look at what it has made.',
    { details: { status } },
  )
}

interface KeyRow {
  told: boolean
  request_hash: string
  effect_id: string
  response_status: number | null
  response_body: string | null
}

type Claim =
  | { kind: 'answered'; answer: Answer; told: boolean }
  | { kind: 'emptied'; status: number; effectId: string; told: boolean }
  | { kind: 'claimed'; effectId: string; resumed: boolean; told: boolean }

/** @param waitUntilTold an answer whose secret has not been told is waited for: who has it may be sending it just now */
async function claimKey(db: Database, scope: KeyScope, hash: string, waitUntilTold: boolean): Promise<Claim> {
  for (const waitMs of [...WAIT_STEPS_MS, undefined]) {
    const now = db.ports.clock.now()
    const effectId = db.ports.ids.uuid()
    // One statement: a new key is inserted, a lapsed claim with the same body is taken over, anything else is left alone.
    const claimed = await statementInGroup(
      db,
      { lane: 'placing', name: 'claimKey', key: JSON.stringify(scope) },
      (tx) =>
        tx.maybeOne<{ effect_id: string; told: boolean }>(
          'idempotency_keys.claim',
          sql`insert into idempotency_keys as k (principal, endpoint, key, request_hash, status, locked_until, effect_id, created_at)
          values (${scope.principal}, ${scope.endpoint}, ${scope.key}, ${hash}, 'running',
            ${new Date(now.getTime() + CLAIM_MS)}, ${effectId}, ${now})
          on conflict (principal, endpoint, key) do update set locked_until = excluded.locked_until
            where k.status = 'running' and k.locked_until <= ${now} and k.request_hash = excluded.request_hash
          returning effect_id, told`,
        ),
    )
    if (claimed !== undefined) {
      const { effect_id, told } = claimed
      return { kind: 'claimed', effectId: effect_id, resumed: effect_id !== effectId, told }
    }
    const found = await findAnswer(db, scope, hash)
    const isBeingTold = waitUntilTold && found?.told === false && waitMs !== undefined
    if (found !== undefined && !isBeingTold) return found
    if (waitMs !== undefined) await db.ports.timers.sleep(waitMs)
  }
  throw new AppError('request_in_progress', 'A request with this Idempotency-Key is still running.', { retryAfterS: 1 })
}

/** The stored answer, or that it was emptied; undefined while the first request runs. A stored refusal is thrown again. */
async function findAnswer(db: Database, scope: KeyScope, hash: string): Promise<Claim | undefined> {
  const row = await db.one<KeyRow>(
    'idempotency_keys.find',
    sql`select request_hash, effect_id, response_status, response_body, told from idempotency_keys ${where(scope)}`,
  )
  if (row.request_hash !== hash) {
    throw new AppError('idempotency_key_reused', 'This Idempotency-Key was used with another request.')
  }
  if (row.response_status === null) return undefined
  if (row.response_body === null)
    return { kind: 'emptied', status: row.response_status, effectId: row.effect_id, told: row.told }
  const body: unknown = JSON.parse(row.response_body)
  if (isRefusal(body)) throw new AppError(body.refused.code, body.refused.message, { details: body.refused.details })
  return { kind: 'answered', answer: { status: row.response_status, body }, told: row.told }
}

function isRefusal(
  body: unknown,
): body is { refused: Pick<AppError, 'code' | 'message'> & { details: Record<string, unknown> } } {
  return typeof body === 'object' && body !== null && 'refused' in body
}

function finishKey(scope: KeyScope, status: number, body: unknown): Sql {
  return sql`update idempotency_keys set status = 'done', response_status = ${status}, response_body = ${JSON.stringify(body)}
      ${where(scope)}`
}

/** Lets go of the claim but keeps the id that was chosen for its effect. */
function releaseKey(scope: KeyScope): Sql {
  return sql`update idempotency_keys set locked_until = created_at ${where(scope)} and status = 'running'`
}

function where(scope: KeyScope): Sql {
  return sql`where principal = ${scope.principal} and endpoint = ${scope.endpoint} and key = ${scope.key}`
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

/**
 * Empties answers of keys that were first used in `from` to `before`, oldest first, at most `limit`. Keys stay.
 *
 * @returns how many, and when the last of them was used
 */
export function emptyAnswers(
  tx: Tx,
  from: Date,
  before: Date,
  limit: number,
): Promise<{ count: number; last: Date | null }> {
  return tx.one<{ count: number; last: Date | null }>(
    'idempotency_keys.empty',
    sql`with old as (
          select principal, endpoint, key from idempotency_keys
          where created_at >= ${from} and created_at < ${before} and response_body is not null and response_status < 400
          order by created_at limit ${limit} for update
        ), emptied as (
          update idempotency_keys k set response_body = null from old
          where (k.principal, k.endpoint, k.key) = (old.principal, old.endpoint, old.key)
          returning k.created_at
        )
        select count(*) as count, max(created_at) as last from emptied`,
  )
}

/** Forgets keys that were first used before this moment, at most so many at once. Gives how many it forgot. */
export function deleteOldKeys(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(
    'idempotency_keys.deleteOld',
    // As an array, because a batch is small and is not known to be when it is planned.
    sql`delete from idempotency_keys where ctid = any(array(
          select ctid from idempotency_keys where created_at < ${before} order by created_at limit ${limit}))`,
  )
}
