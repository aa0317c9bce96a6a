import { ChevronDown, ShoppingCart, Tag, X } from 'lucide-react'
import { useId, useState, type FormEvent, type ReactNode } from 'react'
import type { Quote } from '../../../../../client/shapes.ts'
import { Button } from '../../../../ui/button.tsx'
import { Field } from '../../../../ui/field.tsx'
import { countOf, sentence } from '../../../../ui/format.ts'
import { Glyph } from '../../../../ui/glyph.tsx'
import { Money } from '../../../../ui/money.tsx'
import { Picture } from '../../lib/picture.tsx'
import { splitTitle } from '../../lib/split-title.ts'
import { Bill } from './bill.tsx'

export type CouponState = {
  /** The code that is asked for with the price. */
  code: string | null
  problem: string | null
  isAsking: boolean
  onUse: (code: string) => void
  onDrop: () => void
}

type SummaryProps = { quote: Quote; before: number | null; stale: boolean; coupon: CouponState; notice: ReactNode }

/** What is bought and what it costs: beside the form where there is room. */
export function Summary({ quote, before, stale, coupon, notice }: SummaryProps) {
  return (
    <>
      {quote.shops.map((shop) => (
        <div key={shop.shopId}>
          <h3 className="mt-4 mb-1 text-small font-semibold text-ink-2 first:mt-0">{shop.name}</h3>
          <ul>
            {quote.items
              .filter((item) => item.shopId === shop.shopId)
              .map((item) => (
                <SummaryLine key={item.productId} item={item} quote={quote} />
              ))}
          </ul>
        </div>
      ))}
      {quote.couponsAccepted === true ? <Coupon coupon={coupon} /> : <div className="h-5" />}
      {notice}
      <Bill bill={quote} couponCode={coupon.code} before={before} stale={stale} />
    </>
  )
}

/** The same, folded to one line on top of a phone's screen. */
export function FoldedSummary(props: SummaryProps) {
  const { quote } = props
  const things = quote.items.reduce((count, item) => count + item.quantity, 0)
  return (
    <details className="group -mx-4 border-y border-rule bg-sunken px-4">
      <summary className="flex min-h-[52px] list-none items-center gap-2 font-strong [&::-webkit-details-marker]:hidden">
        <ShoppingCart size={18} strokeWidth={1.7} aria-hidden="true" />
        {countOf(things, 'thing')}, {countOf(quote.shops.length, 'shop')}
        <ChevronDown
          size={18}
          strokeWidth={1.7}
          aria-hidden="true"
          className="transition-transform group-open:rotate-180"
        />
        <Money amount={quote.total} currency={quote.currency} className="ml-auto" />
      </summary>
      <div className="pt-2 pb-6">
        <Summary {...props} />
      </div>
    </details>
  )
}

function SummaryLine({ item, quote }: { item: Quote['items'][number]; quote: Quote }) {
  const { name, detail } = splitTitle(item.title)
  const problems = quote.problems.filter((problem) => problem.productId === item.productId)
  return (
    <li className="flex items-center gap-[.9rem] py-[.55rem]">
      <span className="relative size-[60px] flex-none">
        <Picture src={item.image} eager className="size-full rounded-2" />
        <span
          aria-hidden="true"
          className="num absolute -top-[7px] -right-[7px] min-w-5 rounded-full bg-ink px-1 text-center text-micro leading-5 font-semibold text-page"
        >
          {item.quantity}
        </span>
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-strong">
          <span className="sr-only">{item.quantity} × </span>
          {name}
        </span>
        {detail && <span className="block text-small text-ink-2">{sentence(detail)}</span>}
        {problems.map((problem) => (
          <span key={problem.code} className="mt-0.5 flex items-center gap-[.4em] text-small font-medium text-failed">
            <Glyph look="failed" />
            {problem.message}
          </span>
        ))}
      </span>
      <Money amount={item.total} currency={quote.currency} />
    </li>
  )
}

function Coupon({ coupon }: { coupon: CouponState }) {
  const [isOpen, setOpen] = useState(false)
  const form = useId()
  const isOn = coupon.code !== null && coupon.problem === null
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const code = new FormData(event.currentTarget).get('coupon')
    if (typeof code === 'string' && code.trim() !== '') coupon.onUse(code.trim().toUpperCase())
  }
  if (isOn && !coupon.isAsking) {
    return (
      <p className="mt-5 mb-5 flex items-center gap-[.6rem] rounded-2 border border-dashed border-paid-mark py-1 pr-1 pl-3 font-semibold text-paid">
        <Tag size={18} strokeWidth={1.7} aria-hidden="true" />
        <span className="min-w-0 flex-1 truncate">{coupon.code} is on</span>
        <button
          type="button"
          aria-label={`Take ${coupon.code ?? 'the coupon'} off`}
          className="grid size-11 place-items-center rounded-2 hover:bg-hover"
          onClick={coupon.onDrop}
        >
          <X size={18} strokeWidth={1.7} aria-hidden="true" />
        </button>
      </p>
    )
  }
  if (!isOpen && coupon.problem === null && !coupon.isAsking) {
    return (
      <button type="button" className="link mt-4 mb-4 flex min-h-11 items-center gap-2" onClick={() => setOpen(true)}>
        <Tag size={16} strokeWidth={1.7} aria-hidden="true" />
        Use a coupon
      </button>
    )
  }
  return (
    <form id={form} onSubmit={submit} className="mt-5 mb-5 flex items-start gap-3">
      <Field
        label="Coupon"
        name="coupon"
        defaultValue={coupon.code ?? ''}
        maxLength={40}
        autoCapitalize="characters"
        autoComplete="off"
        spellCheck={false}
        error={coupon.problem}
        className="uppercase"
        wrapperClassName="min-w-0 flex-1"
      />
      <Button
        type="submit"
        variant="outline"
        className="mt-[1.425rem] h-[46px]"
        busy={coupon.isAsking}
        busyLabel="Asking"
      >
        Use it
      </Button>
    </form>
  )
}
