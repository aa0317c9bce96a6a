import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { WebhookEvent } from '../../../../../shared/contract/webhooks.ts'
import { Button } from '../../../../ui/button.tsx'
import { useToast } from '../../../../ui/toast.tsx'
import { adminApi } from '../../lib/api.ts'
import { ProblemLine } from '../../lib/problem-line.tsx'
import { refreshInbox, webhookQuery } from '../../lib/watch-queries.ts'

/** Processes a stored event once more. What it says is never taken twice, so nothing has to be asked first. */
export function Replay({ event }: { event: WebhookEvent }) {
  const client = useQueryClient()
  const toast = useToast()
  const replay = useMutation({
    mutationFn: () => adminApi.replayWebhook(event.id),
    onSuccess: (detail) => {
      client.setQueryData(webhookQuery(event.id).queryKey, detail)
      toast({ title: 'Read once more', look: detail.event.status === 'failed' ? 'failed' : 'paid' })
    },
    onSettled: () => refreshInbox(client),
  })
  return (
    <div>
      <Button variant="outline" busy={replay.isPending} busyLabel="Reading it" onClick={() => replay.mutate()}>
        Read it once more
      </Button>
      <ProblemLine error={replay.error} />
    </div>
  )
}
