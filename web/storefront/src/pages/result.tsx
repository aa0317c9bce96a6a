import { Link, useParams } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { Landmark, Lock } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { ApiError } from '../../../../client/api-error.ts'
import { queryKeys, useCart, useHundi, useOrder, usePayment, usePaymentState } from '../../../../client/hooks.tsx'
import type { PaymentOutcome } from '../../../../client/payment-outcome.ts'
import { LONGER_THAN_USUAL_MS } from '../../../../client/poll-schedule.ts'
import type { Order } from '../../../../client/shapes.ts'
import { Button } from '../../../ui/button.tsx'
import { PhraseText } from '../../../ui/phrase-text.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { OrderUnknown } from '../features/orders/order-unknown.tsx'
import { Actions } from '../features/payment/actions.tsx'
import { Confirming } from '../features/payment/confirming.tsx'
import { PartsPaid } from '../features/payment/parts-paid.tsx'
import { Paying } from '../features/payment/paying.tsx'
import { resultWords } from '../features/payment/result-words.ts'
import { sceneOf, shownScene, type Scene } from '../features/payment/scene.ts'
import { Aside, Lead } from '../features/payment/scene-parts.tsx'
import { Seal } from '../features/payment/seal.tsx'
import { useNow } from '../lib/use-now.ts'
import { usePageTitle } from '../lib/use-page-title.ts'

/**
 * What becomes of one payment. It opens the provider's window for a fresh order, tells the server what the window said,
 * and shows by itself what the server learns. Loading it again at any moment is harmless.
 */
export function ResultPage() {
  const { orderId } = useParams({ strict: false }) as { orderId: string }
  return <Result key={orderId} orderId={orderId} />
}

function Result({ orderId }: { orderId: string }) {
  const queries = useQueryClient()
  useReturnToken(orderId)
  const payment = usePayment(orderId)
  const { step } = payment
  const state = usePaymentState(orderId, step.step === 'telling' || (step.step === 'stuck' && step.claimed))
  const order = useOrder(orderId, {
    refetchMs: state.state?.canPay === true || state.outcome === 'under_review' ? 30_000 : 0,
  })
  const since = useRef(Date.now())
  const now = useNow(1_000)

  // A page that is only looked at waits for both answers, so that nothing moves when the second one comes.
  const isLooking = !order.isFetched && step.step === 'idle'
  // Somebody was let in before, or holds what the provider's window said: that is no stranger.
  const isSignedOut = state.isSignedOut && (state.state !== undefined || step.step !== 'idle')
  const found = sceneOf(state.outcome, step, isSignedOut)
  const scene = isLooking && !isSignedOut ? 'asking' : shownScene(found, order.data, now)
  const words = resultWords({
    scene,
    order: order.data,
    state: state.state,
    step,
    isStranger:
      state.state !== undefined && order.isFetched && order.data === undefined && !isSignedOut && isShut(order.error),
    isSlow: now - since.current > LONGER_THAN_USUAL_MS,
    now,
  })
  usePageTitle(words.tab)

  useEffect(() => {
    if (scene === 'confirming') since.current = Date.now()
    // The order says what the short state does not: its parts, its refunds, whether it can still be paid.
    void queries.invalidateQueries({ queryKey: queryKeys.order(orderId), exact: true })
  }, [orderId, queries, scene])
  useEmptyBox(orderId, state.outcome, order.data)

  if (state.error instanceof ApiError && state.state === undefined && !state.isOffline && step.step === 'idle') {
    return <OrderUnknown error={state.error} orderId={orderId} />
  }
  return (
    <div className="mx-auto max-w-[640px] px-5 pt-7 pb-4 lg:pt-13">
      <Seal scene={scene} />
      <div aria-live="polite" aria-atomic="true">
        <h1 className="shop-face text-[2.15rem] leading-[1.06] lg:text-[2.9rem]">{words.title}</h1>
      </div>
      <div key={scene} className="reveal">
        {scene === 'asking' && <Skeleton label="Looking up your order" rows={2} />}
        {words.lead.length > 0 && (
          <Lead>
            <PhraseText phrase={words.lead} />
          </Lead>
        )}
        {scene === 'paying' && <Paying order={order.data} payment={payment} />}
        {scene === 'confirming' && <Confirming order={order.data} payment={payment} state={state} />}
        {scene === 'confirmed' && order.data && <PartsPaid order={order.data} />}
        <Actions actions={words.actions} orderId={orderId} order={order.data} payment={payment} />
        {words.aside && (
          <Aside icon={<AsideIcon scene={scene} />}>
            <PhraseText phrase={words.aside} />
          </Aside>
        )}
        {scene === 'confirming' && state.hasStopped && (
          <Button variant="outline" size="touch" className="mt-5" onClick={state.askNow}>
            Ask once more
          </Button>
        )}
      </div>
      {scene !== 'confirmed' && scene !== 'asking' && (
        <p className="mt-8 text-small text-ink-3">
          {order.data && (
            <>
              Order <span className="num">{order.data.number}</span>.{' '}
            </>
          )}
          <Link to="/orders" className="link">
            All your orders
          </Link>
        </p>
      )}
    </div>
  )
}

function AsideIcon({ scene }: { scene: Scene }) {
  const Icon = scene === 'declined' ? Landmark : Lock
  return <Icon size={18} strokeWidth={1.7} aria-hidden="true" />
}

/** A browser that came back from the provider's page may have been given a word by which it can ask about the money. */
function useReturnToken(orderId: string) {
  const { client } = useHundi()
  // Before the first question is sent, which is an effect of the hooks that follow.
  const token = /^#returned=([\w.-]+)$/.exec(window.location.hash)?.[1]
  if (token !== undefined) client.keepReturnToken(orderId, token)
}

/** The order itself is not shown to this browser. While it is asked for once more, the last refusal still counts. */
function isShut(error: unknown): boolean {
  if (error === null) return true
  return error instanceof ApiError && (error.status === 401 || error.status === 403)
}

/** Once an order of this browser stands, what it bought leaves the box: exactly once, and only what it bought. */
function useEmptyBox(orderId: string, outcome: PaymentOutcome | undefined, order: Order | undefined) {
  const { attempts } = useHundi()
  const cart = useCart()
  const isDue = outcome === 'confirmed' && order !== undefined && attempts.find()?.orderId === orderId
  useEffect(() => {
    if (!isDue || order === undefined) return
    attempts.forget()
    cart.removeBought(order.items)
    // The cart's functions change with every render; the mark that was just removed keeps this to once.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [isDue])
}
