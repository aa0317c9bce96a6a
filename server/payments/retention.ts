/** What providers sent and replied is kept for a time, and then emptied; ids, outcomes and times are kept for ever. */
import type { Deps } from '../platform/deps.ts'
import { doneUntil, setDoneUntil, type Timed } from '../platform/timetable.ts'
import { deleteRejections, emptyCalls, emptyEvents } from './webhook-archive-queries.ts'

const BATCH = 500
const BEGINNING = new Date(0)

const EMPTIED: readonly { name: Timed; empty: typeof emptyEvents }[] = [
  { name: 'empty_webhooks', empty: emptyEvents },
  { name: 'empty_calls', empty: emptyCalls },
]

/**
 * Empties bodies of webhooks and replies of providers that are older than `before`, a batch of each, and forgets refused
 * deliveries that are as old.
 *
 * @returns how many were emptied; none when nothing that old is left
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
