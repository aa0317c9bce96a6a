/**
 * What many ask for at the same time is done together: a group shares one transaction, its round trips and its commit. A
 * lane sends what comes while it is idle at once, and whatever waits when a group has ended leaves as the next one. So a
 * single shopper waits for nobody, and the busier it gets the larger groups become and the less each of them costs.
 *
 * Nobody pays for another's fault. Who refuses before having written anything is left out of the group. When anything else
 * fails, all of the group is rolled back and each is done once more, alone. When the connection is lost nobody knows
 * whether the group stands, and each is told that, as one that is alone would be.
 */
import { inOneTransaction, inTransaction, isOutOfReach, type Database, type Tx } from './database.ts'

/** What shares groups: a new order until it can be paid; what its payment becomes; what providers send. */
export type LaneName = 'placing' | 'settling' | 'inbox'

const MOST_IN_GROUP = 64
/** A group that takes so long waits for somebody; another may leave meanwhile. */
const LONG_MS = 50
const MOST_GROUPS = 2

interface Waiting {
  /** Of its transaction: see `inTransaction`. */
  name: string
  key: string
  /** A transaction by itself, where nobody shares it. */
  isOneStatement: boolean
  work: (tx: Tx) => Promise<unknown>
  resolve: (value: unknown) => void
  reject: (reason: unknown) => void
}

interface Group {
  leftAtMs: number
}

/** The state of a lane, of one process and pool. */
export interface Lane {
  waiting: Waiting[]
  underWay: Set<Group>
  /** It will be looked at again, because somebody waits for a group that may take long. */
  isTimed: boolean
}

export interface Place {
  lane: LaneName
  /** Names its points, as that of a transaction does. */
  name: string
  /**
   * What it is about: two that are about the same never share a group. Within a group works begin in the order of their
   * keys, so that what a work locks first must be that.
   */
  key: string
}

/**
 * As `inTransaction`, together with whatever else waits in the lane.
 *
 * @param work what it throws before it has written anything is its own affair alone
 */
export function inGroup<T>(db: Database, place: Place, work: (tx: Tx) => Promise<T>): Promise<T> {
  return enter(db, place, work, false)
}

/** As `inGroup`, for one statement: a transaction by itself where nobody shares it. */
export function statementInGroup<T>(db: Database, place: Place, work: (tx: Tx) => Promise<T>): Promise<T> {
  return enter(db, place, work, true)
}

function enter<T>(
  db: Database,
  { lane: laneName, name, key }: Place,
  work: (tx: Tx) => Promise<T>,
  isOneStatement: boolean,
): Promise<T> {
  const lane = db.lanes.get(laneName) ?? { waiting: [], underWay: new Set(), isTimed: false }
  db.lanes.set(laneName, lane)
  return new Promise<T>((resolve, reject) => {
    lane.waiting.push({ name, key, isOneStatement, work, resolve: resolve as (value: unknown) => void, reject })
    depart(db, laneName, lane)
  })
}

function depart(db: Database, laneName: LaneName, lane: Lane): void {
  const nowMs = db.ports.clock.monotonicMs()
  const isHeldUp = [...lane.underWay].every((group) => nowMs - group.leftAtMs > LONG_MS)
  if (lane.underWay.size >= MOST_GROUPS) return
  if (!isHeldUp) return lookAgain(db, laneName, lane)
  const entries = take(lane)
  if (entries.length === 0) return
  const group = { leftAtMs: nowMs }
  lane.underWay.add(group)
  db.ports.metrics.observe('hundi_group_size', { lane: laneName }, entries.length)
  void run(db, laneName, entries).finally(() => {
    lane.underWay.delete(group)
    depart(db, laneName, lane)
  })
}

/** Whoever waits for a group that takes long leaves without it. */
function lookAgain(db: Database, laneName: LaneName, lane: Lane): void {
  if (lane.isTimed || lane.waiting.length === 0) return
  lane.isTimed = true
  void db.ports.timers.sleep(LONG_MS + 1).then(() => {
    lane.isTimed = false
    depart(db, laneName, lane)
  })
}

/** Those who have waited longest, each about something else than the others. */
function take(lane: Lane): Waiting[] {
  const busy = new Set<string>()
  const taken: Waiting[] = []
  const left: Waiting[] = []
  for (const each of lane.waiting) {
    if (busy.has(each.key) || taken.length >= MOST_IN_GROUP) left.push(each)
    else taken.push(each)
    busy.add(each.key)
  }
  lane.waiting = left
  return taken.sort((a, b) => (a.key < b.key ? -1 : 1))
}

async function run(db: Database, lane: LaneName, group: readonly Waiting[]): Promise<void> {
  const [first, ...others] = group
  if (first !== undefined && others.length === 0) return alone(db, first)
  try {
    const results = await inOneTransaction(db, group)
    for (const [at, result] of results.entries()) {
      if (result.status === 'fulfilled') group[at]?.resolve(result.value)
      else group[at]?.reject(result.reason)
    }
  } catch (error) {
    if (isOutOfReach(error)) {
      for (const each of group) each.reject(error)
      return
    }
    db.ports.metrics.count('hundi_groups_undone_total', { lane })
    for (const each of group) await alone(db, each)
  }
}

function alone(db: Database, { name, work, isOneStatement, resolve, reject }: Waiting): Promise<void> {
  return (isOneStatement ? work(db.alone) : inTransaction(db, name, work)).then(resolve, reject)
}
