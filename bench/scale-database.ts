/** The database that is measured: filled once, and kept for the next run when a folder is given. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts'
import { migrate } from '../server/platform/migrate.ts'
import { catchUp, fillDatabase, nothingIsDue } from '../test/filled-database.ts'

/** Nothing of it must survive a crash while it is filled; it is measured with the settings of production. */
const WHILE_FILLING = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
}

export interface ScaleDatabase {
  url: string
  stop(): Promise<void>
}

/**
 * @param options.keep the folder in which it is kept, or found again; a temporary one when undefined
 * @param options.from how old its first order is, in days
 */
export async function scaleDatabase(
  options: { orders: number; days: number; keep: string | undefined },
  log: (line: string) => void,
): Promise<ScaleDatabase> {
  const dataDir = options.keep ?? (await mkdtemp(join(tmpdir(), 'hundi-scale-')))
  const note = join(dataDir, 'filled.json')
  if (!existsSync(note)) {
    await fill(dataDir, options, log)
    writeFileSync(note, JSON.stringify({ orders: options.orders, days: options.days }))
  }
  const filled = JSON.parse(readFileSync(note, 'utf8'))
  if (filled.orders !== options.orders) log(`${dataDir} holds ${filled.orders} paid orders; that is what is measured`)
  const server = await startEmbeddedPostgres({ dataDir })
  const { applied } = await migrate(server.url)
  if (applied.length > 0) log(`migrated: ${applied.join(', ')}`)
  await catchUp(server.url)
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await nothingIsDue(client)
  await client.query('vacuum (analyze)')
  await client.end()
  return {
    url: server.url,
    async stop() {
      await server.stop()
      if (options.keep === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function fill(dataDir: string, { orders, days }: { orders: number; days: number }, log: (line: string) => void) {
  const server = await startEmbeddedPostgres({ dataDir, settings: WHILE_FILLING })
  try {
    await migrate(server.url)
    await fillDatabase(
      { url: server.url, drop: async () => {} },
      { paidOrders: orders, days, times: 8, shops: 24, log },
    )
  } finally {
    await server.stop()
  }
}
