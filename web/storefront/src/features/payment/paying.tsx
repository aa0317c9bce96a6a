/** The provider's window lies over this page, or the browser is on its way to the provider. */
import { useEffect, useState } from 'react'
import { Button } from '../../../../ui/button.tsx'
import { Money } from '../../../../ui/money.tsx'
import type { SceneProps } from './scene-parts.tsx'

/** A window that has not shown by then mostly never will: something in the browser keeps it from opening. */
const WINDOW_IS_LATE_MS = 10_000

export function Paying({ order, payment }: Pick<SceneProps, 'order' | 'payment'>) {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), WINDOW_IS_LATE_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <>
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
