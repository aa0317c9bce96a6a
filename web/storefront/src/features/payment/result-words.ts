/**
 * What the payment page says and offers, for each thing that can have become of a payment: which scene it is, its heading,
 * the words below, and the buttons, the first of which is the big one. Pure. Amounts are the server's sums.
 */
import type { Order, OrderPaymentState } from '../../../../../client/shapes.ts'
import { countInWords, providerName, sentence } from '../../../../ui/format.ts'
import { joined, type Phrase } from '../../../../ui/phrase.ts'
import { amountsOf, failedWords, hasAny, heldWords, stayWords } from '../orders/order-money.ts'
import { orderTitle, standingOf } from '../orders/order-words.ts'
import { backWords } from './back-words.ts'
import { payableWords } from './payable-words.ts'
import { endSentence, SEE_ORDER, type Facts, type ResultAction, type ResultWords, type Words } from './result-facts.ts'
import type { Scene } from './scene.ts'

export function resultWords(facts: Facts): ResultWords {
  const { title, lead, aside = null, actions = [] } = wordsOf(facts)
  const number = facts.order?.number ?? facts.state?.orderNumber
  const tab = number === undefined ? TAB[facts.scene] : `${TAB[facts.scene]}, ${number}`
  if (!facts.isStranger) return { title, tab, lead, aside, actions }
  // Whoever came back in another browser is told of the payment, and how to get to the order.
  return { title, tab, lead, aside: strangersWay(number), actions: [{ key: 'sign_in', label: ['Sign in'] }] }
}

const TAB: Readonly<Record<Scene, string>> = {
  asking: 'Your order',
  paying: 'Paying',
  checking: 'Asking about your payment',
  confirming: 'Confirming your payment',
  confirmed: 'Paid',
  under_review: 'We look at your payment',
  not_gone_back: 'Money not sent back yet',
  undecided: 'Your bank has not answered',
  left: 'No payment seen yet',
  unpaid: 'No payment seen yet',
  declined: 'Declined',
  unreachable: 'Not paid yet',
  again: 'Not paid yet',
  going_back: 'Money going back',
  gone_back: 'Money went back',
  stays: 'Order ended',
  ended: 'Order ended',
  signed_out: 'Sign in to see it',
}

function wordsOf(facts: Facts): Words {
  const { scene, order, state, step } = facts
  const who = state?.provider == null ? 'the provider' : providerName(state.provider)
  switch (scene) {
    case 'asking':
      return { title: 'Looking up your order', lead: [] }
    case 'paying': {
      const declined = step.step === 'open' ? step.declined : null
      const lead =
        declined === null
          ? 'The provider’s window is opening. Come back here by paying or by closing it.'
          : `${endSentence(declined)} You can try another way in the window.`
      return { title: 'Pay in the window', lead: [lead] }
    }
    case 'checking':
      return {
        title: 'One moment, we are asking about your payment',
        lead: [
          `You left the payment window. We are asking ${who} whether a payment is under way, so that you do not pay twice. This takes a few seconds.`,
        ],
      }
    case 'confirming':
      return confirming(facts, who)
    case 'confirmed':
      return confirmed(facts)
    case 'under_review':
      return {
        title: titleOf(facts),
        lead: (state && heldWords(faceOf(state))) ?? [],
        aside: canBeClosed(state),
        actions: [SEE_ORDER],
      }
    case 'not_gone_back':
      return {
        title: titleOf(facts),
        lead: (state && failedWords(faceOf(state))) ?? [],
        aside: canBeClosed(state),
        actions: [SEE_ORDER],
      }
    case 'undecided':
    case 'left':
    case 'unpaid':
    case 'declined':
    case 'unreachable':
    case 'again':
      return payableWords(facts, scene, who)
    case 'going_back':
    case 'gone_back':
      return { title: titleOf(facts), lead: backWords(facts), actions: [SEE_ORDER] }
    case 'stays':
      return {
        title: titleOf(facts),
        lead: stayWords(state?.money ?? [], state?.orderNumber ?? order?.number ?? ''),
        actions: [SEE_ORDER],
      }
    case 'ended':
      return {
        title: order === undefined ? 'This order has ended' : endedTitle(order),
        lead: [endedLead(order, state)],
        actions: order === undefined ? [SEE_ORDER] : [{ key: 'refill', label: ['Put it in the box again'] }, SEE_ORDER],
      }
    case 'signed_out':
      return {
        title: 'Sign in to see your payment',
        lead: [
          `You were signed out meanwhile. That changes nothing about your payment: the shop hears of it from ${who} as well. Sign in, and this page goes on. Do not pay again.`,
        ],
        actions: [{ key: 'sign_in', label: ['Sign in'] }],
      }
  }
}

function confirming({ isSlow, step }: Facts, who: string): Words {
  const isDoubted = step.step === 'stuck' && step.problem.code === 'invalid_signature'
  return {
    title: 'We are confirming your payment',
    lead: [
      isDoubted
        ? `What the payment window told us could not be checked, so we are asking ${who} itself.`
        : isSlow
          ? 'This takes longer than usual. We keep asking, also when this page is closed.'
          : `The payment was approved. We are asking ${who} to confirm the money. This mostly takes a few seconds.`,
    ],
    aside: [
      { strong: 'You can close this page.' },
      ' Do not pay again. If the money does not arrive, nothing is charged, or it goes back to your bank by itself. You find the answer under “My orders”.',
    ],
  }
}

