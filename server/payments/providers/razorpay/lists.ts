/** Razorpay's lists, entry by entry. */
import { createHash } from 'node:crypto'
import type { Reply, UnreadRecord } from '../provider.ts'
import { UnreadableEntity } from './facts.ts'

/** Reads each entry of a list by itself: one that does not say what it must is set aside, and the others are read. */
export function readEach<T>(
  items: readonly unknown[],
  read: (item: unknown) => T | null,
): { read: T[]; unread: UnreadRecord[] } {
  const found: T[] = []
  const unread: UnreadRecord[] = []
  for (const item of items) {
    try {
      const value = read(item)
      if (value !== null) found.push(value)
    } catch (error) {
      if (!(error instanceof UnreadableEntity)) throw error
      unread.push(unreadRecord(item, error.message))
    }
  }
  return { read: found, unread }
}

/** What can be said of an entry that cannot be read: its id, or the digest of what came in its place. */
export function unreadRecord(item: unknown, why: string): UnreadRecord {
  const entity = typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : {}
  const id = textOf(entity['id']) ?? textOf(entity['entity_id'])
  const digest = createHash('sha256')
    .update(JSON.stringify(item) ?? '')
    .digest('hex')
  return { ref: id ?? `unnamed-${digest.slice(0, 16)}`, providerOrderId: textOf(entity['order_id']), why, record: item }
}

/** Marks an answer that is about what was asked for and still cannot be read. */
export function unreadableIf<T>(reply: Reply<T>, isAnswer: (body: Record<string, unknown>) => boolean): Reply<T> {
  const { reply: body } = reply
  if (reply.outcome !== 'unknown' || typeof body !== 'object' || body === null) return reply
  return isAnswer(body as Record<string, unknown>) ? { ...reply, unreadable: true } : reply
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
