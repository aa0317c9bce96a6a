/** Audit events as the transactions that wrote them, and each transaction as the rows that tell it. */
import type { Order, OrderEvent, OrderStory } from '../../../../../shared/contract/orders.ts'
import { countInWords, sentence } from '../../../../ui/format.ts'
import { type Beat, beatOf, changeLine } from './event-beats.ts'
import { joinNames } from '../../lib/join-names.ts'
import type { Fold, StoryRow } from './story-row.ts'

type ProviderCall = OrderStory['providerCalls'][number]
type WebhookEvent = OrderStory['webhookEvents'][number]

export type Commit = { at: number; beats: Beat[] }

/** How long after it was received or answered something can still be seen as the cause of a change. */
const CAUSE_WINDOW_MS = 1_000
/** Two clocks of one machine may differ by this much. */
const SLACK_MS = 50

/** Events that one transaction wrote carry one and the same time. */
export function commitsOf(events: OrderEvent[], order: Order): Commit[] {
  const commits: Commit[] = []
  for (const event of events) {
    const at = Date.parse(event.createdAt)
    const last = commits[commits.length - 1]
    if (last?.at === at) last.beats.push(beatOf(event, order))
    else commits.push({ at, beats: [beatOf(event, order)] })
  }
  return commits
}

/** What a provider's event is called when it speaks of a new state, whichever provider it is. */
const SPEAKS_OF: Readonly<Record<string, RegExp>> = {
  captured: /captured|completed|succeeded|paid/i,
  failed: /fail|denied|declined/i,
  authorized: /authori[sz]ed|approved/i,
  processing: /refund/i,
  processed: /refund/i,
}

/**
 * The webhook that made a commit, if one did: received before it, of the same provider. Of several, the one that
 * speaks of what the commit says, and then the one that was done at the time of the commit.
 */
export function causeOf(commit: Commit, webhooks: readonly WebhookEvent[]): WebhookEvent | undefined {
  const speaks = (webhook: WebhookEvent) =>
    commit.beats.some(({ event }) => SPEAKS_OF[event.to ?? '']?.test(webhook.type)) ? 0 : 1
  const distance = (webhook: WebhookEvent) =>
    Math.abs(Date.parse(webhook.processedAt ?? webhook.receivedAt) - commit.at)
  return webhooks
    .filter((webhook) => isCausedBy(commit, webhook))
    .sort((a, b) => speaks(a) - speaks(b) || distance(a) - distance(b))[0]
}

/** True when the commit can be what processing this webhook did. */
function isCausedBy(commit: Commit, webhook: WebhookEvent): boolean {
  const learned = commit.beats.filter((beat) => beat.event.source === 'webhook')
  if (learned.length === 0) return false
  if (learned.some((beat) => beat.provider !== null && beat.provider !== webhook.provider)) return false
  const received = Date.parse(webhook.receivedAt)
  const processed = webhook.processedAt ? Date.parse(webhook.processedAt) : received
  return commit.at >= received - SLACK_MS && commit.at <= processed + CAUSE_WINDOW_MS
}

/**
 * An accepted call and the event that it had its effect are one message: the payment is open, the refund is taken.
 * Other calls ask for facts, and the answer is a message of its own.
 */
const EFFECTS: readonly { operation: RegExp; subject: string; to: readonly string[] }[] = [
  { operation: /^(create.?order|find.?order|.*session.*)$/i, subject: 'payment', to: ['created'] },
  { operation: /^(create.?)?refund$/i, subject: 'refund', to: ['processing', 'processed'] },
]

/** True when the commit wrote down what this accepted call did. */
export function isEffectOf(commit: Commit, call: ProviderCall): boolean {
  const effect = EFFECTS.find(({ operation }) => operation.test(call.operation))
  if (!effect || call.outcome !== 'accepted') return false
  const wrote = commit.beats.some(
    ({ event, provider, isMinor }) =>
      !isMinor &&
      event.subject === effect.subject &&
      effect.to.some((to) => to === event.to) &&
      provider === call.provider,
  )
  const started = Date.parse(call.createdAt)
  return wrote && commit.at >= started - SLACK_MS && commit.at <= started + (call.durationMs ?? 0) + CAUSE_WINDOW_MS
}

/** The rows of one commit; what is minor is listed in the first row's fold, and so is what was noted with it. */
export function rowsOfCommit(commit: Commit): StoryRow[] {
  const lead = commit.beats.filter((beat) => !beat.isMinor)
  // Parts that move by themselves are each told; beside their order's own row they are folded under it.
  const parts = commit.beats.filter((beat) => beat.event.subject === 'shop_order')
  const shown = mergeShops(lead.length > 0 ? lead : parts.length > 0 ? parts : commit.beats.slice(0, 1))
  const hasFact = shown.some((beat) => beat.tone === 'fact')
  return shown.map((beat, index) => {
    const row = rowOf(beat)
    if (index === 0) row.folds = [...row.folds, changesOf(commit)]
    if (hasFact && row.tone === 'effect') row.title = `${row.title}, in the same commit`
    return row
  })
}

/** The row of a commit that a provider's message belongs to. */
export function messageRow(rows: StoryRow[]): StoryRow | undefined {
  return rows.find((row) => 'from' in row.mark && row.mark.from === 'provider') ?? rows[0]
}

function changesOf(commit: Commit): Fold {
  const lines = commit.beats.map(({ event }) => {
    const data = Object.keys(event.data).length > 0 ? `\n  ${JSON.stringify(event.data)}` : ''
    return changeLine(event) + data
  })
  const count = commit.beats.length
  return { label: count === 1 ? 'Change' : `${count} changes`, body: lines.join('\n') }
}

/** `Three shops told` instead of one row for each. */
function mergeShops(beats: Beat[]): Beat[] {
  const told = beats.filter((beat) => 'to' in beat.mark && beat.mark.to === 'shops')
  const first = told[0]
  if (!first || told.length < 2) return beats
  const names = told.map((beat) => beat.title.replace(/ told$/, ''))
  const merged: Beat = {
    ...first,
    title: `${sentence(countInWords(told.length, 'shop'))} told`,
    detail: [`${joinNames(names)}.`],
  }
  return [...beats.filter((beat) => !told.includes(beat)), merged]
}

function rowOf(beat: Beat): StoryRow {
  const { key, at, mark, tone, title, detail, money, folds, provider, isMoney, isCall } = beat
  return { key, at, mark, tone, title, detail, money, folds, provider, isMoney, isCall }
}
