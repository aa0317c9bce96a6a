/** The buttons of the payment page, the first of them big. */
import { Link, useNavigate } from '@tanstack/react-router'
import { quantityOf } from '../../../../../client/cart.ts'
import { useCart, type PaymentView } from '../../../../../client/hooks.tsx'
import type { Order } from '../../../../../client/shapes.ts'
import { Button, buttonClass } from '../../../../ui/button.tsx'
import { PhraseText } from '../../../../ui/phrase-text.tsx'
import type { ResultAction } from './result-facts.ts'

export function Actions({
  actions,
  orderId,
  order,
  payment,
}: {
  actions: readonly ResultAction[]
  orderId: string
  order: Order | undefined
  payment: PaymentView
}) {
  const refill = useRefill(order)
  if (actions.length === 0) return null
  return (
    <div className="mt-7 flex flex-col flex-wrap gap-3 sm:flex-row">
      {actions.map(({ key, label }, index) => {
        const variant = index === 0 ? 'primary' : 'outline'
        const look = buttonClass({ variant, size: 'hero', className: 'sm:flex-1 whitespace-nowrap' })
        const words = <PhraseText phrase={label} />
        switch (key) {
          case 'order':
            return (
              <Link key={key} to="/orders/$orderId" params={{ orderId }} className={look}>
                {words}
              </Link>
            )
          case 'sign_in':
            return (
              <Link key={key} to="/sign-in" search={{ to: `/orders/${orderId}/result` }} className={look}>
                {words}
              </Link>
            )
          case 'products':
            return (
              <Link key={key} to="/products" className={look}>
                {words}
              </Link>
            )
          case 'pay':
          case 'ask':
          case 'refill':
            return (
              <Button
                key={key}
                size="hero"
                variant={variant}
                className="whitespace-nowrap sm:flex-1"
                onClick={key === 'pay' ? payment.pay : key === 'ask' ? payment.ask : refill}
              >
                <span>{words}</span>
              </Button>
            )
        }
      })}
    </div>
  )
}

/** Puts what an ended order had in it into the box again. */
function useRefill(order: Order | undefined): () => void {
  const cart = useCart()
  const navigate = useNavigate()
  return () => {
    // An order that was never paid has mostly left its things in the box; they must not come twice.
    for (const { productId, quantity } of order?.items ?? []) {
      if (productId !== null) cart.setQuantity(productId, Math.max(quantity, quantityOf(cart.lines, productId)))
    }
    void navigate({ to: '/cart' })
  }
}
