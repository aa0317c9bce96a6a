/**
 * Merges everything that is known about an order into one story, oldest first: audit events, what was asked of
 * providers, what providers sent, questions for a person, and last what is still to come.
 *
 * Nothing is dropped: an event that another row already tells is listed in that row's fold, and a webhook or a call
 * that caused a change is folded under the row of that change.
 */
import type { Order, OrderStory } from '../../../../../shared/contract/orders.ts'
import { clockParts } from '../../../../ui/format.ts'
import { callRow, webhookFold, webhookRow } from './call-rows.ts'
import { type Commit, commitsOf, causeOf, isEffectOf, messageRow, rowsOfCommit } from './commits.ts'
import { FORGED } from './money-beats.ts'
import { stillToCome } from './still-to-come.ts'
import type { StoryRow } from './story-row.ts'

type ProviderCall = OrderStory['providerCalls'][number]
type WebhookEvent = OrderStory['webhookEvents'][number]
type ReviewItem = OrderStory['reviewItems'][number]

/** A question for a person is opened just before the commit that it belongs to is written. */
const REVIEW_SLACK_MS = 50

/** The rows of an order's story in the order in which they happened. Rows at the same instant keep cause before effect. */
export function tellStory(order: Order, story: OrderStory): StoryRow[] {
  const commits = commitsOf(story.events, order)
  const causes = new Map<Commit, WebhookEvent>()
  const effects = new Map<Commit, ProviderCall>()
  const rows: StoryRow[] = []

  let alone = story.webhookEvents
  for (const commit of commits) {
    const cause = causeOf(commit, alone)
    if (!cause) continue
    causes.set(commit, cause)
    alone = alone.filter((webhook) => webhook !== cause)
  }
  for (const call of story.providerCalls) {
    const commit = commits.find((each) => !effects.has(each) && isEffectOf(each, call))
    if (commit) effects.set(commit, call)
    else rows.push(callRow(call))
  }
  for (const commit of commits) rows.push(...tellCommit(commit, causes.get(commit), effects.get(commit)))
  for (const webhook of alone) {
    rows.push(
      webhookRow(webhook, {
        isRepeat:
          alone.some((other) => other.type === webhook.type && other.receivedAt < webhook.receivedAt) ||
          [...causes.values()].some((other) => other.type === webhook.type && other.receivedAt < webhook.receivedAt),
        wasOvertaken: commits.some((commit) => isWhileWaiting(commit, webhook)),
      }),
    )
  }
  rows.push(...story.reviewItems.flatMap((item) => reviewRows(item, commits)))
  return [...collapseRepeats(inOrder(rows)), ...inOrder(stillToCome(order))]
}

function tellCommit(commit: Commit, webhook: WebhookEvent | undefined, call: ProviderCall | undefined): StoryRow[] {
  const rows = rowsOfCommit(commit)
  const message = messageRow(rows)
  if (message && webhook) message.folds = [webhookFold(webhook), ...message.folds]
  const first = rows[0]
  if (first && call) {
    const asked = callRow(call)
    first.detail = asked.detail
    first.folds = [...asked.folds, ...first.folds]
    first.isCall = true
  }
  return rows
}

/** True when the commit was made between receiving the webhook and reading it. */
function isWhileWaiting(commit: Commit, webhook: WebhookEvent): boolean {
  if (webhook.processedAt === null) return false
  return commit.at >= Date.parse(webhook.receivedAt) && commit.at <= Date.parse(webhook.processedAt)
}

function reviewRows(item: ReviewItem, commits: Commit[]): StoryRow[] {
  const opened = Date.parse(item.createdAt)
  const commit = commits.find(({ at }) => at >= opened && at - opened <= REVIEW_SLACK_MS)
  const base = { mark: { at: 'hundi' } as const, money: null, folds: [], provider: null, isMoney: true, isCall: false }
  const rows: StoryRow[] = [
    {
      ...base,
      key: `review-${item.id}`,
      at: commit ? new Date(commit.at).toISOString() : item.createdAt,
      tone: 'review',
      title: 'A person has to look',
      detail: [item.summary],
    },
  ]
  if (item.resolvedAt && !isDecisionTold(item, commits)) {
    const detail = [item.summary]
    rows.push({
      ...base,
      key: `review-${item.id}-end`,
      at: item.resolvedAt,
      tone: 'effect',
      title: 'Looked at and closed',
      detail,
    })
  }
  return rows
}

/** A person's decision has an event of its own, which says what was decided and why. */
function isDecisionTold(item: ReviewItem, commits: Commit[]): boolean {
  const closed = Date.parse(item.resolvedAt ?? '')
  return commits.some(
    ({ at, beats }) =>
      Math.abs(at - closed) <= REVIEW_SLACK_MS &&
      beats.some(({ event }) => event.type === 'review.resolved' && event.data['kind'] === item.kind),
  )
}

/** What was asked, or claimed, again and again without news becomes one row, so that waiting does not bury what happened. */
function collapseRepeats(rows: StoryRow[]): StoryRow[] {
  const told: StoryRow[] = []
  const counts = new Map<StoryRow, number>()
  for (const row of rows) {
    const before = told[told.length - 1]
    const isRepeat = before !== undefined && mayRepeat(before) && mayRepeat(row) && sameQuestion(before, row)
    if (!before || !isRepeat) {
      told.push(row)
      continue
    }
    const count = (counts.get(before) ?? 1) + 1
    const merged: StoryRow = {
      ...before,
      detail: [`${count} times, last at ${row.at ? clockParts(row.at).clock : ''}. `, ...row.detail],
      folds: joinFolds(before, row),
    }
    told[told.length - 1] = merged
    counts.set(merged, count)
  }
  return told
}

/** Asking a provider, and signatures that are not valid: anybody who may see the order can bring one each minute. */
function mayRepeat(row: StoryRow): boolean {
  return row.key.startsWith('call-') || row.title === FORGED
}

function sameQuestion(a: StoryRow, b: StoryRow): boolean {
  return a.title === b.title && a.tone === b.tone && a.provider === b.provider
}

/** Folds of the same name one after another, each with its time. */
function joinFolds(a: StoryRow, b: StoryRow): StoryRow['folds'] {
  const labels = [...new Set([...a.folds, ...b.folds].map((fold) => fold.label))]
  const time = b.at ? `${clockParts(b.at).clock}\n` : ''
  return labels.map((label) => ({
    label,
    body: [...bodiesOf(a, label), ...bodiesOf(b, label).map((body) => time + body)].join('\n'),
  }))
}

function bodiesOf(row: StoryRow, label: string): string[] {
  return row.folds.filter((fold) => fold.label === label).map((fold) => fold.body)
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
