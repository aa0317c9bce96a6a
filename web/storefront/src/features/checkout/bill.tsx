import type { ReactNode } from 'react'
import type { Quote } from '../../../../../client/shapes.ts'
import { cn } from '../../../../ui/class-names.ts'
import { countInWords } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'

/** What an order costs, line by line, exactly as the server said it. Nothing is added up here. */
export type BillAmounts = Pick<
  Quote,
  'currency' | 'subtotal' | 'discount' | 'deliveryFee' | 'tax' | 'taxIncluded' | 'total'
> & { shops: readonly { shopId: string; name: string; deliveryFee: number }[] }

/**
 * @param totalLabel what the last line is called
 * @param before a total that was shown earlier and no longer holds
 * @param stale asked again; the old figures stay, dimmed
 */
export function Bill({
  bill,
  couponCode,
  totalLabel = 'To pay',
  before,
  stale = false,
  children,
}: {
  bill: BillAmounts
  couponCode?: string | null
  totalLabel?: string
  before?: number | null
  stale?: boolean
  children?: ReactNode
}) {
  const { currency } = bill
  const charging = bill.shops.filter((shop) => shop.deliveryFee > 0)
  const free = bill.shops.length - charging.length
  return (
    <div aria-busy={stale || undefined} className={cn('transition-opacity delay-300', stale && 'opacity-60')}>
      <dl className="grid gap-[.55rem]">
        <Line name="Things">
          <Money amount={bill.subtotal} currency={currency} />
        </Line>
        {bill.discount > 0 && (
          <Line name={couponCode ?? 'Discount'} className="font-medium text-paid">
            <Money amount={-bill.discount} currency={currency} />
          </Line>
        )}
        {charging.map((shop) => (
          <Line key={shop.shopId} name={`Delivery, ${shop.name}`}>
            <Money amount={shop.deliveryFee} currency={currency} />
          </Line>
        ))}
        {free > 0 && <Line name={freeDelivery(free, charging.length)}>Free</Line>}
        {bill.tax > 0 && (
          <Line name="GST">
            <Money amount={bill.tax} currency={currency} />
          </Line>
        )}
        <div className="mt-[.35rem] flex items-baseline justify-between gap-4 border-t-2 border-ink pt-[.85rem]">
          <dt className="text-h3">{totalLabel}</dt>
          <dd className="text-right">
            {before != null && before !== bill.total && (
              <span className="mr-3">
                <Money amount={before} currency={currency} struck />
              </span>
            )}
            <Money amount={bill.total} currency={currency} size="total" className="leading-none" />
          </dd>
        </div>
        {bill.taxIncluded > 0 && (
          <Line name="GST in it" className="text-small">
            <Money amount={bill.taxIncluded} currency={currency} />
          </Line>
        )}
        {children}
      </dl>
    </div>
  )
}

function Line({ name, className, children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <div className={cn('flex justify-between gap-4 text-ink-2', className)}>
      <dt className="min-w-0">{name}</dt>
      <dd className="flex-none">{children}</dd>
    </div>
  )
}

function freeDelivery(free: number, charging: number): string {
  if (charging === 0) return 'Delivery'
  return `Delivery, ${countInWords(free, 'other shop')}`
}
