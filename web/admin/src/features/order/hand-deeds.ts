/**
 * What an admin can do to a payment by hand, and what each deed brings about. The provider is asked first each time;
 * what is still unknown after that is left alone. Pure.
 */
import type { Order } from '../../../../../shared/contract/orders.ts'
import { OPEN_PAYMENT_STATUSES } from '../../../../../shared/contract/payments.ts'
import { providerName } from '../../../../ui/format.ts'
import { SECOND_FIRST, type DeedWords } from './deeds.ts'

type Payment = Order['payments'][number]

export type HandDeed = DeedWords & {
  key: 'capture' | 'paid' | 'abandon'
  payment: Payment
  /** Takes the bank's reference of the transfer. */
  asksReference: boolean
}

/** @param alone what one person may let go of the order, in minor units; null: no limit */
export function handDeedsOf(order: Order, alone: number | null): HandDeed[] {
  const deeds: HandDeed[] = []
  for (const payment of order.payments) {
    const authorized = payment.attempts.find((attempt) => attempt.status === 'authorized')
    if (authorized && payment.capturedAmount === 0 && order.status !== 'cancelled') {
      deeds.push(capturing(order, payment, authorized))
    }
  }
  const latest = order.payments.at(-1)
  // Of whatever currency: what came is decided about first.
  const hasMoney = order.money.some(({ captured }) => captured > 0)
  const canBePaid = order.status === 'pending' || (order.status === 'cancelled' && order.cancelReason === 'expired')
  if (latest && canBePaid && !hasMoney) deeds.push(markingPaid(order, latest, alone))
  for (const payment of order.payments) {
    const hasCapture = payment.attempts.some(({ capturedAmount }) => capturedAmount > 0)
    if (OPEN_PAYMENT_STATUSES.has(payment.status) && !hasCapture) deeds.push(abandoning(order, payment))
  }
  return deeds
}

function capturing(order: Order, payment: Payment, { amount, currency }: Payment['attempts'][number]): HandDeed {
  const name = providerName(payment.provider)
  const money = { amount, currency }
  return {
    key: 'capture',
    payment,
    label: 'Capture what is authorized…',
    title: ['Take ', money, ' that the bank holds?'],
    consequences: [
      [`${name} is asked where it is, and then takes `, money, ' for us.'],
      [`${order.number} is confirmed when that is its total, and its shops are told.`],
      ['If nobody takes it, the bank lets it go back to the shopper by itself.'],
    ],
    confirm: ['Capture ', money],
    keep: 'Not now',
    busy: `Asking ${name}`,
    done: `${order.number}: captured`,
    asksReference: false,
  }
}

function markingPaid(order: Order, payment: Payment, alone: number | null): HandDeed {
  const money = { amount: order.total, currency: order.currency }
  const needsSecond = alone !== null && order.total > alone
  return {
    key: 'paid',
    payment,
    label: 'Mark paid by bank transfer…',
    title: ['Has ', money, ' arrived in the bank?'],
    consequences: [
      ...(needsSecond ? [[SECOND_FIRST]] : []),
      [`${order.number} counts as paid with `, money, ', and its shops are told.'],
      ['What is open at the provider is closed. Money that comes there all the same goes back by itself.'],
      ['The reference can pay one order only. The bank’s statement is what the books are checked by.'],
    ],
    confirm: ['Yes, ', money, ' is there'],
    keep: 'Not yet',
    busy: 'Asking the provider first',
    done: `${order.number} is paid`,
    asksReference: true,
  }
}

function abandoning(order: Order, payment: Payment): HandDeed {
  const name = providerName(payment.provider)
  return {
    key: 'abandon',
    payment,
    label: `Give up the payment at ${name}…`,
    title: [`Give up the payment at ${name}?`],
    consequences: [
      [`${name} is asked first. If money has come, nothing is given up.`],
      ['We stop asking about it. Money that comes for it all the same is taken seriously, as ever.'],
      [`${order.number} itself stays as it is.`],
    ],
    confirm: ['Give it up'],
    keep: 'Keep it open',
    busy: `Asking ${name}`,
    done: 'The payment is given up',
    asksReference: false,
  }
}
