/**
 * What the provider does by itself later: a bank that answers after all, a hold that runs out, a refund that ends. The
 * plan is a row of the same transaction as its cause and is taken up again at start.
 */
import type { HookPolicy } from '../webhooks/outbox.ts'
import type { Shop } from './shop.ts'
import type { Step } from './tables.ts'

const NOW: HookPolicy = { kind: 'now' }

export type StepKind =
  | 'captured'
  | 'authorized'
  | 'failed'
  | 'refunded'
  | 'part-refunded'
  | 'release'
  | 'refund-processed'
  | 'refund-failed'
  | 'refund-returned'

/** Plans a step after `afterMs` at the provider's own speed. Call it inside a transaction. */
export function planStep(
  shop: Shop,
  { kind, subject, afterMs, hooks = NOW }: { kind: StepKind; subject: string; afterMs: number; hooks?: HookPolicy },
): void {
  const dueAt = shop.world.agenda.now() + shop.world.scaled(afterMs)
  const args = JSON.stringify(hooks)
  const id = shop.tables.insertStep({ dueAt, kind, subject, args })
  shop.world.books.afterCommit(() => remind(shop, { id, dueAt, kind, subject, args }))
}

/** Takes up the steps that were planned before the process ended. */
export function resumeSteps(shop: Shop): void {
  for (const step of shop.tables.listSteps()) remind(shop, step)
}

function remind(shop: Shop, step: Step): void {
  shop.world.agenda.plan(step.dueAt, () => {
    shop.world.books.transaction(() => {
      shop.tables.deleteStep(step.id)
      shop.performStep(step)
    })
  })
}
