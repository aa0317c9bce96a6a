/**
 * Work that falls due by the clock and not by an order's state. It has a row each, so that of any number of workers one
 * does it, and a worker that dies leaves it due again after a while.
 */
import { sql, type Tx } from './database.ts'

export type Timed = 'alerts' | 'check' | 'empty_webhooks' | 'empty_calls' | 'empty_answers'

export interface Turn {
  name: Timed
  /** How long this worker has it for. */
  until: Date
  /** When it fell due, which may be long ago. */
  dueAt: Date
}

/**
 * Takes a turn when it is due.
 *
 * @param firstAt when it falls due for the first time ever
 * @param until when others may take it over, because this worker must have died
 */
export async function takeTurn(tx: Tx, name: Timed, now: Date, firstAt: Date, until: Date): Promise<Turn | undefined> {
  const taken = await tx.maybeOne<{ was: Date | null }>(
    'timetable.take',
    sql`with before as (select name, due_at from timetable where name = ${name} for update skip locked)
        update timetable t set due_at = case when coalesce(before.due_at, ${firstAt}) <= ${now} then ${until}::timestamptz
            else ${firstAt}::timestamptz end
        from before where t.name = before.name and (before.due_at is null or before.due_at <= ${now})
        returning case when t.due_at = ${until} then coalesce(before.due_at, ${firstAt}::timestamptz) end as was`,
  )
  return taken === undefined || taken.was === null ? undefined : { name, until, dueAt: taken.was }
}

/** Ends a turn: it is due again at `next`. Nothing happens when others have taken it over meanwhile. */
export async function endTurn(tx: Tx, turn: Turn, next: Date): Promise<void> {
  await tx.run(
    'timetable.end',
    sql`update timetable set due_at = ${next} where name = ${turn.name} and due_at = ${turn.until}`,
  )
}

/** How far work that goes through what is old has come; undefined before it began. */
export async function doneUntil(tx: Tx, name: Timed): Promise<Date | undefined> {
  const row = await tx.maybeOne<{ done_until: Date | null }>(
    'timetable.doneUntil',
    sql`select done_until from timetable where name = ${name}`,
  )
  return row?.done_until ?? undefined
}

export async function setDoneUntil(tx: Tx, name: Timed, until: Date): Promise<void> {
  await tx.run(
    'timetable.setDoneUntil',
    sql`update timetable set done_until = greatest(done_until, ${until}::timestamptz) where name = ${name}`,
  )
}

/** The next moment at this time of day (UTC) after `now`. */
export function nextAt(time: { hour: number; minute: number }, now: Date): Date {
  const next = new Date(now)
  next.setUTCHours(time.hour, time.minute, 0, 0)
  if (next <= now) next.setUTCDate(next.getUTCDate() + 1)
  return next
}
