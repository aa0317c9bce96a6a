import { Link, useParams } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { ApiError } from '../../../../client/api-error.ts'
import { queryKeys, useCart, useHundi, useOrder, usePayment, usePaymentState } from '../../../../client/hooks.tsx'
import type { Order } from '../../../../client/shapes.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { OrderUnknown } from '../features/orders/order-unknown.tsx'
import { orderTitle, standingOf } from '../features/orders/order-words.ts'
import { sceneOf, sceneTitle, tabTitle, type Scene } from '../features/payment/result-words.ts'
import { Payable, Paying } from '../features/payment/payable-scenes.tsx'
import { Confirmed, Confirming, Over } from '../features/payment/scenes.tsx'
import { Seal } from '../features/payment/seal.tsx'
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
  const payment = usePayment(orderId)
  const { step } = payment
  const state = usePaymentState(orderId, step.step === 'telling' || (step.step === 'stuck' && step.claimed))
  const order = useOrder(orderId, {
    refetchMs: state.outcome === 'unpaid' || state.outcome === 'declined' ? 30_000 : 0,
  })
  const since = useRef(Date.now())

  // A page that is only looked at waits for both answers, so that nothing moves when the second one comes.
  const isLooking = order.isPending && step.step === 'idle'
  const scene = isLooking ? 'asking' : sceneFor(sceneOf(state.outcome, step), order.data)
  const title = titleFor(scene, order.data)
  usePageTitle(tabTitle(scene, order.data?.number))

  useEffect(() => {
    if (scene === 'confirming') since.current = Date.now()
    // The order says what the short state does not: its parts, its refunds, whether it can still be paid.
    void queries.invalidateQueries({ queryKey: queryKeys.order(orderId), exact: true })
  }, [orderId, queries, scene])
  useEmptyBox(orderId, scene, order.data)

  if (state.error instanceof ApiError && state.state === undefined && !state.isOffline) {
    return <OrderUnknown error={state.error} orderId={orderId} />
  }
  const props = { scene, order: order.data, payment, state, since: since.current }
  return (
    <div className="mx-auto max-w-[640px] px-5 pt-7 pb-4 lg:pt-13">
      <Seal scene={scene} />
      <div aria-live="polite" aria-atomic="true">
        <h1 className="shop-face text-[2.15rem] leading-[1.06] lg:text-[2.9rem]">{title}</h1>
      </div>
      <div key={scene} className="reveal">
        {scene === 'asking' && <Skeleton label="Looking up your order" rows={2} />}
        {scene === 'paying' && <Paying {...props} />}
        {scene === 'confirming' && <Confirming {...props} />}
        {scene === 'confirmed' && <Confirmed {...props} />}
        {(scene === 'left' || scene === 'unpaid' || scene === 'declined' || scene === 'unreachable') && (
          <Payable {...props} />
        )}
        {(scene === 'going_back' || scene === 'gone_back' || scene === 'ended') && <Over {...props} />}
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

/** An unpaid order whose time is over is shown as ended, also in the moments before the server has cleared it away. */
function sceneFor(scene: Scene, order: Order | undefined): Scene {
  const isUnpaid = scene === 'unpaid' || scene === 'left' || scene === 'unreachable' || scene === 'declined'
  const isOver = order?.expiresAt != null && new Date(order.expiresAt).getTime() < Date.now()
  return isUnpaid && order !== undefined && !order.canPay && isOver ? 'ended' : scene
}

function titleFor(scene: Scene, order: Order | undefined): string {
  const isOver = scene === 'going_back' || scene === 'gone_back' || scene === 'ended'
  if (order !== undefined && (isOver || (scene === 'confirmed' && order.isGivenBack))) return orderTitle(order)
  if (scene === 'declined') return declinedTitle(order) ?? sceneTitle(scene, 0)
  const coming = order?.shopOrders.filter((part) => standingOf(part) === 'coming').length
  return sceneTitle(scene, coming ?? 0, order?.paymentMethod === 'cod')
}

/** Who said no, where the provider's record tells the way that was tried. */
function declinedTitle(order: Order | undefined): string | undefined {
  const attempts = order?.payments.flatMap((payment) => payment.attempts) ?? []
  const words: Readonly<Record<string, string>> = {
    card: 'The bank declined this card',
    upi: 'The UPI payment was declined',
    netbanking: 'Your bank declined the payment',
    wallet: 'The wallet declined the payment',
  }
  return words[attempts.filter((attempt) => attempt.status === 'failed').at(-1)?.method ?? '']
}

/** Once an order of this browser stands, what it bought leaves the box: exactly once, and only what it bought. */
function useEmptyBox(orderId: string, scene: Scene, order: Order | undefined) {
  const { attempts } = useHundi()
  const cart = useCart()
  const isDue = scene === 'confirmed' && order !== undefined && attempts.find()?.orderId === orderId
  useEffect(() => {
    if (!isDue || order === undefined) return
    attempts.forget()
    cart.removeBought(order.items)
    // The cart's functions change with every render; the mark that was just removed keeps this to once.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [isDue])
}
