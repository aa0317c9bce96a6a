/**
 * Deciding about several items at once: the same decision with the same reason, each by itself as if it had been decided
 * alone. Each has its own look at the provider, its own transaction and its own event; what is refused for one keeps none of
 * the others from being decided.
 */
import type { ReviewManyBody, ReviewResult } from '../../shared/contract/reviews.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { asOutage } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { forEachOf } from '../platform/passes.ts'
import * as queries from '../reviews/queries.ts'
import { decideItem } from './act.ts'

/** Each asks the provider, whose patience and our connections others need too. */
const AT_ONCE = 4

/**
 * @param resumed the same request came before and was not answered: some of it may be done
 * @returns what became of each, in the order in which they were named
 * @throws validation_failed when they are of different kinds: one decision would not mean the same for all; nothing is
 *   decided then
 */
export async function decideMany(
  deps: PaymentDeps,
  body: ReviewManyBody,
  adminId: string,
  resumed = false,
): Promise<Pick<ReviewResult, 'id' | 'error'>[]> {
  const { ids, action, reason } = body
  const kinds = new Set((await queries.listItemsByIds(deps.db, ids)).map((item) => item.kind))
  if (kinds.size > 1) throw invalidField('ids', `are of different kinds: ${[...kinds].sort().join(', ')}`)
  const errors = new Map<string, ReviewResult['error']>()
  await forEachOf(ids, AT_ONCE, async (id) => {
    try {
      await decideItem(deps, id, { action, reason }, adminId, resumed)
    } catch (error) {
      errors.set(id, errorOf(deps, id, error))
    }
  })
  return ids.map((id) => ({ id, error: errors.get(id) ?? null }))
}

function errorOf(deps: PaymentDeps, id: string, error: unknown): ReviewResult['error'] {
  const refusal = error instanceof AppError ? error : asOutage(error)
  if (refusal === undefined) {
    deps.log.error({ err: error, reviewItemId: id }, 'a question could not be answered')
    return { code: 'internal_error', message: 'An error on our side. Nothing was half done; decide again.' }
  }
  return { code: refusal.code, message: refusal.message }
}
