import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useRef, useState } from 'react'
import type { OrderSummary } from '../../../../../shared/contract/orders.ts'
import type {
  ReviewAction,
  ReviewActionBody,
  ReviewItem,
  ReviewItemDetail,
} from '../../../../../shared/contract/reviews.ts'
import { Button } from '../../../../ui/button.tsx'
import { cn } from '../../../../ui/class-names.ts'
import { Field, Textarea } from '../../../../ui/field.tsx'
import { adminApi } from '../../lib/api.ts'
import { refreshMoney } from '../../lib/queries.ts'
import { useKeyFor } from '../../lib/once.ts'
import { PhraseText } from '../../../../ui/phrase-text.tsx'
import { ProblemLine } from '../../lib/problem-line.tsx'
import { referenceProblem } from '../../lib/reference.ts'
import { useShortcuts } from '../../lib/shortcuts.ts'
import { decisionsOf, whyNothing } from './decisions.ts'
import { OrderPicker } from './order-picker.tsx'

/** The decision: ways to answer with what each brings about, the reason that is kept, and one button. */
export function Decide({
  detail,
  signer,
  onAnswered,
}: {
  detail: ReviewItemDetail
  signer: string
  onAnswered: (item: ReviewItem) => void
}) {
  const decisions = decisionsOf(detail)
  const client = useQueryClient()
  const keyFor = useKeyFor()
  const name = useId()
  const [chosen, setChosen] = useState(decisions[0]?.action)
  const [reason, setReason] = useState('')
  const [reference, setReference] = useState('')
  const [order, setOrder] = useState<OrderSummary | null>(null)
  const [isChecked, setIsChecked] = useState(false)
  const reasonField = useRef<HTMLTextAreaElement>(null)
  const decision = decisions.find((each) => each.action === chosen) ?? decisions[0]
  const act = useMutation({
    mutationFn: (body: ReviewActionBody) => adminApi.answerReview(detail.item.id, body, keyFor(body)),
    onSuccess: onAnswered,
    onSettled: () => refreshMoney(client),
  })
  const choose = (action: ReviewAction) => {
    // What is on its way is not another decision.
    if (act.isPending) return
    setChosen(action)
    setIsChecked(false)
    act.reset()
  }
  useShortcuts(Object.fromEntries(decisions.map(({ action }, index) => [String(index + 1), () => choose(action)])))
  if (!decision) return <p className="mt-7 text-ink-2">{whyNothing(detail)}</p>

  const missing = {
    reason: reason.trim() === '' ? 'Say why, in a few words. It is kept for good.' : null,
    reference: decision.needs === 'reference' ? referenceProblem(reference) : null,
    order: decision.needs === 'order' && order === null ? 'Choose the order that it pays.' : null,
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (act.isPending) return
    setIsChecked(true)
    if (missing.reason || missing.reference || missing.order) {
      if (missing.reason) reasonField.current?.focus()
      return
    }
    act.mutate({
      action: decision.action,
      reason: reason.trim(),
      ...(decision.needs === 'reference' ? { reference: reference.trim() } : {}),
      ...(decision.needs === 'order' && order ? { orderId: order.id } : {}),
    })
  }
  return (
    <form onSubmit={submit} aria-labelledby={`${name}-title`} className="mt-7" noValidate>
      <h2 id={`${name}-title`} className="text-h3">
        Decide
      </h2>
      <div role="radiogroup" aria-labelledby={`${name}-title`}>
        {decisions.map((each, index) => {
          const isOn = each.action === decision.action
          return (
            <label
              key={each.action}
              className={cn(
                'mt-[.55rem] flex cursor-pointer items-start gap-[.8rem] rounded-[10px] border px-4 py-[.8rem] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
                isOn ? 'border-accent-text shadow-[inset_0_0_0_1px_var(--accent-text)]' : 'border-rule hover:bg-hover',
              )}
            >
              <input
                type="radio"
                name={name}
                value={each.action}
                checked={isOn}
                aria-keyshortcuts={String(index + 1)}
                onChange={() => choose(each.action)}
                className="mt-[3px] size-[18px] flex-none accent-accent outline-none"
              />
              <span className="flex-1">
                <b className="block">
                  <PhraseText phrase={each.label} />
                </b>
                <span className="mt-[.15rem] block text-small text-ink-2">
                  <PhraseText phrase={each.consequences} />
                </span>
              </span>
              <span aria-hidden="true" className="kbd">
                {index + 1}
              </span>
            </label>
          )
        })}
      </div>
      {decision.needs === 'order' && (
        <OrderPicker value={order} onChange={setOrder} error={isChecked ? missing.order : null} />
      )}
      {decision.needs === 'reference' && (
        <Field
          wrapperClassName="mt-4"
          label="The bank’s reference (UTR)"
          value={reference}
          maxLength={60}
          autoComplete="off"
          onChange={(event) => setReference(event.target.value)}
          error={isChecked ? missing.reference : null}
        />
      )}
      <Textarea
        ref={reasonField}
        wrapperClassName="mt-4"
        label="Reason, kept for good"
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
        error={isChecked ? missing.reason : null}
      />
      <ProblemLine error={act.error} />
      {act.data?.resolvedAt === null && act.data.waitsFor === null && (
        <p role="status" className="mt-4 text-small font-medium text-pending">
          The provider was asked. Its answer does not settle this, so it stays open.
        </p>
      )}
      <div className="mt-5 flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-rule py-[.9rem] max-lg:flex-col max-lg:items-stretch lg:sticky lg:bottom-0 lg:z-10 lg:bg-surface">
        <Button type="submit" busy={act.isPending} busyLabel={decision.busy}>
          <span>
            <PhraseText phrase={decision.confirm} />
          </span>
        </Button>
        <span className="flex-1" />
        <span className="text-small text-ink-3">Signed by {signer}, kept for good</span>
      </div>
    </form>
  )
}
