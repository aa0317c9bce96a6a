/**
 * The simulator's durable books: one SQLite file, written by this process alone. A commit survives the death of the
 * process (WAL, synchronous NORMAL); only a power cut may lose the last ones, which a simulator can afford.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

const SETTINGS = `
create table if not exists settings (
  name text primary key,
  value text not null
) strict, without rowid`

export class Books {
  readonly db: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  #depth = 0
  #afterCommit: Array<() => void> = []

  /** @param dataDir a folder, made when missing, or ':memory:' */
  constructor(dataDir: string) {
    if (dataDir !== ':memory:') mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    this.db = new DatabaseSync(dataDir === ':memory:' ? dataDir : join(dataDir, 'sandbox.db'))
    this.db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 2000')
    this.db.exec(SETTINGS)
    this.#begin = this.db.prepare('begin immediate')
    this.#commit = this.db.prepare('commit')
  }

  /** Runs `work` in one transaction; an inner call joins the outer one. An exception undoes everything. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work()
    this.#begin.run()
    this.#depth = 1
    let result: T
    try {
      result = work()
      this.#commit.run()
    } catch (error) {
      this.#afterCommit = []
      if (this.db.isTransaction) this.db.exec('rollback')
      throw error
    } finally {
      this.#depth = 0
    }
    const waiting = this.#afterCommit
    this.#afterCommit = []
    for (const run of waiting) run()
    return result
  }

  /** What must not happen unless the transaction in hand commits; outside one it runs at once. */
  afterCommit(run: () => void): void {
    if (this.#depth > 0) this.#afterCommit.push(run)
    else run()
  }

  setting(name: string): string | undefined {
    const row = this.db.prepare('select value from settings where name = ?').get(name)
    return row === undefined ? undefined : String(row.value)
  }

  putSetting(name: string, value: string): void {
    this.db
      .prepare(
        'insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      )
      .run(name, value)
  }

  close(): void {
    if (this.db.isOpen) this.db.close()
  }
}
