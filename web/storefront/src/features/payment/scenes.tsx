/** The words below the heading of the payment page, one component for each scene that needs more than a line. */
import { Link, useNavigate } from '@tanstack/react-router'
import { Landmark, Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { useCart, type PaymentView, type usePaymentState } from '../../../../../client/hooks.tsx'
import { LONGER_THAN_USUAL_MS } from '../../../../../client/poll-schedule.ts'
import type { Order } from '../../../../../client/shapes.ts'
import { Button } from '../../../../ui/button.tsx'
import { countInWords, countOf, formatClock, providerName, sentence } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { Status } from '../../../../ui/status.tsx'
import { Picture } from '../../lib/picture.tsx'
import { splitTitle } from '../../lib/split-title.ts'
import { useNow } from '../../lib/use-now.ts'
import { askedSoFar, type Scene } from './result-words.ts'
import { Seconds } from './seconds.tsx'
import { Steps } from './steps.tsx'
import { linkButton } from '../../lib/link-button.ts'

export type SceneProps = {
  scene: Scene
  order: Order | undefined
  payment: PaymentView
  state: ReturnType<typeof usePaymentState>
  /** When this page began to wait for the provider's word. */
  since: number
}

export function Lead({ children }: { children: ReactNode }) {
  return <p className="mt-3 max-w-[44ch] text-[1.1875rem] leading-[1.65rem] text-ink-2">{children}</p>
}

/** Somebody said yes; the server is being told, or asks the provider. */
export function Confirming({ order, payment, state, since }: SceneProps) {
  const now = useNow(1_000)
  const { step } = payment
  const who = providerName(state.state?.provider ?? 'the provider')
  const isSlow = now - since > LONGER_THAN_USUAL_MS
  const isClaim = step.step === 'telling' || step.step === 'stuck'
  const email = order?.email
  return (
    <>
      <Lead>
        {isSlow ? (
          <>This takes longer than usual. We keep asking and write to {email ?? 'you'} when we know.</>
        ) : (
          <>The payment was approved. We are asking {who} to confirm the money. This mostly takes a few seconds.</>
        )}
      </Lead>
      <Trouble payment={payment} state={state} />
      <Steps
        steps={[
          {
            key: 'approved',
            look: 'none',
            title: (
              <>You approved {state.state && <Money amount={state.state.amount} currency={state.state.currency} />}</>
            ),
            detail: isClaim ? 'The payment window said so' : `${who} knows of it`,
            line: isClaim ? 'none' : 'fact',
          },
          {
            key: 'confirming',
            look: 'processing',
            title: `Confirming with ${who}`,
            detail: (
              <>
                {askedSoFar(state.asked)}.{' '}
                {state.nextAskMs !== null && (
                  <>
                    Next in <Seconds key={state.asked} ms={state.nextAskMs} />.
                  </>
                )}
              </>
            ),
            line: 'running',
          },
          {
            key: 'confirmed',
            look: 'none',
            title: 'Order confirmed',
            detail:
              order &&
              `${sentence(countInWords(order.shopOrders.length, 'shop'))} ${order.shopOrders.length === 1 ? 'starts' : 'start'} packing`,
            line: 'none',
          },
        ]}
      />
      <Aside icon={<Lock size={18} strokeWidth={1.7} aria-hidden="true" />}>
        <b className="text-ink">You can close this page.</b> Do not pay again. If the money does not arrive, nothing is
        charged, or it goes back to your bank by itself.{email && ` We write to ${email} either way.`}
      </Aside>
      {state.nextAskMs === null && (
        <Button variant="outline" size="touch" className="mt-5" onClick={state.askNow}>
          Ask once more
        </Button>
      )}
    </>
  )
}

/** A broken network, or a claim that the server could not make sense of. */
function Trouble({ payment, state }: Pick<SceneProps, 'payment' | 'state'>) {
  const { step } = payment
  let words: ReactNode = null
  if (step.step === 'telling' && step.waitMs !== null) {
    words = (
      <>
        No network. Your payment is safe. Trying again in <Seconds key={step.attempt} ms={step.waitMs} />.
      </>
    )
  } else if (step.step === 'stuck' && step.claimed) {
    words =
      step.problem.code === 'invalid_signature'
        ? 'What the payment window told us could not be checked. We ask the provider itself.'
        : 'The shop could not be reached. Your payment is safe; the provider tells the shop as well.'
  } else if (state.isOffline) {
    words = 'No network. Your payment is safe. We ask again as soon as it is back.'
  }
  if (words === null) return null
  return (
    <div role="status" className="mt-5 border-l-[3px] border-dashed border-pending-mark py-1 pl-4">
      <p className="font-strong">{words}</p>
      {step.step === 'stuck' && step.claimed && step.problem.code !== 'invalid_signature' && (
        <Button variant="outline" size="default" className="mt-2" onClick={payment.tellAgain}>
          Tell the shop again
        </Button>
      )}
    </div>
  )
}

export function Confirmed({ order, state }: SceneProps) {
  if (order === undefined) return null
  const total = <Money amount={order.total} currency={order.currency} />
  return (
    <>
      <Lead>
        Order <b className="num text-ink">{order.number}</b>.{' '}
        {order.paymentMethod === 'cod' ? (
          <>You pay {total} at the door.</>
        ) : order.email === null ? (
          <>You paid {total} once.</>
        ) : (
          <>
            The receipt for {total} goes to {order.email}.
          </>
        )}
      </Lead>
      <ul className="mt-8 border-t-2 border-ink">
        {order.shopOrders.map((part) => {
          const things = order.items.filter((item) => item.shopId === part.shopId)
          return (
            <li key={part.id} className="flex items-center gap-4 border-b border-rule py-[.9rem]">
              <Picture src={things[0]?.image} className="size-[60px] flex-none rounded-2" eager />
              <div className="min-w-0 flex-1">
                <p className="font-strong">{part.shopName}</p>
                <p className="truncate text-small text-ink-2">
                  {things.map((item) => `${item.quantity} × ${splitTitle(item.title).name}`).join(', ')}
                </p>
              </div>
              <Status kind="shop_order" state={part.status} className="text-small" />
            </li>
          )
        })}
      </ul>
      <div className="mt-7 flex flex-col gap-3 sm:flex-row">
        <Link
          to="/orders/$orderId"
          params={{ orderId: state.state?.orderId ?? order.id }}
          className={linkButton({ size: 'hero' }, 'sm:flex-1')}
        >
          Follow the order
        </Link>
        <Link to="/products" className={linkButton({ variant: 'outline', size: 'hero' }, 'sm:flex-1')}>
          Back to the counter
        </Link>
      </div>
    </>
  )
}

/** Not paid, and payable: why, until when, and the one button. */
export function Payable({ scene, order, payment, state }: SceneProps) {
  const { step } = payment
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
            {/* A closed window is no proof: money that only the provider knows of still shows here by itself. */}
            Nothing was charged that we know of. <Kept order={order} things="Your order waits" />
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
            Nothing was charged. <Kept order={order} things="Your order waits" />
          </>
        )}
      </Lead>
      <div className="mt-7 flex flex-col gap-3 sm:flex-row">
        <Button size="hero" className="sm:flex-1" onClick={payment.pay} disabled={order !== undefined && !order.canPay}>
          <span>Pay {order && <Money amount={order.total} currency={order.currency} />}</span>
        </Button>
        {order && (
          <Link
            to="/orders/$orderId"
            params={{ orderId: order.id }}
            className={linkButton({ variant: 'outline', size: 'hero' }, 'sm:flex-1')}
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
      ) : (
        <Aside icon={<Lock size={18} strokeWidth={1.7} aria-hidden="true" />}>
          <b className="text-ink">Did you approve it in your bank’s app after all?</b> Then wait a moment: this page
          notices by itself, and you are charged once.
        </Aside>
      )}
    </>
  )
}

