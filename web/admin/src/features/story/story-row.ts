/**
 * One row of an order's story: a message between two parties, or something that happened inside Hundi. The rows are
 * data; how they look is decided where they are drawn.
 */
import type { Phrase } from '../../../../ui/phrase.ts'

/** Who takes part, in the order of their lanes. */
export const LANES = ['shopper', 'hundi', 'provider', 'shops'] as const
export type Lane = (typeof LANES)[number]

/** A message goes from one lane to another; what happens inside Hundi stays in its lane. */
export type Mark = { from: Lane; to: Lane } | { at: Lane }

/**
 * What a row means, which decides its line:
 * - `message`: a fact, solid ink
 * - `claim`: only somebody's word or not yet finished, stitched
 * - `lost`: a question without an answer, stitched with a cross
 * - `refusal`: somebody said no
 * - `fact`: money has arrived, the provider says so
 * - `effect`: what our own commit did
 * - `refund`: money on its way back, or back
 * - `review`: a person has to look
 * - `coming`: has not happened yet
 */
export type Tone = 'message' | 'claim' | 'lost' | 'refusal' | 'fact' | 'effect' | 'refund' | 'review' | 'coming'

/** Something to unfold under a row: a raw body or the changes of a commit. */
export type Fold = { label: string; body: string }

export type StoryRow = {
  key: string
  /** When it happened; for what is still to come, when it is due, or null when there is no date. */
  at: string | null
  mark: Mark
  tone: Tone
  title: string
  detail: Phrase
  /** What moved, with its sign. */
  money: { amount: number; currency: string } | null
  folds: Fold[]
  /** Provider whose lane this row uses; null when it uses none. */
  provider: string | null
  /** Shown when only money is asked for. */
  isMoney: boolean
  /** Shown when only provider calls are asked for. */
  isCall: boolean
}

export type StoryFilter = 'everything' | 'money' | 'calls'

/** The rows that a filter leaves. */
export function filterStory(rows: StoryRow[], filter: StoryFilter): StoryRow[] {
  if (filter === 'everything') return rows
  return rows.filter((row) => (filter === 'money' ? row.isMoney : row.isCall))
}

/** How a row begins for a screen reader, which does not see the lanes: `Razorpay to Hundi`. */
export function spokenMark(mark: Mark, providerLabel: string): string {
  const names: Record<Lane, string> = { shopper: 'Shopper', hundi: 'Hundi', provider: providerLabel, shops: 'Shops' }
  return 'at' in mark ? names[mark.at] : `${names[mark.from]} to ${names[mark.to]}`
}
