import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { Textarea } from '../../../../ui/field.tsx'
import { useToast } from '../../../../ui/toast.tsx'
import { adminApi } from '../../lib/api.ts'
import { refreshMoney } from '../../lib/queries.ts'
import { DeedFrame } from './deed-frame.tsx'
import { DEED_STATUS, type Deed } from './deeds.ts'

/** Says what a deed brings about, then does it. */
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
    onSuccess: ({ waitsFor }) => {
      if (waitsFor) toast({ title: `${order.number} waits for a second person`, look: 'review' })
      else toast({ title: deed.done, look: deed.key === 'cancel' ? 'none' : 'paid' })
      onClose()
    },
    onSettled: () => refreshMoney(client),
  })
  return (
    <DeedFrame
      deed={deed}
      act={act}
      look={deed.key === 'cancel' ? 'refunded' : 'processing'}
      initialFocus={deed.asksReason ? field : keep}
      keepRef={keep}
      confirm={{ onClick: () => act.mutate() }}
      onClose={onClose}
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
    </DeedFrame>
  )
}
