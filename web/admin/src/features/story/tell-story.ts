/**
 * Merges everything that is known about an order into one story, oldest first: audit events, what was asked of
 * providers, what providers sent, questions for a person, and last what is still to come.
 *
 * Nothing is dropped: an event that another row already tells is listed in that row's fold, and a webhook or a call
 * that caused a change is folded under the row of that change.
 */
import type { Order, OrderEvent, OrderStory } from '../../../../../shared/contract/orders.ts'
import { countInWords, sentence } from '../../../../ui/format.ts'
import { callRow, webhookFold, webhookRow } from './call-rows.ts'
import { type Beat, beatOf, changeLine } from './event-beats.ts'
import { joinNames, stillToCome } from './still-to-come.ts'
import { pretty, type StoryRow } from './story-row.ts'

/** Events of one transaction are written within this time of each other. */
const SAME_COMMIT_MS = 50
/** A webhook and the events it caused: how long processing may take to be seen as the cause. */
const CAUSE_WINDOW_MS = 1_000

type Commit = { at: number; source: string | null; actor: string; beats: Beat[] }

/** The rows of an order's story in the order in which they happened. Rows at the same instant keep cause before effect. */
export function tellStory(order: Order, story: OrderStory): StoryRow[] {
  const commits = commitsOf(story.events, order)
  const rows: StoryRow[] = []
  const claimed = new Map<Commit, OrderStory['webhookEvents']>()

  for (const event of story.webhookEvents) {
    const cause = commits.find((commit) => !claimed.has(commit) && isCausedBy(commit, event))
    if (cause) claimed.set(cause, [event])
  }
  const known = new Set([...claimed.values()].flat())
  const effects = new Map<Commit, OrderStory['providerCalls'][number]>()
  for (const call of story.providerCalls) {
    const effect = commits.find((commit) => !effects.has(commit) && hadEffect(call, commit))
    if (effect) effects.set(effect, call)
    else rows.push(callRow(call))
  }
  for (const commit of commits) {
    const told = rowsOfCommit(commit)
    const first = told[0]
    const webhooks = claimed.get(commit) ?? []
    if (first && webhooks.length > 0) first.folds = [...webhooks.map(webhookFold), ...first.folds]
    const call = effects.get(commit)
    if (first && call) mergeCall(first, callRow(call))
    rows.push(...told)
  }
  for (const event of story.webhookEvents) {
    if (!known.has(event)) rows.push(webhookRow(event, wasKnown(event, story.webhookEvents)))
  }
  rows.push(...reviewRows(story))
  return [...inOrder(rows), ...inOrder(stillToCome(order))]
}

/** Events that one transaction wrote, told together. */
function commitsOf(events: OrderEvent[], order: Order): Commit[] {
  const commits: Commit[] = []
  for (const event of events) {
    const at = Date.parse(event.createdAt)
    const last = commits[commits.length - 1]
    const belongs = last && at - last.at <= SAME_COMMIT_MS && last.source === event.source && last.actor === event.actor
    if (belongs) last.beats.push(beatOf(event, order))
    else commits.push({ at, source: event.source, actor: event.actor, beats: [beatOf(event, order)] })
  }
  return commits
}

function rowsOfCommit(commit: Commit): StoryRow[] {
  const lead = commit.beats.filter((beat) => !beat.isMinor)
  const told = lead.length > 0 ? lead : commit.beats.slice(0, 1)
  const shown = mergeShops(told)
  const hasFact = shown.some((beat) => beat.tone === 'fact')
  const changes = commit.beats.map((beat) => changeLine(beat.event)).join('\n')
  return shown.map((beat, index) => {
    const data = Object.keys(beat.event.data).some((name) => name !== 'reason')
      ? [{ label: 'Note', body: pretty(beat.event.data) }]
      : []
    const listed =
      index === 0 && commit.beats.length > 1 ? [{ label: `${commit.beats.length} changes`, body: changes }] : []
    const isSameCommit = hasFact && beat.tone === 'effect' && index > 0
    return {
      ...rowOf(beat),
      title: isSameCommit ? `${beat.title}, in the same commit` : beat.title,
      folds: [...beat.folds, ...data, ...listed],
    }
  })
}

function rowOf(beat: Beat): StoryRow {
  const { key, at, mark, tone, title, detail, money, folds, provider, isMoney, isCall } = beat
  return { key, at, mark, tone, title, detail, money, folds, provider, isMoney, isCall }
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

function isCausedBy(commit: Commit, event: OrderStory['webhookEvents'][number]): boolean {
  if (commit.source !== 'webhook') return false
  if (commit.beats.some((beat) => beat.provider !== null && beat.provider !== event.provider)) return false
  const received = Date.parse(event.receivedAt)
  const processed = event.processedAt ? Date.parse(event.processedAt) : received
  return commit.at >= received - SAME_COMMIT_MS && commit.at <= processed + CAUSE_WINDOW_MS
}

/**
 * An accepted call and the event that it had its effect are one message: the payment is open, the refund is taken.
 * Other calls ask for facts, and the answer is a message of its own.
 */
const EFFECTS: readonly { operation: RegExp; subject: string; to: readonly string[] }[] = [
  { operation: /^(create.?order|find.?order|.*session.*)$/i, subject: 'payment', to: ['created'] },
  { operation: /^(create.?)?refund$/i, subject: 'refund', to: ['processing', 'processed'] },
]

function hadEffect(call: OrderStory['providerCalls'][number], commit: Commit): boolean {
  const effect = EFFECTS.find(({ operation }) => operation.test(call.operation))
  if (!effect || call.outcome !== 'accepted') return false
  const lead = commit.beats[0]
  if (lead?.event.subject !== effect.subject || !effect.to.some((state) => state === lead.event.to)) return false
  if (lead.provider !== call.provider) return false
  const started = Date.parse(call.createdAt)
  return commit.at >= started - SAME_COMMIT_MS && commit.at <= started + (call.durationMs ?? 0) + CAUSE_WINDOW_MS
}

function mergeCall(row: StoryRow, call: StoryRow): void {
  row.detail = call.detail
  row.folds = [...call.folds, ...row.folds]
  row.isCall = true
}

function wasKnown(event: OrderStory['webhookEvents'][number], all: OrderStory['webhookEvents']): boolean {
  return all.some((other) => other !== event && other.type === event.type && other.receivedAt < event.receivedAt)
}

function reviewRows(story: OrderStory): StoryRow[] {
  return story.reviewItems.flatMap((item) => {
    const base = {
      mark: { at: 'hundi' } as const,
      money: null,
      folds: [],
      provider: null,
      isMoney: true,
      isCall: false,
    }
    const opened: StoryRow = {
      ...base,
      key: `review-${item.id}`,
      at: item.createdAt,
      tone: 'review',
      title: 'A person has to look',
      detail: [item.summary],
    }
    if (!item.resolvedAt) return [opened]
    return [
      opened,
      {
        ...base,
        key: `review-${item.id}-end`,
        at: item.resolvedAt,
        tone: 'effect',
        title: 'Looked at and closed',
        detail: [item.summary],
      },
    ]
  })
}

/** By time; rows of the same instant stay as they came, and what has no date comes last. */
function inOrder(rows: StoryRow[]): StoryRow[] {
  return rows
    .map((row, index) => ({ row, index }))
    .sort((a, b) => {
      const difference = timeOf(a.row) - timeOf(b.row)
      return Number.isNaN(difference) || difference === 0 ? a.index - b.index : difference
    })
    .map(({ row }) => row)
}

function timeOf(row: StoryRow): number {
  return row.at === null ? Number.POSITIVE_INFINITY : Date.parse(row.at)
}
