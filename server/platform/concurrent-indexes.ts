/**
 * Migrations that make indexes on tables which may have millions of rows by then. Made in a transaction, an index keeps
 * everybody from writing to its table for as long as it takes; made concurrently it keeps nobody from anything, but cannot
 * be in a transaction. So such a file says "concurrently:" in its first line and holds nothing but statements that make or
 * drop indexes concurrently. Each is safe to repeat: what a killed process has left half made is dropped and made anew.
 */
import type pg from 'pg'

/**
 * It waits for every transaction that is open, and keeps nobody waiting meanwhile. A session that was left open for hours
 * ends the start with an error that says so, and the next start goes on.
 */
const LONGEST_MS = 3_600_000
/** Two that wait for one another: the one that was ended tries again. */
const DEADLOCK = '40P01'
const TRIES = 5

const FIRST_LINE = /^-- concurrently: /i
const STATEMENT = /^(create (?:unique )?index|drop index) concurrently (if (?:not )?exists )?(\w+)( on [^;]+)?$/i

/** Whether the migration is one of those. */
export function isConcurrent(text: string): boolean {
  return FIRST_LINE.test(text)
}

/**
 * Makes and drops the indexes that the migration names. Those that are there already stay.
 *
 * @throws Error when the file holds anything else; nothing was done then
 */
export async function applyConcurrently(client: pg.Client, text: string): Promise<void> {
  const statements = text
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim().replaceAll(/\s+/g, ' '))
    .filter((statement) => statement !== '')
  const parsed = statements.map(parse)
  await client.query(`set lock_timeout = 0; set statement_timeout = ${LONGEST_MS}`)
  for (const { creates, name, statement } of parsed) {
    for (let left = TRIES; ; left -= 1) {
      try {
        await apply(client, creates, name, statement)
        break
      } catch (error) {
        if ((error as { code?: string }).code !== DEADLOCK || left <= 1) throw error
      }
    }
  }
}

async function apply(client: pg.Client, creates: boolean, name: string, statement: string): Promise<void> {
  const { rows } = await client.query(
    `select indisvalid as valid from pg_index where indexrelid = to_regclass('public.' || quote_ident($1))`,
    [name],
  )
  const found = rows[0] as { valid: boolean } | undefined
  if (creates && found?.valid === true) return
  if (found !== undefined && (!creates || !found.valid)) await client.query(`drop index concurrently if exists ${name}`)
  if (creates) await client.query(statement)
}

function parse(statement: string): { creates: boolean; name: string; statement: string } {
  const [, verb = '', , name = '', on] = STATEMENT.exec(statement) ?? []
  const creates = verb.toLowerCase().startsWith('create')
  if (name === '' || creates !== (on !== undefined)) {
    throw new Error(`only indexes are made and dropped concurrently, and not: ${statement}`)
  }
  return { creates, name, statement }
}
