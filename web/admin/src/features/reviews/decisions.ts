/**
 * The ways to answer a question, in words: what each brings about for the money and the order, and what its button
 * says. Which of them a question has is the server's word; it also looks at the provider once more before it acts. Pure.
 */
import type { ReviewAction, ReviewItemDetail } from '../../../../../shared/contract/reviews.ts'
import { providerName } from '../../../../ui/format.ts'
import type { Phrase } from '../../../../ui/phrase.ts'
import { surplusOf } from './question.ts'

export type Decision = {
  action: ReviewAction
  label: Phrase
  consequences: Phrase
  /** The button, named after its outcome. */
  confirm: Phrase
  busy: string
  /** What the answer takes besides its reason. */
  needs: 'nothing' | 'reference' | 'order'
}

/** The decisions of a question, most fitting first. */
export function decisionsOf(detail: ReviewItemDetail): Decision[] {
  return detail.item.actions.map((action) => {
    const decision = decisionOf(action, detail)
    return needsSecond(action, detail) ? asked(decision) : decision
  })
}

/** Answers by which money leaves. */
const LETTING_GO: ReadonlySet<ReviewAction> = new Set([
  'confirm',
  'refund',
  'refund_to_wallet',
  'paid_back_elsewhere',
  'write_off',
])

/** Whether it is known beforehand that the answer is more than one person may give. The server has the last word. */
function needsSecond(action: ReviewAction, detail: ReviewItemDetail): boolean {
  const { alone, item } = detail
  // What a rule has decided may be given by one person, when it counts already.
  if (alone === null || item.kind === 'refund_by_hand' || !LETTING_GO.has(action)) return false
  const amount = action === 'confirm' ? Math.abs(surplusOf(detail) ?? 0) : (item.amount ?? 0)
  return amount > alone
}

function asked(decision: Decision): Decision {
  const [verb, ...rest] = decision.confirm
  const confirm = typeof verb === 'string' ? [`Ask to ${verb.charAt(0).toLowerCase()}${verb.slice(1)}`, ...rest] : []
  return {
    ...decision,
    consequences: [...decision.consequences, ' A second person must agree first; nothing is done until then.'],
    confirm,
    busy: 'Asking for it',
  }
}

function decisionOf(action: ReviewAction, detail: ReviewItemDetail): Decision {
  const { item } = detail
  const provider = item.provider ? providerName(item.provider) : 'The provider'
  const money: Phrase[number] =
    item.amount !== null && item.currency !== null ? { amount: item.amount, currency: item.currency } : 'it'
  const order = item.orderNumber ?? 'the order'
  const plain = { action, busy: 'Doing it', needs: 'nothing' } as const
  switch (action) {
    case 'refund': {
      const isAgain = item.kind === 'refund_failed'
      return {
        ...plain,
        label: isAgain ? ['Try once more to send back ', money] : ['Send back ', money],
        consequences: [
          isAgain ? 'It goes the same way as before. ' : 'It goes back to where it came from. ',
          detail.orderStatus === 'pending'
            ? 'The order stays unpaid and can be paid anew.'
            : 'The order stays as it is.',
        ],
        confirm: ['Send back ', money],
        busy: `Asking ${provider}`,
      }
    }
    case 'refund_to_wallet':
      return {
        ...plain,
        label: ['Put ', money, ' in the customer’s wallet'],
        consequences: ['They can spend it at once; it never leaves the shop.'],
        confirm: ['Put ', money, ' in the wallet'],
        busy: 'Putting it in the wallet',
      }
    case 'paid_back_elsewhere':
      return {
        ...plain,
        label: ['I have given it back another way'],
        consequences: [
          'From the shop’s own bank account, say. The books close the debt of ',
          money,
          '; nothing is sent from here.',
        ],
        confirm: ['Close the debt of ', money],
        busy: 'Closing it',
        needs: 'reference',
      }
    case 'confirm':
      return confirming(detail, plain)
    case 'attach':
      return {
        ...plain,
        label: ['It pays an order'],
        consequences: [
          money,
          ' counts for the order that you name, as if it had been paid there: it confirms the order, or waits, or goes back.',
        ],
        confirm: ['Let ', money, ' pay it'],
        busy: `Asking ${provider}`,
        needs: 'order',
      }
    case 'write_off':
      return {
        ...plain,
        label: ['Write off ', money],
        consequences: ['Nobody gets it back and it pays for nothing. It moves to the write-offs for good.'],
        confirm: ['Write off ', money],
        busy: 'Writing it off',
      }
    case 'approve':
      if (item.kind === 'decision_approval') return agreeing(detail, money, plain)
      return {
        ...plain,
        label: ['Agree'],
        consequences: [money, ` of ${order} is sent back. You are the second person: another one has asked for it.`],
        confirm: ['Agree, send back ', money],
        busy: `Asking ${provider}`,
      }
    case 'decline':
      if (item.kind === 'decision_approval') {
        // Whoever asked for it is offered nothing else.
        const isOwn = !item.actions.includes('approve')
        return {
          ...plain,
          label: [isOwn ? 'Take it back' : 'Decline'],
          consequences: ['Nothing of it is done, and it can be decided about anew.'],
          confirm: [isOwn ? 'Take it back' : 'Decline, do nothing'],
          busy: isOwn ? 'Taking it back' : 'Declining',
        }
      }
      return {
        ...plain,
        label: ['Decline'],
        consequences: [money, ' stays. Nothing is sent, and the sale stands as it was.'],
        confirm: ['Keep ', money],
        busy: 'Declining',
      }
    case 'ask':
      return {
        ...plain,
        label: [`Ask ${provider} once more`],
        consequences: ['If the answer settles it, this is closed. If not, it stays.'],
        confirm: [`Ask ${provider}`],
        busy: `Asking ${provider}`,
      }
    case 'dismiss':
      return {
        ...plain,
        label: ['Nothing is to be done'],
        consequences: ['No money moves. Your reason says why.'],
        confirm: ['Close it, move nothing'],
        busy: 'Closing it',
      }
  }
}

