import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useRef, useState } from 'react'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { Field, Textarea } from '../../../../ui/field.tsx'
import { useToast } from '../../../../ui/toast.tsx'
import { adminApi } from '../../lib/api.ts'
import { refreshMoney } from '../../lib/queries.ts'
import { referenceProblem } from '../../lib/reference.ts'
import { DeedFrame } from './deed-frame.tsx'
import type { HandDeed } from './hand-deeds.ts'

/** Says what a deed by hand brings about, takes its reason, then does it. */
export function HandDialog({ order, deed, onClose }: { order: Order; deed: HandDeed; onClose: () => void }) {
  const client = useQueryClient()
  const toast = useToast()
  const formId = useId()
  const [reason, setReason] = useState('')
  const [reference, setReference] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const referenceField = useRef<HTMLInputElement>(null)
  const reasonField = useRef<HTMLTextAreaElement>(null)
  const why = reason.trim()
  const problems = {
    reason: why === '' ? 'Say why, in a few words. It is kept for good.' : null,
    reference: deed.asksReference ? referenceProblem(reference) : null,
  }
  const act = useMutation({
    mutationFn: async (): Promise<{ waitsFor?: object | undefined }> => {
      const { id } = deed.payment
      if (deed.key === 'abandon') return adminApi.resolvePayment(id, { status: 'abandoned', reason: why })
      if (deed.key === 'paid') {
        return adminApi.resolvePayment(id, { status: 'paid', reason: why, reference: reference.trim() })
      }
      await adminApi.capturePayment(id, why)
      return {}
    },
    onSuccess: ({ waitsFor }) => {
      if (waitsFor) toast({ title: `${order.number} waits for a second person`, look: 'review' })
      else toast({ title: deed.done, look: deed.key === 'abandon' ? 'none' : 'paid' })
      onClose()
    },
    onSettled: () => refreshMoney(client),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setIsChecked(true)
    if (problems.reference) referenceField.current?.focus()
    else if (problems.reason) reasonField.current?.focus()
    else if (!act.isPending) act.mutate()
  }
  return (
    <DeedFrame
      deed={deed}
      act={act}
      look={deed.key === 'abandon' ? 'none' : 'paid'}
      initialFocus={deed.asksReference ? referenceField : reasonField}
      confirm={{ type: 'submit', form: formId }}
      onClose={onClose}
    >
      <form id={formId} onSubmit={submit} noValidate aria-label={order.number} className="grid gap-4">
        {deed.asksReference && (
          <Field
            ref={referenceField}
            label="The bank’s reference (UTR)"
            value={reference}
            maxLength={60}
            autoComplete="off"
            onChange={(event) => setReference(event.target.value)}
            error={isChecked ? problems.reference : null}
          />
        )}
        <Textarea
          ref={reasonField}
          label="Reason, kept for good"
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
          error={isChecked ? problems.reason : null}
        />
      </form>
    </DeedFrame>
  )
}
