import { raw, type Db } from '../platform/database.ts'
import type { Clock } from '../platform/ports.ts'
import { INVARIANTS, type HistoryMark, type Invariant, type InvariantId } from './invariant.ts'
import { FIGURE_INVARIANTS } from './invariant-figure-queries.ts'
import { HISTORY_INVARIANTS } from './invariant-history-queries.ts'
import { LIMIT_INVARIANTS } from './invariant-limit-queries.ts'
import { LINE_INVARIANTS } from './invariant-line-queries.ts'
import { MONEY_INVARIANTS } from './invariant-money-queries.ts'
import { ORDER_INVARIANTS } from './invariant-order-queries.ts'
import { PROVIDER_INVARIANTS } from './invariant-provider-queries.ts'

export const QUESTIONS: readonly Invariant[] = [
  ...MONEY_INVARIANTS,
  ...ORDER_INVARIANTS,
  ...LINE_INVARIANTS,
  ...PROVIDER_INVARIANTS,
  ...FIGURE_INVARIANTS,
  ...HISTORY_INVARIANTS,
  ...LIMIT_INVARIANTS,
]

/** More lines of one question help nobody; the count is of all. */
const LINES_SHOWN = 100

export interface InvariantAnswer {
  id: InvariantId
  title: string
  /** How many rows are wrong. */
  count: number
  /** The first of them, each as "what does not hold: the row and what is wrong with it". */
  violations: string[]
  durationMs: number
}

/**
 * Asks every question and gives one answer per rule, in the order of their ids. Each question is a statement of its own and
 * so sees the books of one moment. Read-only.
 *
 * @param connections each asks one question at a time, until none is left
 * @param since how far history was asked about before, so that only what came later is; all of it when undefined
 */
export async function askInvariants(
  connections: readonly Db[],
  clock: Pick<Clock, 'monotonicMs'>,
  since?: HistoryMark,
): Promise<InvariantAnswer[]> {
  const found = new Map<Invariant, Found>()
  // One for all of them. When a question cannot be asked it ends, and with it the others' work.
  const left = each(QUESTIONS)
  const ask = async (db: Db) => {
    for (const question of left) {
      const startedMs = clock.monotonicMs()
      const rows = await violationsOf(db, queryOf(question, since))
      found.set(question, { rows, durationMs: clock.monotonicMs() - startedMs })
    }
  }
  await Promise.all(connections.map(ask))
  return (Object.entries(INVARIANTS) as [InvariantId, string][]).map(([id, title]) => {
    const answer: InvariantAnswer = { id, title, count: 0, violations: [], durationMs: 0 }
    for (const question of QUESTIONS.filter((one) => one.id === id)) {
      const { rows, durationMs } = found.get(question) ?? { rows: [], durationMs: 0 }
      answer.count += rows[0]?.total ?? 0
      answer.violations.push(...rows.map(({ violation }) => `${question.name}: ${violation}`))
      answer.durationMs += durationMs
    }
    return { ...answer, durationMs: Math.round(answer.durationMs) }
  })
}

interface Found {
  rows: { violation: string; total: number }[]
  durationMs: number
}

/** An iteration that ends for all who share it when one of them leaves it with an error. */
function* each<T>(values: readonly T[]): Generator<T> {
  yield* values
}

function queryOf({ query, querySince }: Invariant, since: HistoryMark | undefined): string {
  return since === undefined || querySince === undefined ? query : querySince(since)
}

function violationsOf(db: Db, query: string): Promise<{ violation: string; total: number }[]> {
  return db.many('operations.invariant', raw(counted(query)))
}

/** A question as it is asked: the first rows that it finds, and how many there are. */
export function counted(query: string): string {
  return `select violation, (count(*) over ())::integer as total from (${query}) found (violation) limit ${LINES_SHOWN}`
}
