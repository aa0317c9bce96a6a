/**
 * What providers sent and replied is kept for a time, and then emptied. What is left of a webhook event is its id, by
 * which a delivery that comes again is known; after two years that is forgotten too. See docs/adr/0012.
 */
import { emptyCalls } from '../payments/providers/call-queries.ts'
import type { Deps } from '../platform/deps.ts'
import { doneUntil, setDoneUntil, type Timed } from '../platform/timetable.ts'
import { deleteEvents, deleteRejections, emptyEvents } from './archive-queries.ts'

const BATCH = 500
const BEGINNING = new Date(0)
/**
 * No provider sends an event again after days, and a list of them shows weeks. One that came all the same would say what
 * is known already, and change nothing.
 */
const EVENTS_KNOWN_MS = 730 * 86_400_000

const EMPTIED: readonly { name: Timed; empty: typeof emptyEvents }[] = [
  { name: 'empty_webhooks', empty: emptyEvents },
  { name: 'empty_calls', empty: emptyCalls },
]

/**
 * Empties bodies of webhooks and replies of providers that are older than `before`, a batch of each, and forgets refused
 * deliveries and answered look-ups that are as old.
 *
 * @returns how many were emptied or forgotten; none when nothing that old is left
 */
export async function emptyOld(deps: Deps, before: Date): Promise<number> {
  await deleteRejections(deps.db.alone, before)
  let emptied = 0
  for (const { name, empty } of EMPTIED) {
    // Where the last batch ended, so that what was emptied long ago is not looked at again.
    const from = (await doneUntil(deps.db.alone, name)) ?? BEGINNING
    if (from >= before) continue
    const { count, last } = await empty(deps.db.alone, from, before, BATCH)
    await setDoneUntil(deps.db.alone, name, count < BATCH ? before : (last ?? before))
    emptied += count
  }
  return emptied
}

/**
 * Forgets events of providers that came two years ago, a batch of them, and never one that is not emptied yet.
 *
 * @param emptied what came before it is emptied
 * @returns how many were forgotten
 */
export function forgetEvents(deps: Deps, now: Date, emptied: Date): Promise<number> {
  const before = new Date(Math.min(now.getTime() - EVENTS_KNOWN_MS, emptied.getTime()))
  return deleteEvents(deps.db.alone, before, BATCH)
}
