import type { ReactNode } from 'react'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { subtract } from '../../../../../shared/money.ts'
import { cn } from '../../../../ui/class-names.ts'
import { countryName, maskPhone, providerName } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { feeOf } from './deeds.ts'
import type { MoneySplit } from './money-split.ts'

/** The order's price as the server computed it. */
export function Bill({ order }: { order: Order }) {
  const { currency } = order
  return (
    <dl className="grid gap-[.55rem]">
      <Line words="Things" amount={order.subtotal} currency={currency} />
      {order.discount > 0 && (
        <Line words={order.couponCode ?? 'Discount'} amount={-order.discount} currency={currency} />
      )}
      <Line words="Delivery" amount={order.deliveryFee} currency={currency} />
      {order.tax > 0 && <Line words="Tax" amount={order.tax} currency={currency} />}
      <Line
        words={<b>Total</b>}
        amount={order.total}
        currency={currency}
        className="mt-[.35rem] border-t-2 border-ink pt-[.85rem] text-ink"
        isStrong
      />
      {order.taxIncluded > 0 && (
        <Line words="GST in it" amount={order.taxIncluded} currency={currency} className="text-small" />
      )}
    </dl>
  )
}

/** What is left for the shops after the provider's fee; nothing where no fee is known. */
export function AfterFees({ order, split }: { order: Order; split: MoneySplit }) {
  const fee = feeOf(order)
  if (!fee || split.captured === 0) return null
  return (
    <RailSection title="After fees">
      <dl className="grid gap-[.55rem] text-small">
        <Line words="Kept" amount={split.kept} currency={order.currency} />
        <Line words={`${providerName(fee.provider)} fee`} amount={-fee.amount} currency={order.currency} />
        <Line
          words={<b>Net</b>}
          amount={subtract(split.kept, fee.amount)}
          currency={order.currency}
          className="text-ink"
          isStrong
        />
      </dl>
    </RailSection>
  )
}

export function Customer({ order }: { order: Order }) {
  const address = order.shippingAddress
  return (
    <>
      <RailSection title="Customer">
        <b className="wrap-anywhere">{address?.name ?? order.email ?? 'Guest'}</b>
        <p className="text-small wrap-anywhere text-ink-2">
          {order.email && (
            <>
              <a href={`mailto:${order.email}`} className="hover:underline">
                {order.email}
              </a>
              <br />
            </>
          )}
          {address && maskPhone(address.phone)}
        </p>
        <p className="mt-1 text-small text-ink-3">{order.userId ? 'Has an account' : 'Ordered as a guest'}</p>
      </RailSection>
      {address && (
        <RailSection title="Deliver to">
          <address className="text-small wrap-anywhere text-ink-2 not-italic">
            {address.line1}
            <br />
            {address.line2 && (
              <>
                {address.line2}
                <br />
              </>
            )}
            {[address.city, address.state].filter(Boolean).join(', ')} {address.postalCode}
            {address.country !== 'IN' && `, ${countryName(address.country)}`}
          </address>
        </RailSection>
      )}
    </>
  )
}

export function RailSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-rule py-[1.1rem]">
      <h2 className="mb-[.45rem] text-micro text-ink-3">{title}</h2>
      {children}
    </section>
  )
}

function Line({
  words,
  amount,
  currency,
  className,
  isStrong = false,
}: {
  words: ReactNode
  amount: number
  currency: string
  className?: string
  isStrong?: boolean
}) {
  return (
    <div className={cn('flex items-baseline justify-between gap-4 text-ink-2', className)}>
      <dt>{words}</dt>
      <dd>
        <Money amount={amount} currency={currency} className={cn(isStrong && 'font-strong')} />
      </dd>
    </div>
  )
}