function confirmed({ order, state, isStranger }: Facts): Words {
  const money = state?.money ?? order?.money ?? []
  const number = state?.orderNumber ?? order?.number ?? ''
  const shops = order?.shopOrders.filter((part) => standingOf(part) === 'coming').length ?? 0
  const actions: ResultAction[] = [
    { key: 'order', label: ['Follow the order'] },
    { key: 'products', label: ['Back to the counter'] },
  ]
  if (isStranger) {
    return {
      title: 'This payment is in',
      lead: ['Order ', { strong: number }, ' is paid. ', ...paidWords(money, false)],
    }
  }
  if (order?.paymentMethod === 'cod') {
    const total = { amount: order.total, currency: order.currency }
    return {
      title: `Ordered. ${packing(shops)}`,
      lead: ['Order ', { strong: number }, '. You pay ', total, ' at the door.'],
      actions,
    }
  }
  // All of it went back, and the order stands all the same: a kindness of the shop.
  const isPaid = !hasAny(money, 'captured') || hasAny(money, 'kept')
  return {
    title: `${isPaid ? 'Paid.' : 'Your order stands.'} ${packing(shops)}`.trim(),
    lead: ['Order ', { strong: number }, '. ', ...paidWords(money, true)],
    actions,
  }
}

function packing(shops: number): string {
  if (shops === 0) return 'Your order stands.'
  return shops === 1
    ? 'One shop is packing your box.'
    : `${sentence(countInWords(shops, 'shop'))} are packing your box.`
}

/** What was paid, and what became of it where that is not simply that it pays for the order. */
function paidWords(money: OrderPaymentState['money'], isOwn: boolean): Phrase {
  const paid = amountsOf(money, 'captured')
  if (paid.length === 0) return []
  const where = [
    [amountsOf(money, 'kept'), ' pays for it'],
    [amountsOf(money, 'goingBack'), ' is going back to you'],
    [amountsOf(money, 'goneBack'), ' went back to you'],
    [amountsOf(money, 'failedToGoBack'), ' could not be sent back to you yet, and a person is on it'],
    [amountsOf(money, 'heldForReview'), ' is here, and a person looks at it'],
  ] as const
  const told = where.filter(([amounts]) => amounts.length > 0)
  const isPlain = told.length === 1 && hasAny(money, 'kept')
  if (isPlain) return ['You paid ', ...joined(paid), isOwn ? ', once. It stands under “My orders”.' : '.']
  return [
    'You paid ',
    ...joined(paid),
    ': ',
    ...told.flatMap(
      ([amounts, words], index): Phrase => [
        index === 0 ? '' : index === told.length - 1 ? ', and ' : ', ',
        ...joined(amounts),
        words,
      ],
    ),
    '.',
  ]
}

function endedLead(order: Order | undefined, state: OrderPaymentState | undefined): string {
  // Only the provider's own refusal is proof.
  const money = state?.paymentStatus === 'failed' ? 'No money was taken for it.' : 'We have seen no money for it.'
  // What time has ended a payment can revive, while its things are there.
  const isCancelled = order?.cancelReason === 'shopper' || order?.cancelReason === 'admin'
  const late = isCancelled ? 'the money goes back to you' : 'the order is confirmed or the money goes back to you'
  return `${money} What was in it is back on the shelf. If a payment comes after all, ${late}, by itself.`
}

function endedTitle(order: Order): string {
  // Its time is over, and the server has not cleared it away yet.
  return order.status === 'pending' ? 'This order was not paid in time' : orderTitle(order)
}

/** The same heading as on the order's own page. The state is the fresher of the two. */
function titleOf({ order, state }: Facts): string {
  if (state === undefined) return order === undefined ? 'Your payment' : orderTitle(order)
  const { cancelReason = null, shopOrders = [], payments = [] } = order ?? {}
  return orderTitle({ ...faceOf(state), cancelReason, shopOrders, payments })
}

/** What the short state tells of an order. */
function faceOf(state: OrderPaymentState) {
  return {
    status: state.orderStatus as Order['status'],
    paymentStatus: state.paymentStatus as Order['paymentStatus'],
    paymentMethod: 'online' as const,
    currency: state.currency,
    total: state.amount,
    canPay: state.canPay,
    money: state.money,
  }
}

function canBeClosed(state: OrderPaymentState | undefined): Phrase {
  return [
    { strong: 'You can close this page.' },
    ' What becomes of it stands on the order’s page.',
    ...(state === undefined ? [] : [' If you ask the shop, quote ', { strong: state.orderNumber }, '.']),
  ]
}

function strangersWay(number: string | undefined): Phrase {
  return [
    { strong: 'To see the order,' },
    ' open it in the browser in which it was ordered, or sign in as the one who ordered.',
    ...(number === undefined ? [] : [' If neither is to hand, ask the shop and quote ', { strong: number }, '.']),
  ]
}

/** "Asked once so far", "Asked twice so far", "Asked 5 times so far". */
export function askedSoFar(asked: number): string {
  if (asked <= 0) return 'Asking now'
  if (asked === 1) return 'Asked once so far'
  return asked === 2 ? 'Asked twice so far' : `Asked ${asked} times so far`
}
