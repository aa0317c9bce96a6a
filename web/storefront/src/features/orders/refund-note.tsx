import type { Order } from '../../../../../client/shapes.ts'
import { formatClock, formatDate, formatNearDate, providerName } from '../../../../ui/format.ts'
import { Glyph } from '../../../../ui/glyph.tsx'
import { Money } from '../../../../ui/money.tsx'
import { BANK_DAYS, latestArrival } from './bank-days.ts'
import { paidAttempt, refundsOf } from './order-timeline.ts'

/** Money on its way back: how much, where to, until when. A refund that a bank would not take says who is on it. */
export function RefundNotes({ order, now }: { order: Order; now: number }) {
  const attempt = paidAttempt(order)
  return refundsOf(order).map((refund) => {
    const amount = <Money amount={refund.amount} currency={refund.currency} />
    const payment = order.payments.find((candidate) => candidate.id === refund.paymentId)
    const target = refund.destination === 'wallet' ? 'your wallet' : (attempt?.methodDetail ?? 'the way you paid')
    const by = latestArrival(refund.processedAt ?? refund.createdAt, BANK_DAYS[attempt?.method ?? ''] ?? 7)
    if (refund.status === 'processed' && new Date(by).getTime() < now) return null
    return (
      <div
        key={refund.id}
        className="mb-7 grid max-w-[640px] grid-cols-[auto_1fr] gap-[.9rem] border-l-[3px] border-dashed border-refunded-mark py-1 pl-[1.1rem]"
        style={refund.status === 'processed' ? { borderLeftStyle: 'solid' } : undefined}
      >
        <Glyph look={refund.status === 'failed' ? 'failed' : 'refunded'} className="mt-[3px] size-[22px]" />
        <p className="text-read">
          <b>
            {amount} {refund.status === 'processed' ? 'was sent back to' : 'is going back to'} {target}.
          </b>{' '}
          {refund.status === 'failed' ? (
            'The bank would not take it. A person is on it.'
          ) : (
            <>
              {refund.text} We asked {providerName(payment?.provider ?? 'the provider')} on{' '}
              {formatDate(refund.createdAt)} at {formatClock(refund.createdAt)}; banks take until{' '}
              <b>{formatNearDate(by, now)}</b>. You need do nothing.
            </>
          )}
        </p>
      </div>
    )
  })
}
