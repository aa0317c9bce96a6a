/** The outcomes of a run as a table: one row per subject and currency, the outcomes in the order of their weight. Pure. */
import type { ReconciliationRun } from '../../../../../shared/contract/reconciliation.ts'
import { add } from '../../../../../shared/money.ts'

type Outcomes = ReconciliationRun['outcomes']

export type OutcomeRow = { subject: string; outcome: string; currency: string; count: number; amount: number }

/** What a person looks at first stands first. */
const OUTCOME_ORDER = [
  'differs',
  'unreadable',
  'unknown_here',
  'unknown_there',
  'healed',
  'foreign',
  'booked',
  'matched',
]
const SUBJECT_ORDER = ['payment', 'refund', 'settlement']

/** Outcomes that both sides do not explain. */
const UNEXPLAINED = new Set(['differs', 'unreadable', 'unknown_here', 'unknown_there'])

export function outcomeRows(outcomes: Outcomes): OutcomeRow[] {
  const rank = (order: readonly string[], value: string) => {
    const at = order.indexOf(value)
    return at === -1 ? order.length : at
  }
  return outcomes
    .filter((row) => row.count > 0)
    .toSorted(
      (a, b) =>
        rank(SUBJECT_ORDER, a.subject) - rank(SUBJECT_ORDER, b.subject) ||
        rank(OUTCOME_ORDER, a.outcome) - rank(OUTCOME_ORDER, b.outcome) ||
        a.currency.localeCompare(b.currency),
    )
}

export type RunSums = { compared: number; healed: number; unexplained: number }

/** How many things were compared, how many of them were put right, and how many nobody can explain yet. */
export function runSums(outcomes: Outcomes): RunSums {
  const count = (rows: Outcomes) => add(0, ...rows.map((row) => row.count))
  return {
    compared: count(outcomes),
    healed: count(outcomes.filter((row) => row.outcome === 'healed')),
    unexplained: count(outcomes.filter((row) => UNEXPLAINED.has(row.outcome))),
  }
}

const SUBJECTS: Readonly<Record<string, string>> = {
  payment: 'Payments',
  refund: 'Refunds',
  settlement: 'Payout lines',
}

export function subjectWords(subject: string): string {
  return SUBJECTS[subject] ?? subject
}

/** The steps of a run in their order. */
export const PHASES: readonly (readonly [phase: string, words: string])[] = [
  ['payments', 'Payments'],
  ['refunds', 'Refunds'],
  ['settlements', 'Payouts'],
]
