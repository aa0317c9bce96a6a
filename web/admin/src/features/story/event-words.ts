/** The words and marks that every kind of event is told with. */
import type { OrderEvent } from '../../../../../shared/contract/orders.ts'
import { sentence } from '../../../../ui/format.ts'
import type { Phrase } from '../../../../ui/phrase.ts'
import type { Mark, StoryRow } from './story-row.ts'

/** What one event says, before it is placed in the story. */
export type Told = Pick<StoryRow, 'mark' | 'tone' | 'title'> &
  Partial<Omit<StoryRow, 'key' | 'at'>> & {
    /** Only listed under another row of its commit, when there is one. */
    isMinor?: boolean
  }

/** A type this panel does not know: its own name in words, on the side it came from. */
export function unknownEvent(event: OrderEvent): Told {
  const words = sentence(event.type.replace(/^[a-z_]+\./, '').replaceAll(/[._]/g, ' '))
  const isRefusal = /invalid|refused|rejected|mismatch/.test(event.type)
  const detail: Phrase = [textOf(event, 'reason') ?? textOf(event, 'note') ?? textOf(event, 'message') ?? '']
  return { mark: deedMark(event), tone: isRefusal ? 'refusal' : 'message', title: words, detail }
}

/** From whose side something was done to us; what we or an admin do stays in our lane. */
export function deedMark(event: OrderEvent): Mark {
  const from = { shopper: 'shopper', provider: 'provider', seller: 'shops' }[event.actor]
  return from === 'shopper' || from === 'provider' || from === 'shops' ? { from, to: 'hundi' } : { at: 'hundi' }
}

/** Where money was learned of: from the provider, unless a person said so. */
export function learned(event: OrderEvent): Mark {
  return event.actor === 'admin' || event.actor === 'seller' ? deedMark(event) : { from: 'provider', to: 'hundi' }
}

/** The actor as the subject of a sentence. */
export function who(event: OrderEvent): string {
  return (
    { shopper: 'The shopper', admin: 'An admin', seller: 'The shop', provider: 'The provider' }[event.actor] ?? 'Hundi'
  )
}

/** In words, how we came to know: a webhook, our own question, a person. */
export function howLearned(event: OrderEvent): string {
  const ways: Record<string, string> = {
    webhook: 'Signed webhook.',
    verify: 'Asked when the shopper came back.',
    poll: 'Asked on schedule.',
    worker: 'Asked on schedule.',
    reconciliation: 'Found by reconciliation.',
    admin: 'Marked by hand.',
    api: 'Asked at once.',
  }
  return ways[event.source ?? ''] ?? ''
}

/** The reason that was given, as a sentence; nothing when none was. */
export function reasonOf(event: OrderEvent): Phrase {
  const reason = textOf(event, 'reason') ?? textOf(event, 'note')
  return reason ? [`Reason: ${reason.replace(/\.$/, '')}.`] : []
}

/** A text among what was noted with the event. */
export function textOf(event: OrderEvent, name: string): string | null {
  const value = event.data[name]
  return typeof value === 'string' && value !== '' ? value : null
}
