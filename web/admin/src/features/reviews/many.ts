/** Answering several questions of one kind together: which can be chosen, what they offer in common, and its words. Pure. */
import type { ReviewAction, ReviewItem, ReviewResult } from '../../../../../shared/contract/reviews.ts'
import { add } from '../../../../../shared/money.ts'
import { countOf } from '../../../../ui/format.ts'

/** As many as the API takes in all; they are sent a few at a time, so that one sees how far it is. */
export const MOST_CHOSEN = 100
const AT_A_TIME = 5

/** These name an order or a transfer, so they are one question's own. */
const OWN: ReadonlySet<ReviewAction> = new Set(['attach', 'paid_back_elsewhere'])

export type Chosen = {
  items: ReviewItem[]
  /** What every one of them offers, most fitting first. */
  actions: ReviewAction[]
  /** What they are about together, by currency. */
  sums: { currency: string; amount: number }[]
}

/** What was chosen among the questions that are shown. */
export function chosenOf(shown: readonly ReviewItem[], ids: ReadonlySet<string>): Chosen {
  const items = shown.filter((item) => ids.has(item.id))
  const [first] = items
  const sums = new Map<string, number>()
  for (const { amount, currency } of items) {
    if (amount !== null && currency !== null) sums.set(currency, add(sums.get(currency) ?? 0, amount))
  }
  return {
    items,
    actions: (first?.actions ?? []).filter(
      (action) => !OWN.has(action) && items.every((item) => item.actions.includes(action)),
    ),
    sums: [...sums].map(([currency, amount]) => ({ currency, amount })),
  }
}

/** Only questions of one kind have one answer; and there is an end to how many. */
export function canChoose(item: ReviewItem, chosen: Chosen): boolean {
  const [first] = chosen.items
  if (chosen.items.some((each) => each.id === item.id)) return true
  return (first === undefined || first.kind === item.kind) && chosen.items.length < MOST_CHOSEN
}

/** All that are shown of the kind of the first one, as many as can be chosen. */
export function allOfKind(shown: readonly ReviewItem[], kind: string): Set<string> {
  return new Set(
    shown
      .filter((item) => item.kind === kind)
      .slice(0, MOST_CHOSEN)
      .map((item) => item.id),
  )
}

export function portionsOf(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / AT_A_TIME) }, (_, at) =>
    ids.slice(at * AT_A_TIME, (at + 1) * AT_A_TIME),
  )
}

/** What an answer means for each of them, and its button. */
export function manyWords(
  action: ReviewAction,
  count: number,
): { label: string; consequence: string; confirm: string } {
  const them = countOf(count, 'question')
  switch (action) {
    case 'refund':
      return {
        label: 'Send the money back',
        consequence: 'Each goes back to where it came from.',
        confirm: `Send the money of ${them} back`,
      }
    case 'refund_to_wallet':
      return {
        label: 'Put the money in the customers’ wallets',
        consequence: 'They can spend it at once; it never leaves the shop.',
        confirm: `Put the money of ${them} in wallets`,
      }
    case 'confirm':
      return {
        label: 'Take each as the payment of its order',
        consequence: 'The orders count as paid. What is too much goes back; what is missing is written off.',
        confirm: `Confirm ${countOf(count, 'order')}`,
      }
    case 'write_off':
      return {
        label: 'Write it off',
        consequence: 'Nobody gets it back and it pays for nothing. It moves to the write-offs for good.',
        confirm: `Write off ${them}`,
      }
    case 'approve':
      return {
        label: 'Agree to each',
        consequence: 'Each is done as it was asked for. You are the second person.',
        confirm: `Agree to ${countOf(count, 'decision')}`,
      }
    case 'decline':
      return {
        label: 'Decline each',
        consequence: 'Nothing of it is done, and things stay as they were.',
        confirm: `Decline ${countOf(count, 'decision')}`,
      }
    case 'ask':
      return {
        label: 'Ask the provider about each once more',
        consequence: 'Those that its answer settles are closed. The others stay.',
        confirm: `Ask about ${them}`,
      }
    case 'dismiss':
    case 'attach':
    case 'paid_back_elsewhere':
      return {
        label: 'Nothing is to be done',
        consequence: 'No money moves. Your reason says why.',
        confirm: `Close ${them}, move nothing`,
      }
  }
}

export type Left = {
  id: string
  why: string
  /** Whether it can be answered anew. */
  isOffered: boolean
}

/** Those that are not closed by the answer, with why. */
export function leftOpen(results: readonly ReviewResult[]): Left[] {
  return results.flatMap(({ id, item, error }): Left[] => {
    if (error !== null) return [{ id, why: error.message, isOffered: true }]
    if (item?.resolvedAt !== null) return []
    return item.waitsFor === null
      ? [{ id, why: 'The provider’s answer does not settle it.', isOffered: true }]
      : [{ id, why: 'Asked for. It is done when a second person agrees.', isOffered: false }]
  })
}
