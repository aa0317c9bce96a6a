import { useState } from 'react'
import { useCancelOrder } from '../../../../../client/hooks.tsx'
import type { Order } from '../../../../../client/shapes.ts'
import { Button } from '../../../../ui/button.tsx'
import { Dialog } from '../../../../ui/dialog.tsx'
import { countOf } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { refundsOf } from './order-timeline.ts'

/** Asks before cancelling, and says what becomes of the money and the things. */
export function CancelOrder({ order }: { order: Order }) {
  const [isOpen, setOpen] = useState(false)
  const cancel = useCancelOrder(order.id)
  const kept = order.capturedAmount > order.refundedAmount
  // A part may be going back already; what is left of the money is the server's to say, not ours to subtract.
  const isPart = kept && refundsOf(order).length > 0
  const captured = <Money amount={order.capturedAmount} currency={order.currency} />
  const things = order.items.reduce((count, item) => count + item.quantity, 0)
  return (
    <>
      <Button variant="danger" size="touch" onClick={() => setOpen(true)}>
        Cancel the order…
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        look={kept ? 'refunded' : 'none'}
        title={
          isPart ? 'Cancel the rest of this order?' : kept ? <>Cancel and get {captured} back?</> : 'Cancel this order?'
        }
        consequences={[
          kept
            ? `${isPart ? 'What you paid for the rest' : 'What you paid'} goes back the way you paid it, by itself. Banks take up to 7 working days.`
            : 'Nothing was charged, and nothing will be.',
          `${countOf(things, 'thing')} ${things === 1 ? 'goes' : 'go'} back on the shelf, for others to buy.`,
          `Order ${order.number} stays in your list.`,
        ]}
        actions={
          <>
            <Button variant="outline" onClick={() => setOpen(false)}>
              Keep the order
            </Button>
            <Button
              variant="danger"
              busy={cancel.isPending}
              busyLabel="Cancelling"
              onClick={() => cancel.mutate(undefined, { onSuccess: () => setOpen(false) })}
            >
              {isPart ? (
                'Cancel, send the rest back'
              ) : kept ? (
                <span>Cancel, send {captured} back</span>
              ) : (
                'Cancel the order'
              )}
            </Button>
          </>
        }
      >
        {cancel.isError && (
          <p role="alert" className="font-medium text-failed">
            {cancel.error.message} The order is as it was.
          </p>
        )}
      </Dialog>
    </>
  )
}
