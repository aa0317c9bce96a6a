import { Link } from '@tanstack/react-router'
import { useEffect, useRef, type ReactNode } from 'react'
import type { Quote } from '../../../../../client/shapes.ts'
import { Glyph } from '../../../../ui/glyph.tsx'
import { Money } from '../../../../ui/money.tsx'
import { isUnsellable } from './unsellable.ts'
import type { Pressing } from './use-checkout.ts'

/** What stands in the way, above the button that was pressed. Money is never left in doubt here: nothing is charged. */
export function Trouble({
  pressing,
  problems,
  quote,
  onTakeOut,
}: {
  pressing: Pressing
  problems: Quote['problems']
  quote: Quote
  onTakeOut: (productIds: readonly string[]) => void
}) {
  if (pressing.state === 'unknown') {
    return (
      <Notice isAnswer look="pending" title="We do not know yet whether your order arrived">
        {pressing.error.code === 'rate_limited'
          ? 'Too many tries at once. Wait a minute, then press again.'
          : 'The connection broke while ordering. Press again: it can only be ordered once, and nothing is charged yet.'}
      </Notice>
    )
  }
  if (pressing.state === 'kept') {
    return (
      <Notice isAnswer look="pending" title="Your order is kept, but the payment window did not open">
        The provider did not answer. Nothing was charged. Press again in a moment: it is the same order.
      </Notice>
    )
  }
  if (pressing.state === 'unpayable') {
    return (
      <Notice isAnswer look="failed" title="This order cannot be paid here">
        {pressing.error.message} <ChangeTheBox />, or{' '}
        <Link to="/orders/$orderId" params={{ orderId: pressing.orderId }} className="link">
          look at the order
        </Link>
        : it is kept for now, and you can cancel it there.
      </Notice>
    )
  }
  const unsellable = problems.flatMap(({ productId }) => (isUnsellable(productId, quote) ? [productId] : []))
  if (problems.length > 0) {
    return (
      <Notice
        isAnswer={pressing.state === 'refused'}
        look="failed"
        title={pressing.state === 'refused' ? 'Nothing was ordered' : 'This box cannot be ordered as it is'}
      >
        {problems.map((problem) => problem.message).join(' ')}{' '}
        {unsellable.length > 0 && (
          <>
            <button type="button" className="link" onClick={() => onTakeOut(unsellable)}>
              {unsellable.length === 1 ? 'Take it out' : 'Take them out'}
            </button>
            {', or '}
          </>
        )}
        <ChangeTheBox inSentence={unsellable.length > 0} />
        {unsellable.length > 0 && '.'}
      </Notice>
    )
  }
  if (pressing.state === 'refused' && pressing.error.code === 'out_of_stock') {
    return (
      <Notice isAnswer look="failed" title="Nothing was ordered">
        {pressing.error.message} Nothing is charged. Press again in a moment, or <ChangeTheBox inSentence />.
      </Notice>
    )
  }
  if (pressing.state === 'refused') {
    const isPrice = pressing.error.code === 'price_changed'
    return (
      <Notice isAnswer look="failed" title={isPrice ? 'The price has changed' : 'Nothing was ordered'}>
        {isPrice ? (
          <>
            Your total is now <Money amount={quote.total} currency={quote.currency} />. Nothing was ordered or charged.
          </>
        ) : (
          <>
            {pressing.error.message}
            {pressing.error.code === 'too_many_unpaid_orders' && (
              <>
                {' '}
                <Link to="/orders" className="link">
                  My orders
                </Link>
              </>
            )}
          </>
        )}
      </Notice>
    )
  }
  if (quote.paymentMethods.every((way) => !way.available)) {
    return (
      <Notice isAnswer={false} look="failed" title="There is no way to pay right now">
        The shop has to put that right. Your box is kept.
      </Notice>
    )
  }
  return null
}

function ChangeTheBox({ inSentence = false }: { inSentence?: boolean }) {
  return (
    <Link to="/cart" className="link">
      {inSentence ? 'change the box' : 'Change the box'}
    </Link>
  )
}

/** @param isAnswer true for what became of a press: it is brought into sight */
function Notice({
  look,
  title,
  isAnswer,
  children,
}: {
  look: 'failed' | 'pending'
  title: string
  isAnswer: boolean
  children: ReactNode
}) {
  const notice = useRef<HTMLDivElement>(null)
  // A phone's button stays in sight wherever the form stands; what it led to may lie far below.
  useEffect(() => {
    if (isAnswer) notice.current?.scrollIntoView({ block: 'nearest' })
  }, [isAnswer])
  return (
    <div role="alert" ref={notice} className="mt-5 flex scroll-mb-28 gap-3">
      <Glyph look={look} className="mt-[3px] size-[18px]" />
      <div>
        <p className="font-strong">{title}</p>
        <p className="text-ink-2">{children}</p>
      </div>
    </div>
  )
}
