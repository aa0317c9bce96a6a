/**
 * Applies migrations/*.sql in the order of their names, each in its own transaction, once. Forward only. Processes that
 * start together wait for one another on an advisory lock. A file that changed after it was applied stops the start,
 * because the schema would no longer be what the files say.
 *
 * Indexes on tables that may be large are made concurrently, outside of a transaction: see concurrent-indexes.ts.
 *
 * A migration that waits for a table makes everyone wait who comes after it. So it waits two seconds, steps aside for
 * those that queue behind it, and tries again; a table that is never free ends the start, and the next one goes on.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { applyConcurrently, isConcurrent } from './concurrent-indexes.ts'
import { setUpSession, sql, type Db } from './database.ts'
import { StartError } from './start-error.ts'

const DIRECTORY = new URL('../../migrations/', import.meta.url)
/** An arbitrary number that means "Hundi migrates" to every process on this database. */
const LOCK = 4_712_026
/** Requests wait for three seconds at most, so those behind a waiting migration are still served. */
const LOCK_TIMEOUT_MS = 2_000
/** With the pauses between them some two minutes: longer than any query of ours may run. */
const TRIES = 30
const TURN_POLL_MS = 50
const LOCK_NOT_AVAILABLE = '55P03'

export interface MigrateOptions {
  directory?: URL
  lockTimeoutMs?: number
  tries?: number
}

/**
 * @returns the names of the files that were applied now
 * @throws StartError that names the migration and says what is wrong; nothing of that migration is left
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const { directory = DIRECTORY, lockTimeoutMs = LOCK_TIMEOUT_MS, tries = TRIES } = options
  const client = new pg.Client({ connectionString: url, application_name: 'hundi migration' })
  // A connection that breaks fails what is asked of it; unheard, it would end the process before that.
  client.on('error', () => {})
  await client.connect()
  try {
    await setUpSession(client, { lock_timeout: String(lockTimeoutMs) })
    await takeTurn(client, tries, lockTimeoutMs)
    await client.query(`create table if not exists schema_migrations (
      name text primary key, digest text not null, applied_at timestamptz not null default now())`)
    const known = new Map<string, string>(
      (await client.query('select name, digest from schema_migrations')).rows.map((row) => [row.name, row.digest]),
    )
    const applied: string[] = []
    const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
    for (const name of names) {
      const text = await readFile(new URL(name, directory), 'utf8')
      const digest = createHash('sha256').update(text).digest('hex')
      if (known.has(name)) {
        if (known.get(name) !== digest) throw new StartError(`migration ${name} was changed after it had been applied`)
        continue
      }
      const applying = isConcurrent(text)
        ? applyAlone(client, name, text, digest, lockTimeoutMs)
        : patiently(tries, lockTimeoutMs, () => apply(client, name, text, digest))
      await applying.catch((error: Error) => {
        throw new StartError(`migration ${name} failed: ${error.message}`, error)
      })
      applied.push(name)
    }
    return { applied }
  } finally {
    await client.end()
  }
}

/**
 * Waits until no other process migrates. It asks again and again and does not wait inside of a statement: an index that
 * the other makes concurrently waits for every statement, and the two would wait for one another.
 */
async function takeTurn(client: pg.Client, tries: number, pauseMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 2 * tries * pauseMs; waitedMs += TURN_POLL_MS) {
    const { rows } = await client.query(`select pg_try_advisory_lock(${LOCK}) as mine`)
    if (rows[0].mine) return
    await sleep(TURN_POLL_MS)
  }
  throw new StartError('another process is migrating this database')
}

async function applyAlone(client: pg.Client, name: string, text: string, digest: string, lockTimeoutMs: number) {
  await applyConcurrently(client, text)
  await client.query(`set lock_timeout = ${lockTimeoutMs}; set statement_timeout = default`)
  await client.query('insert into schema_migrations (name, digest) values ($1, $2)', [name, digest])
}

async function apply(client: pg.Client, name: string, text: string, digest: string): Promise<void> {
  await client.query('begin')
  try {
    await client.query(text)
    await client.query('insert into schema_migrations (name, digest) values ($1, $2)', [name, digest])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** Tries again, after as long as it had waited, what did not get its locks in time. */
async function patiently(tries: number, pauseMs: number, work: () => Promise<unknown>): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      await work()
      return
    } catch (error) {
      if (!isLockTimeout(error) || left <= 1) throw error
      await sleep(pauseMs)
    }
  }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE
}

/** Throws when the database does not answer or has not been migrated. */
export async function assertReady(db: Db): Promise<void> {
  await db.one('platform.ready', sql`select 1 from schema_migrations limit 1`)
}
