/** What the payment page says while the order can be paid: why it is not, until when, and what to do first. Pure. */
import type { Order } from '../../../../../client/shapes.ts'
import { countOf, formatClock, formatNearDate, sentence } from '../../../../ui/format.ts'
import type { Phrase } from '../../../../ui/phrase.ts'
import { latestReturn } from '../../../../../shared/bank-days.ts'
import { backWords } from './back-words.ts'
import { endSentence, SEE_ORDER, type Facts, type ResultAction, type Words } from './result-facts.ts'

type PayableScene = 'undecided' | 'left' | 'unpaid' | 'declined' | 'unreachable' | 'again'

export function payableWords(facts: Facts, scene: PayableScene, who: string): Words {
  switch (scene) {
    case 'undecided':
      return {
        title: 'Your bank has not answered yet',
        lead: [
          `A payment is under way, and ${who} does not know yet whether it succeeds. If it does, your order is confirmed by itself. `,
          ...kept(facts, 'It waits'),
        ],
        aside: [
          { strong: 'Wait for it before you pay again.' },
          ' If both payments come, one of them goes back to you by itself.',
        ],
        actions: [{ key: 'ask', label: [`Ask ${who} again`] }, ...payAction(facts), SEE_ORDER],
      }
    case 'left':
      return left(facts, who)
    case 'unpaid':
      return {
        title: 'This order waits for your payment',
        lead: ['We have seen no payment for it yet. ', ...kept(facts, 'It is kept for you')],
        aside: APPROVED_AFTER_ALL,
        actions: [...payAction(facts), SEE_ORDER],
      }
    case 'declined':
      return declined(facts)
    case 'unreachable':
      return unreachable(facts)
    case 'again':
      return {
        title: 'This order still waits for your payment',
        lead: [...backWords(facts), ' ', ...kept(facts, 'The order waits')],
        actions: [...payAction(facts), SEE_ORDER],
      }
  }
}

const APPROVED_AFTER_ALL: Phrase = [
  { strong: 'Did you approve it in your bank’s app after all?' },
  ' Then wait a moment: this page notices by itself. If you pay twice, one payment goes back to you by itself.',
]

function left(facts: Facts, who: string): Words {
  const isAnswered = facts.step.step === 'left' && facts.step.isAnswered
  if (isAnswered) {
    return {
      title: 'You left the payment window',
      lead: [`We have asked ${who}: no payment is under way. `, ...kept(facts, 'Your order waits')],
      aside: APPROVED_AFTER_ALL,
      actions: [...payAction(facts), SEE_ORDER],
    }
  }
  return {
    title: 'You left the payment window',
    lead: [
      `${sentence(who)} does not answer at the moment, so we do not know whether a payment is under way. If one comes, your order is confirmed by itself. `,
      ...kept(facts, 'Your order waits'),
    ],
    aside: APPROVED_AFTER_ALL,
    actions: [{ key: 'ask', label: [`Ask ${who} again`] }, ...payAction(facts), SEE_ORDER],
  }
}

function declined(facts: Facts): Words {
  const { order, state, step } = facts
  const fromWindow = step.step === 'left' ? step.declined : null
  const failed = failedTries(order).at(-1)
  const reason = failed?.errorDescription ?? (fromWindow === '' ? null : fromWindow)
  // Only the provider's own word is proof; what its window said may not be the last of it.
  const isSure = state?.paymentStatus === 'failed' || state?.status === 'failed'
  return {
    title: WHO_DECLINED[failed?.method ?? ''] ?? 'The payment was declined',
    lead: [
      reason === null ? '' : `${endSentence(reason)} `,
      isSure ? 'No money was taken. ' : 'We have seen no money for it. ',
      ...kept(facts, 'Your box and its prices are kept'),
    ],
    aside: [
      { strong: 'Do you see a charge at your bank?' },
      ` Banks sometimes hold money for a declined payment. ${returned(facts, failed?.createdAt)} If it does arrive here, we confirm your order or send it back, by itself.`,
      ...(order === undefined ? [] : [' Quote ', { strong: order.number }, '.']),
    ],
    actions: [...payAction(facts), SEE_ORDER],
  }
}

/** By when the bank gives back what never reached us: Indian banks are held to a date. */
function returned({ order, now }: Facts, triedAt: string | undefined): string {
  if (order !== undefined && order.currency !== 'INR') return 'If it never reaches us, your bank lets it go.'
  const until = latestReturn(triedAt ?? new Date(now).toISOString())
  return `If it never reaches us, your bank must return it by ${formatNearDate(until, now)}.`
}

/** Who said no, where the provider's record tells the way that was tried. */
const WHO_DECLINED: Readonly<Record<string, string>> = {
  card: 'The bank declined this card',
  upi: 'The UPI payment was declined',
  netbanking: 'Your bank declined the payment',
  wallet: 'The wallet declined the payment',
}

function failedTries(order: Order | undefined) {
  return (order?.payments ?? [])
    .flatMap((payment) => payment.attempts)
    .filter((attempt) => attempt.status === 'failed')
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt))
}

function unreachable(facts: Facts): Words {
  const { step } = facts
  const problem = step.step === 'stuck' ? step.problem : { code: '', message: '' }
  // What the shop's account does not take now it does not take at the next press either. The server's words say why.
  if (problem.code === 'payment_refused') {
    return {
      title: 'This order cannot be paid here',
      lead: [`${endSentence(problem.message)} `, ...kept(facts, 'Your order is kept')],
      actions: [SEE_ORDER],
    }
  }
  const why = problem.code === 'provider_unavailable' ? 'The provider did not answer.' : endSentence(problem.message)
  return {
    title: 'The payment window did not open',
    lead: [`${why} Nothing was charged. `, ...kept(facts, 'Your order waits')],
    actions: [...payAction(facts), SEE_ORDER],
  }
}

/** Until when an unpaid order is kept: "It waits until 3:01 pm, 24 minutes from now." */
function kept({ order, now }: Facts, things: string): Phrase {
  if (order?.expiresAt == null) return []
  const minutes = Math.ceil((new Date(order.expiresAt).getTime() - now) / 60_000)
  if (minutes <= 0) return ['Its time is over.']
  return [`${things} until `, { strong: formatClock(order.expiresAt) }, `, ${countOf(minutes, 'minute')} from now.`]
}

/** The button that pays, where the order can be paid. */
function payAction({ order }: Facts): ResultAction[] {
  if (order === undefined || !order.canPay) return []
  return [{ key: 'pay', label: ['Pay ', { amount: order.total, currency: order.currency }] }]
}
