import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import type { StartReconciliationBody } from '../../../../../shared/contract/reconciliation.ts'
import { addDays } from '../../../../../shared/day.ts'
import { Button } from '../../../../ui/button.tsx'
import { Dialog } from '../../../../ui/dialog.tsx'
import { Field } from '../../../../ui/field.tsx'
import { dayKey, startOfDay } from '../../../../ui/format.ts'
import { adminApi } from '../../lib/api.ts'
import { useKeyFor } from '../../lib/once.ts'
import { ProblemLine } from '../../lib/problem-line.tsx'

/** What a provider may still change by itself. */
const USUAL_DAYS = 3

/** Asks for the days to compare, says what a run does, and leads to it. */
export function StartDialog({ onClose, now }: { onClose: () => void; now: number }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const keyFor = useKeyFor()
  const today = dayKey(now)
  const [from, setFrom] = useState(addDays(today, -USUAL_DAYS))
  const [to, setTo] = useState(today)
  const field = useRef<HTMLInputElement>(null)
  const start = useMutation({
    mutationFn: (body: StartReconciliationBody) => adminApi.startRun(body, keyFor(body)),
    onSuccess: (run) => {
      onClose()
      void navigate({ to: '/reconciliation/$runId', params: { runId: run.id } })
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['runs'] }),
  })
  const isBackward = from > to
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !start.isPending && onClose()}
      title="Compare our books with the provider’s?"
      look="processing"
      consequences={[
        'Every payment, refund and payout line of these days is compared, both ways.',
        'What the provider proves is put right by itself: a capture we missed, a refund, a failure.',
        'What nobody can explain becomes a question in the review queue. No money is sent anywhere.',
      ]}
      initialFocus={field}
      actions={
        <>
          <Button variant="outline" onClick={onClose} disabled={start.isPending}>
            Not now
          </Button>
          <Button
            busy={start.isPending}
            busyLabel="Starting"
            disabled={isBackward || from === '' || to === ''}
            onClick={() => start.mutate({ from: startOfDay(from), ...(to === today ? {} : { to: startOfDay(to, 1) }) })}
          >
            Compare these days
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-3">
        <Field
          ref={field}
          type="date"
          label="From"
          value={from}
          max={today}
          onChange={(event) => setFrom(event.target.value)}
        />
        <Field
          type="date"
          label="To, that day included"
          value={to}
          max={today}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      {isBackward && <p className="mt-2 text-small font-medium text-failed">It ends before it begins.</p>}
      <ProblemLine error={start.error} />
    </Dialog>
  )
}
