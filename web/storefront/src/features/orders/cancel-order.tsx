import { useState } from 'react'
import { useCancelOrder } from '../../../../../client/hooks.tsx'
import type { Order } from '../../../../../client/shapes.ts'
import { Button } from '../../../../ui/button.tsx'
import { Dialog } from '../../../../ui/dialog.tsx'
import { PhraseText } from '../../../../ui/phrase-text.tsx'
import { cancelWords } from './order-money.ts'

/** Asks before cancelling, and says what becomes of the money and the things. */
export function CancelOrder({ order }: { order: Order }) {
  const [isOpen, setOpen] = useState(false)
  const cancel = useCancelOrder(order.id)
  const { label, keep, title, consequences, confirm } = cancelWords(order)
  return (
    <>
      <Button variant="danger" size="touch" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        look={order.isConfirmed ? 'refunded' : 'none'}
        title={<PhraseText phrase={title} />}
        consequences={consequences.map((phrase, index) => <PhraseText key={index} phrase={phrase} />)}
        actions={
          <>
            <Button variant="outline" onClick={() => setOpen(false)}>
              {keep}
            </Button>
            <Button
              variant="danger"
              busy={cancel.isPending}
              busyLabel="Cancelling"
              onClick={() => cancel.mutate(undefined, { onSuccess: () => setOpen(false) })}
            >
              <span>
                <PhraseText phrase={confirm} />
              </span>
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
