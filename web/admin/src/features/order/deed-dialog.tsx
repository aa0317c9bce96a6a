import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { Button } from '../../../../ui/button.tsx'
import { Dialog } from '../../../../ui/dialog.tsx'
import { Textarea } from '../../../../ui/field.tsx'
import { useToast } from '../../../../ui/toast.tsx'
import { adminApi } from '../../lib/api.ts'
import { PhraseText } from '../../lib/phrase-text.tsx'
import { ProblemLine } from '../../lib/problem-line.tsx'
import { DEED_STATUS, type Deed } from './deeds.ts'

/** Says what a deed brings about, then does it. A refusal or a silence is said here, where the person looks. */
export function DeedDialog({ order, deed, onClose }: { order: Order; deed: Deed; onClose: () => void }) {
  const client = useQueryClient()
  const toast = useToast()
  const [reason, setReason] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const keep = useRef<HTMLButtonElement>(null)
  const act = useMutation({
    mutationFn: () => {
      const given = reason.trim() === '' ? undefined : reason.trim()
      return deed.key === 'cancel'
        ? adminApi.cancelOrder(order.id, given)
        : adminApi.setStatus(order.id, DEED_STATUS[deed.key], given)
    },
    onSuccess: () => {
      toast({ title: deed.done, look: deed.key === 'cancel' ? 'none' : 'paid' })
      onClose()
    },
    // Whatever the answer was, the page shows what is true now.
    onSettled: () =>
      Promise.all(['order', 'orders', 'stats'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !act.isPending && onClose()}
      title={<PhraseText phrase={deed.title} />}
      consequences={deed.consequences.map((phrase, index) => <PhraseText key={index} phrase={phrase} />)}
      look={deed.key === 'cancel' ? 'refunded' : 'processing'}
      initialFocus={deed.asksReason ? field : keep}
      actions={
        <>
          <Button ref={keep} variant="outline" onClick={onClose} disabled={act.isPending}>
            {deed.keep}
          </Button>
          <Button busy={act.isPending} busyLabel={deed.busy} onClick={() => act.mutate()}>
            <span>
              <PhraseText phrase={deed.confirm} />
            </span>
          </Button>
        </>
      }
    >
      {deed.asksReason && (
        <Textarea
          ref={field}
          label="Reason, kept for good"
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      <ProblemLine error={act.error} />
    </Dialog>
  )
}
