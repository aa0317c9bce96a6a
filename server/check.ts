/**
 * `npm run check`: asks the database whether the books are right, and changes nothing.
 *
 *   npm run check             in plain words; history since it was last found right
 *   npm run check -- --full   all of history
 *   npm run -s check -- --json
 *
 * Exit code 0 when all is well, 1 when something is wrong, 2 when it could not be asked. The database is DATABASE_URL's,
 * else the embedded one in HUNDI_DATA_DIR: the one that runs, or one that is started for as long as it takes.
 */
import { isAlone } from './operations/check-queries.ts'
import { reportOf } from './operations/check-report.ts'
import { askBooks } from './operations/checks.ts'
import { asOutage, codeOf, openDatabase } from './platform/database.ts'
import { checkDatabaseAccess } from './platform/database-access.ts'
import { findEmbedded, startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { EnvironmentReader } from './platform/environment.ts'
import { systemPorts } from './platform/ports.ts'
import { StartError } from './platform/start-error.ts'

const ALL_WELL = 0
const WRONG = 1
const COULD_NOT_ASK = 2

/** For what a person can mend, told in one line. */
class CannotAsk extends Error {}

interface Source {
  url: string
  /** @param alone whether nobody else uses the database */
  close(alone: boolean): Promise<void>
}

async function main(): Promise<number> {
  const options = process.argv.slice(2)
  if (options.some((option) => option !== '--json' && option !== '--full'))
    throw new CannotAsk('usage: npm run check [-- --json --full]')
  const source = await findSource()
  const ports = systemPorts()
  const db = openDatabase({ url: source.url, max: 2, name: 'hundi check', readOnly: true }, ports)
  let alone = false
  try {
    const answers = await askBooks(db, ports, { full: options.includes('--full') })
    if (answers === undefined) throw new CannotAsk('another check is under way')
    process.stdout.write(options.includes('--json') ? `${JSON.stringify(answers, null, 2)}\n` : reportOf(answers))
    alone = await isAlone(db)
    return answers.ok ? ALL_WELL : WRONG
  } finally {
    await db.close()
    await source.close(alone)
  }
}

async function findSource(): Promise<Source> {
  const read = new EnvironmentReader(process.env)
  const url = read.address('DATABASE_URL', ['postgres:', 'postgresql:'])
  const [problem] = read.problems
  if (problem !== undefined) throw new CannotAsk(`${problem.variable} ${problem.problem}`)
  if (url !== undefined) {
    await checkDatabaseAccess(url, { onlyReads: true })
    return { url, close: async () => {} }
  }
  const dataDir = read.find('HUNDI_DATA_DIR') ?? '.hundi'
  const found = findEmbedded(dataDir)
  if (found === undefined) throw new CannotAsk(`there is no database in ${dataDir}: set DATABASE_URL or HUNDI_DATA_DIR`)
  if (found.url !== undefined) return { url: found.url, close: async () => {} }
  const server = await startEmbeddedPostgres({ dataDir, log: (line) => process.stderr.write(`${line}\n`) })
  // A shop that was started meanwhile has taken the server over, and goes on with it.
  return { url: server.url, close: async (alone) => (alone && !server.adopted ? server.stop() : undefined) }
}

/** Why it could not be asked, for a person; a defect is told with its place. */
function reasonOf(error: unknown): string {
  if (error instanceof CannotAsk || error instanceof StartError) return error.message
  const text = error instanceof Error ? error.message : String(error)
  const NO_SUCH_TABLE = '42P01'
  const NO_SUCH_COLUMN = '42703'
  if ([NO_SUCH_TABLE, NO_SUCH_COLUMN].includes(codeOf(error))) {
    return `the database has not this version's tables: start the server once (${text})`
  }
  if (asOutage(error) !== undefined || codeOf(error) !== '') return `the database cannot be asked: ${text}`
  return error instanceof Error && error.name !== 'Error' ? (error.stack ?? text) : text
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`check: ${reasonOf(error)}\n`)
  process.exitCode = COULD_NOT_ASK
}
