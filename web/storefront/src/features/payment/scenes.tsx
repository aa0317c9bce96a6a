/** The words below the heading of the payment page, one component for each scene that needs more than a line. */
import { Link, useNavigate } from '@tanstack/react-router'
import { Lock } from 'lucide-react'
import { type ReactNode } from 'react'
import { quantityOf } from '../../../../../client/cart.ts'
import { useCart } from '../../../../../client/hooks.tsx'
import { LONGER_THAN_USUAL_MS } from '../../../../../client/poll-schedule.ts'
import { Button, buttonClass } from '../../../../ui/button.tsx'
import { countInWords, providerName, sentence } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { Status } from '../../../../ui/status.tsx'
import { partState } from '../../../../ui/status-words.ts'
import { Picture } from '../../lib/picture.tsx'
import { splitTitle } from '../../lib/split-title.ts'
import { useNow } from '../../lib/use-now.ts'
import { askedSoFar } from './result-words.ts'
import { Aside, Lead, type SceneProps } from './scene-parts.tsx'
import { Seconds } from './seconds.tsx'
import { Steps } from './steps.tsx'

/** Somebody said yes; the server is being told, or asks the provider. */
export function Confirming({ order, payment, state, since }: SceneProps) {
  const now = useNow(1_000)
  const { step } = payment
  const who = state.state?.provider == null ? 'the provider' : providerName(state.state.provider)
  const isSlow = now - since > LONGER_THAN_USUAL_MS
  const isClaim = step.step === 'telling' || step.step === 'stuck'
  return (
    <>
      <Lead>
        {isSlow ? (
          'This takes longer than usual. We keep asking, also when this page is closed.'
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
        charged, or it goes back to your bank by itself. You find the answer under “My orders”.
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
        ) : (
          <>You paid {total}, once. It stands under “My orders”.</>
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
              <Status kind="shop_order" state={partState(part)} className="text-small" />
            </li>
          )
        })}
      </ul>
      <div className="mt-7 flex flex-col gap-3 sm:flex-row">
        <Link
          to="/orders/$orderId"
          params={{ orderId: state.state?.orderId ?? order.id }}
          className={buttonClass({ size: 'hero', className: 'sm:flex-1' })}
        >
          Follow the order
        </Link>
        <Link to="/products" className={buttonClass({ variant: 'outline', size: 'hero', className: 'sm:flex-1' })}>
          Back to the counter
        </Link>
      </div>
    </>
  )
}

/** Cancelled: where the money is, and a way to begin again. */
export function Over({ scene, order, state }: SceneProps) {
  const cart = useCart()
  const navigate = useNavigate()
  const refill = () => {
    // An order that was never paid has mostly left its things in the box; they must not come twice.
    for (const { productId, quantity } of order?.items ?? []) {
      if (productId !== null) cart.setQuantity(productId, Math.max(quantity, quantityOf(cart.lines, productId)))
    }
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
          className={buttonClass({
            variant: scene === 'ended' ? 'outline' : 'primary',
            size: 'hero',
            className: 'sm:flex-1',
          })}
        >
          See the order
        </Link>
      </div>
    </>
  )
}
