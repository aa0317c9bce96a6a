/**
 * Applies migrations/*.sql in the order of their names, each in its own transaction, once. Forward only. Processes that
 * start together wait for one another on an advisory lock. A file that changed after it was applied stops the start,
 * because the schema would no longer be what the files say.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'

const DIRECTORY = new URL('../../migrations/', import.meta.url)
/** An arbitrary number that means "Hundi migrates" to every process on this database. */
const LOCK = 4_712_026

export async function migrate(url: string): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`select pg_advisory_lock(${LOCK})`)
    await client.query(`create table if not exists schema_migrations (
      name text primary key, digest text not null, applied_at timestamptz not null default now())`)
    const known = new Map<string, string>(
      (await client.query('select name, digest from schema_migrations')).rows.map((row) => [row.name, row.digest]),
    )
    const applied: string[] = []
    const names = (await readdir(DIRECTORY)).filter((name) => name.endsWith('.sql')).sort()
    for (const name of names) {
      const text = await readFile(new URL(name, DIRECTORY), 'utf8')
      const digest = createHash('sha256').update(text).digest('hex')
      if (known.has(name)) {
        if (known.get(name) !== digest) throw new Error(`migration ${name} was changed after it had been applied`)
        continue
      }
      await apply(client, name, text, digest)
      applied.push(name)
    }
    return { applied }
  } finally {
    await client.end()
  }
}

async function apply(client: pg.Client, name: string, text: string, digest: string): Promise<void> {
  await client.query('begin')
  try {
    // A migration that waits behind a long query makes everyone wait behind it; better to fail and be run again.
    await client.query(`set local lock_timeout = '2s'`)
    await client.query(text)
    await client.query('insert into schema_migrations (name, digest) values ($1, $2)', [name, digest])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