/** Agreeing to what another admin has decided, which is then done as it was asked for. */
function agreeing(
  { item, evidence }: ReviewItemDetail,
  money: Phrase[number],
  plain: { action: ReviewAction; needs: 'nothing' },
): Decision {
  const order = item.orderNumber ?? 'The order'
  const ways: Record<string, { consequences: Phrase; confirm: Phrase }> = {
    cancel: {
      consequences: [`${order} is cancelled, and `, money, ' goes back to where it came from.'],
      confirm: ['Agree, send back ', money],
    },
    mark_paid: {
      consequences: [`${order} counts as paid with `, money, ', and its shops are told.'],
      confirm: ['Agree, ', money, ' is there'],
    },
    confirm: {
      consequences: [`${order} counts as paid, and its shops are told. What is short is lost; what is over goes back.`],
      confirm: ['Agree, take it as paid'],
    },
    refund: { consequences: [money, ' goes back to where it came from.'], confirm: ['Agree, send back ', money] },
    refund_to_wallet: {
      consequences: [money, ' is in the customer’s wallet at once.'],
      confirm: ['Agree, put ', money, ' in the wallet'],
    },
    paid_back_elsewhere: {
      consequences: ['The books close the debt of ', money, '. Look at the bank’s statement first.'],
      confirm: ['Agree, close the debt of ', money],
    },
    write_off: { consequences: [money, ' moves to the write-offs for good.'], confirm: ['Agree, write off ', money] },
  }
  const way = ways[String(evidence.action)] ?? { consequences: [item.summary], confirm: ['Agree to it'] }
  return { ...plain, ...way, label: ['Agree'], busy: 'Doing it' }
}

function confirming(
  detail: ReviewItemDetail,
  plain: { action: ReviewAction; busy: string; needs: 'nothing' },
): Decision {
  const { item } = detail
  const surplus = surplusOf(detail)
  const order = item.orderNumber ?? 'The order'
  if (!surplus || item.currency === null) {
    return {
      ...plain,
      label: ['Take it as the payment of the order'],
      consequences: [`${order} counts as paid, and its shops are told.`],
      confirm: [`Confirm ${order}`],
      busy: 'Confirming',
    }
  }
  const difference = { amount: Math.abs(surplus), currency: item.currency }
  return surplus > 0
    ? {
        ...plain,
        label: ['Accept the order and give back ', difference],
        consequences: [
          `${order} counts as paid, and its shops are told. `,
          difference,
          ' goes back to where it came from.',
        ],
        confirm: ['Accept, give back ', difference],
        busy: 'Confirming',
      }
    : {
        ...plain,
        label: ['Accept the order and write off ', difference],
        consequences: [
          `${order} counts as paid, and its shops are told. The missing `,
          difference,
          ' is lost for good.',
        ],
        confirm: ['Accept, write off ', difference],
        busy: 'Confirming',
      }
}

/** Why a question offers nothing to whoever looks at it. */
export function whyNothing({ item: { kind, waitsFor } }: ReviewItemDetail): string {
  if (waitsFor !== null) return 'A decision about it waits for a second person. Until then nothing else can be decided.'
  return kind === 'refund_approval'
    ? 'You asked for this refund, so you cannot be the second person. Another admin has to agree or decline.'
    : 'There is nothing to decide here now. It closes by itself when the provider has answered.'
}
