/** The payment page while the order can be paid: the provider's window is open, or the one button opens it. */
import { Link } from '@tanstack/react-router'
import { Landmark, Lock } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Order } from '../../../../../client/shapes.ts'
import { Button, buttonClass } from '../../../../ui/button.tsx'
import { countOf, formatClock } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { useNow } from '../../lib/use-now.ts'
import { Aside, Lead, type SceneProps } from './scene-parts.tsx'

/** Not paid, and payable: why, until when, and the one button. */
export function Payable({ scene, order, payment, state }: SceneProps) {
  const { step } = payment
  // What the shop's account does not take now it does not take at the next press either.
  const isRefused = step.step === 'stuck' && step.problem.code === 'payment_refused'
  const reason = declineReason(order, step.step === 'left' || step.step === 'open' ? step.declined : null)
  return (
    <>
      <Lead>
        {scene === 'declined' && (
          <>
            {reason && `${endSentence(reason)} `}
            {state.outcome === 'declined' ? 'No money was taken. ' : 'We have seen no money for it. '}
            <Kept order={order} things="Your box and its prices are kept" />
          </>
        )}
        {scene === 'left' && (
          <>
            {/* A closed window is no proof that nothing was charged: the bank may still say yes. */}
            We have seen no money for this order. <Kept order={order} things="It waits" />
          </>
        )}
        {scene === 'unpaid' && (
          <>
            We have seen no payment for it yet. <Kept order={order} things="It is kept for you" />
          </>
        )}
        {scene === 'unreachable' && step.step === 'stuck' && (
          <>
            {step.problem.code === 'provider_unavailable'
              ? 'The provider did not answer. '
              : `${endSentence(step.problem.message)} `}
            {!isRefused && 'Nothing was charged. '}
            <Kept order={order} things={isRefused ? 'Your order is kept' : 'Your order waits'} />
          </>
        )}
      </Lead>
      <div className="mt-7 flex flex-col gap-3 sm:flex-row">
        {!isRefused && (
          <Button
            size="hero"
            className="sm:flex-1"
            onClick={payment.pay}
            disabled={order !== undefined && !order.canPay}
          >
            <span>Pay {order && <Money amount={order.total} currency={order.currency} />}</span>
          </Button>
        )}
        {order && (
          <Link
            to="/orders/$orderId"
            params={{ orderId: order.id }}
            className={buttonClass({ variant: 'outline', size: 'hero', className: 'sm:flex-1' })}
          >
            See the order
          </Link>
        )}
      </div>
      {scene === 'declined' ? (
        <Aside icon={<Landmark size={18} strokeWidth={1.7} aria-hidden="true" />}>
          <b className="text-ink">Do you see a charge at your bank?</b> Banks sometimes hold money for a declined
          payment and let it go in 3 to 5 working days. If it does arrive here, we confirm your order or send it back,
          by itself.
          {order && (
            <>
              {' '}
              Quote <span className="num font-strong">{order.number}</span>.
            </>
          )}
        </Aside>
      ) : scene === 'unreachable' ? null : (
        <Aside icon={<Lock size={18} strokeWidth={1.7} aria-hidden="true" />}>
          <b className="text-ink">Did you approve it in your bank’s app after all?</b> Then wait a moment: this page
          notices by itself, and you are charged once.
        </Aside>
      )}
    </>
  )
}

/** A window that has not shown by then mostly never will: something in the browser keeps it from opening. */
const WINDOW_IS_LATE_MS = 10_000

/** The provider's window lies over this page, or the browser is on its way to the provider. */
export function Paying({ order, payment }: SceneProps) {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), WINDOW_IS_LATE_MS)
    return () => clearTimeout(timer)
  }, [])
  const declined = payment.step.step === 'open' ? payment.step.declined : null
  return (
    <>
      <Lead>
        {declined === null
          ? 'The provider’s window is opening. Come back here by paying or by closing it.'
          : `${endSentence(declined)} You can try another way in the window.`}
      </Lead>
      {order && (
        <p className="mt-6 text-figure">
          <Money amount={order.total} currency={order.currency} />
        </p>
      )}
      {isLate && (
        <Button variant="outline" size="touch" className="mt-6" onClick={payment.leave}>
          I see no window
        </Button>
      )}
    </>
  )
}

/** Until when an unpaid order is kept: "Your order waits until 3:01 pm, 24 minutes from now." */
function Kept({ order, things }: { order: Order | undefined; things: string }) {
  const now = useNow(10_000)
  if (order?.expiresAt == null) return null
  const minutes = Math.ceil((new Date(order.expiresAt).getTime() - now) / 60_000)
  if (minutes <= 0) return 'Its time is over.'
  return (
    <>
      {things} until <b className="num text-ink">{formatClock(order.expiresAt)}</b>, {countOf(minutes, 'minute')} from
      now.
    </>
  )
}

/** What the provider said about the last try that failed. */
function declineReason(order: Order | undefined, fromWindow: string | null): string | null {
  const failed = order?.payments
    .flatMap((payment) => payment.attempts)
    .filter((attempt) => attempt.status === 'failed')
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt))
    .at(-1)
  return failed?.errorDescription ?? (fromWindow === '' ? null : fromWindow)
}

function endSentence(text: string): string {
  return /[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
}