/** The provider's window lies over this page, or the browser is on its way to the provider. */
export function Paying({ order, payment }: SceneProps) {
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
    </>
  )
}

/** Cancelled: where the money is, and a way to begin again. */
export function Over({ scene, order, state }: SceneProps) {
  const cart = useCart()
  const navigate = useNavigate()
  const refill = () => {
    for (const item of order?.items ?? []) if (item.productId !== null) cart.add(item.productId, item.quantity)
    void navigate({ to: '/cart' })
  }
  const amount = order && <Money amount={order.capturedAmount || order.total} currency={order.currency} />
  return (
    <>
      <Lead>
        {scene === 'going_back' && <>{amount} is going back to you. You need do nothing.</>}
        {scene === 'gone_back' && <>{amount} was sent back to you. Banks take a few working days to show it.</>}
        {scene === 'ended' && 'No money was taken for it. What was in it is back on the shelf.'}
      </Lead>
      <div className="mt-7 flex flex-col gap-3 sm:flex-row">
        {scene === 'ended' && order && (
          <Button size="hero" className="sm:flex-1" onClick={refill}>
            Put it in the box again
          </Button>
        )}
        <Link
          to="/orders/$orderId"
          params={{ orderId: state.state?.orderId ?? order?.id ?? '' }}
          className={linkButton({ variant: scene === 'ended' ? 'outline' : 'primary', size: 'hero' }, 'sm:flex-1')}
        >
          See the order
        </Link>
      </div>
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
      {things} until <b className="text-ink">{formatClock(order.expiresAt)}</b>, {countOf(minutes, 'minute')} from now.
    </>
  )
}

function Aside({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="mt-9 flex gap-3 border-t border-rule pt-[1.1rem]">
      <span className="mt-0.5 flex-none">{icon}</span>
      <p className="text-ink-2">{children}</p>
    </div>
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
