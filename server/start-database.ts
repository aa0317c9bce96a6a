/** The database of a process: the one that was given, or the embedded one, looked at and brought to our schema. */
import type { Config } from './platform/config.ts'
import { asStartError, checkDatabaseAccess } from './platform/database-access.ts'
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { keepRunning } from './platform/embedded-watch.ts'
import type { Log } from './platform/log.ts'
import { migrate } from './platform/migrate.ts'
import type { Ports } from './platform/ports.ts'
import { StartError } from './platform/start-error.ts'

export interface DatabaseStart {
  log: Log
  ports: Ports
  /** @param stop told whether the start failed */
  onStop(name: string, stop: (failed: boolean) => Promise<void>): void
  /** Told when the embedded database has ended for good. */
  onLost(error: Error): void
}

/**
 * @returns the address of a database that has our schema
 * @throws StartError
 */
export async function startDatabase(config: Config, start: DatabaseStart): Promise<string> {
  const { url } = config.database
  if (url === undefined) {
    const embedded = await startEmbedded(config, start)
    await migrate(embedded)
    return embedded
  }
  await checkDatabaseAccess(url)
  try {
    await migrate(url)
  } catch (error) {
    throw asStartError(error, url)
  }
  return url
}

async function startEmbedded(config: Config, { log, ports, onStop, onLost }: DatabaseStart): Promise<string> {
  try {
    const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log: (line) => log.info(line) })
    // A worker beside a server uses the database that the server keeps.
    if (config.role === 'worker') return server.url
    const watch = keepRunning(server, { log, ports, onLost })
    onStop('embedded PostgreSQL', async (failed) => {
      await watch.stop()
      // One that ran before us may be somebody's who goes on.
      if (!(failed && server.adopted)) await server.stop()
    })
    return server.url
  } catch (error) {
    // What can go wrong there is told in one line: a folder that cannot be used, a full disk, another version's files.
    const text = error instanceof Error ? error.message : String(error)
    throw new StartError(`the database in HUNDI_DATA_DIR (${config.dataDir}) cannot be started: ${text}`, error)
  }
}
