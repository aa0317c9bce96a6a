/** What is promised and has not happened: the last, stitched rows of a story. */
import type { Order } from '../../../../../shared/contract/orders.ts'
import { latestRefund } from '../../../../../shared/bank-days.ts'
import { providerName } from '../../../../ui/format.ts'
import { partState } from '../../../../ui/status-words.ts'
import { joinNames } from '../../lib/join-names.ts'
import type { StoryRow } from './story-row.ts'

/** Rows for everything that is still expected, in no particular order. */
export function stillToCome(order: Order): StoryRow[] {
  return [...expiry(order), ...confirmation(order), ...acceptances(order), ...refunds(order)]
}

function row(fields: Pick<StoryRow, 'key' | 'at' | 'mark' | 'title' | 'detail'> & Partial<StoryRow>): StoryRow {
  return { tone: 'coming', money: null, folds: [], provider: null, isMoney: false, isCall: false, ...fields }
}

function expiry(order: Order): StoryRow[] {
  if (order.status === 'pending' && order.paymentStatus === 'under_review') {
    return [
      row({
        key: 'coming-decision',
        at: null,
        mark: { at: 'hundi' },
        title: 'A person decides about the money',
        detail: ['The order does not end by time before, and cannot be paid again.'],
      }),
    ]
  }
  if (order.status !== 'pending' || !order.expiresAt || order.paymentStatus === 'verified') return []
  return [
    row({
      key: 'coming-expiry',
      at: order.expiresAt,
      mark: { at: 'hundi' },
      title: 'Order ends unless it is paid',
      detail: ['Then stock and coupon are free again. Money that comes later is settled or sent back.'],
    }),
  ]
}

function confirmation(order: Order): StoryRow[] {
  const open = order.payments.find((payment) => payment.status === 'verified' || payment.status === 'authorized')
  if (!open) return []
  return [
    row({
      key: 'coming-confirmation',
      at: null,
      mark: { from: 'provider', to: 'hundi' },
      provider: open.provider,
      title: `${providerName(open.provider)} confirms the money`,
      detail: ['By webhook, or when it is asked again, whichever comes first.'],
      isMoney: true,
    }),
  ]
}

function acceptances(order: Order): StoryRow[] {
  const waiting = order.shopOrders.filter((part) => partState(part) === 'awaiting_acceptance')
  if (waiting.length === 0) return []
  return [
    row({
      key: 'coming-acceptance',
      at: null,
      mark: { from: 'shops', to: 'hundi' },
      title: `${joinNames(waiting.map((part) => part.shopName))} ${waiting.length === 1 ? 'answers' : 'answer'}`,
      detail: ['A part that is not accepted in time goes back to the shopper.'],
    }),
  ]
}

function refunds(order: Order): StoryRow[] {
  return order.payments.flatMap((payment) =>
    payment.refunds
      .filter((refund) => refund.status === 'requested' || refund.status === 'processing')
      .map((refund) => {
        const money = { amount: -refund.amount, currency: refund.currency }
        const key = `coming-refund-${refund.id}`
        if (refund.approval === 'pending') {
          return row({
            key,
            at: null,
            mark: { at: 'hundi' },
            title: 'A second person agrees, or declines',
            detail: ['Nothing is sent before.'],
            money,
            isMoney: true,
          })
        }
        return row({
          key,
          at: refund.destination === 'wallet' ? null : latestRefund(refund.createdAt, payment.method),
          mark: { from: 'provider', to: 'hundi' },
          provider: payment.provider,
          title: 'Refund reaches the bank',
          detail: ['Not known yet. We keep asking.'],
          money,
          isMoney: true,
        })
      }),
  )
}
