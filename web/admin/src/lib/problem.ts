/** What is said when a deed did not succeed: whether it was done, why not, and what to do. Pure. */
import { ApiError, fieldProblems, isWorthRetrying } from '../../../../client/api-error.ts'

/** Refusals that need more words than the server's sentence alone; each says first that nothing was done. */
const REFUSALS: Readonly<Record<string, string>> = {
  invalid_transition: 'It has moved on in the meantime, so nothing was done.',
  already_resolved: 'Somebody has answered this already, so nothing was done.',
  payment_state_unknown:
    'Nothing was done. The provider was asked just now and did not say where this money is, and nothing is done on a guess. Ask again in a while.',
  refund_exceeds_captured: 'Nothing was sent: that is more than can still go back.',
}

/** A sentence or two for an error that a deed ended in. */
export function deedProblem(error: unknown): string {
  if (isWorthRetrying(error)) {
    return 'No answer, so we do not know whether it was done. The page behind this shows what is true; doing it again is harmless.'
  }
  if (!(error instanceof ApiError)) return 'Nothing was done.'
  const fields = fieldProblems(error)
  if (fields.length > 0) {
    return `Nothing was done. ${fields.map(({ field, message }) => `${fieldName(field)} ${message}.`).join(' ')}`
  }
  const refusal = REFUSALS[error.code]
  // The server's sentence says the same as ours for a code that is about one thing only.
  if (error.code === 'already_resolved') return refusal ?? error.message
  return `${refusal ?? 'Nothing was done.'} ${error.message}`
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  reference: 'The reference',
  amount: 'The amount',
  destination: 'The way back',
  restock: 'Putting back in stock',
  reason: 'The reason',
  action: 'This decision',
  orderId: 'The order',
  providerPaymentId: 'The payment',
  from: 'The first day',
  to: 'The last day',
}

/** What a field is called on the page; one of a list goes by the list. */
function fieldName(field: string): string {
  return FIELD_NAMES[field] ?? (field.startsWith('items') ? 'The choice of things' : field)
}
