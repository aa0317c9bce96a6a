import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useRef, useState } from 'react'
import { newKey } from '../../../../../client/new-key.ts'
import type { ReviewAction, ReviewItem, ReviewResult } from '../../../../../shared/contract/reviews.ts'
import { Button } from '../../../../ui/button.tsx'
import { Dialog } from '../../../../ui/dialog.tsx'
import { Textarea } from '../../../../ui/field.tsx'
import { countOf } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { useToast } from '../../../../ui/toast.tsx'
import { adminApi } from '../../lib/api.ts'
import { ProblemLine } from '../../lib/problem-line.tsx'
import { refreshMoney } from '../../lib/queries.ts'
import { reviewKind } from '../../lib/review-words.ts'
import { Choice, ChoiceGroup } from '../../lib/choice.tsx'
import { type Chosen, leftOpen, manyWords, portionsOf } from './many.ts'

type State =
  | { step: 'asking' }
  | { step: 'answering'; done: number }
  | { step: 'done'; results: ReviewResult[]; error: unknown }

/**
 * One decision and one reason for several questions. They are answered a few at a time; what became of each is told, and
 * those that can be answered anew stay chosen.
 */
export function AnswerMany({
  chosen,
  onClose,
  onAnswered,
}: {
  /** As it was when the dialog was opened: what arrives meanwhile is not part of the decision. */
  chosen: Chosen
  onClose: () => void
  /** @param open those that could not be answered */
  onAnswered: (open: string[]) => void
}) {
  const client = useQueryClient()
  const toast = useToast()
  const formId = useId()
  const [action, setAction] = useState<ReviewAction | null>(null)
  const [reason, setReason] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const [state, setState] = useState<State>({ step: 'asking' })
  const first = useRef<HTMLInputElement>(null)
  const { items } = chosen
  const count = items.length
  const words = action && manyWords(action, count)

  const answer = async (decision: ReviewAction) => {
    const results: ReviewResult[] = []
    let error: unknown = null
    for (const ids of portionsOf(items.map((item) => item.id))) {
      setState({ step: 'answering', done: results.length })
      try {
        results.push(...(await adminApi.answerReviews({ ids, action: decision, reason: reason.trim() }, newKey())))
      } catch (problem) {
        error = problem
        break
      }
    }
    void refreshMoney(client)
    const open = leftOpen(results)
    const isDone = new Set(results.map(({ id }) => id))
    for (const { id, isOffered } of open) if (isOffered) isDone.delete(id)
    onAnswered(items.map((item) => item.id).filter((id) => !isDone.has(id)))
    if (error === null && open.length === 0) {
      toast({ title: `${countOf(results.length, 'question')} answered`, look: 'paid' })
      onClose()
    } else setState({ step: 'done', results, error })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setIsChecked(true)
    if (action !== null && reason.trim() !== '' && state.step === 'asking') void answer(action)
  }

  const kind = items[0] && reviewKind(items[0].kind).words
  const isBusy = state.step === 'answering'
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !isBusy && onClose()}
      title={state.step === 'done' ? 'Not all are answered' : `Answer ${countOf(count, 'question')} together?`}
      initialFocus={first}
      actions={
        state.step === 'done' ? (
          <Button onClick={onClose}>Back to the queue</Button>
        ) : (
          <>
            <Button variant="outline" onClick={onClose} disabled={isBusy}>
              Not now
            </Button>
            <Button
              type="submit"
              form={formId}
              busy={isBusy}
              busyLabel={isBusy ? `Answered ${state.done} of ${count}` : ''}
            >
              {words?.confirm ?? 'Answer them'}
            </Button>
          </>
        )
      }
    >
      {state.step === 'done' ? (
        <Left results={state.results} items={items} error={state.error} />
      ) : (
        <form id={formId} onSubmit={submit} noValidate className="mt-2 grid gap-4">
          <p className="text-ink-2">
            {kind}
            {chosen.sums.map(({ currency, amount }, index) => (
              <span key={currency}>
                {index === 0 ? ': ' : ' and '}
                <Money amount={amount} currency={currency} className="font-strong" />
              </span>
            ))}
            . The provider is asked about each once more, and each is decided by itself.
          </p>
          <ChoiceGroup legend="What is to be done with each">
            {chosen.actions.map((each, index) => {
              const { label, consequence } = manyWords(each, count)
              return (
                <Choice
                  key={each}
                  ref={index === 0 ? first : undefined}
                  name={`${formId}-action`}
                  checked={action === each}
                  disabled={isBusy}
                  onChange={() => setAction(each)}
                >
                  <b className="block">{label}</b>
                  <span className="block text-small text-ink-2">{consequence}</span>
                </Choice>
              )
            })}
          </ChoiceGroup>
          {isChecked && action === null && <p className="text-small font-medium text-failed">Choose one of these.</p>}
          <Textarea
            label="Reason for all of them, kept for good"
            value={reason}
            maxLength={500}
            disabled={isBusy}
            onChange={(event) => setReason(event.target.value)}
            error={isChecked && reason.trim() === '' ? 'Say why, in a few words. It is kept for good.' : null}
          />
        </form>
      )}
    </Dialog>
  )
}

function Left({ results, items, error }: { results: ReviewResult[]; items: ReviewItem[]; error: unknown }) {
  const open = leftOpen(results)
  const untried = items.length - results.length
  return (
    <div role="status" className="mt-2">
      <p className="text-ink-2">{countOf(results.length - open.length, 'question')} answered. The others stay open.</p>
      <ul className="mt-3">
        {open.map(({ id, why }) => {
          const item = items.find((each) => each.id === id)
          return (
            <li key={id} className="border-t border-rule py-2 wrap-anywhere">
              <b>{item?.orderNumber ?? item?.providerRef ?? item?.summary ?? id}</b>
              <span className="block text-small text-ink-2">{why}</span>
            </li>
          )
        })}
        {untried > 0 && <li className="border-t border-rule py-2">{countOf(untried, 'question')} not tried.</li>}
      </ul>
      <ProblemLine error={error} />
    </div>
  )
}
