/** What every simulated provider is given: books, time, ids, faults, the call log and the way out for webhooks. */
import { Agenda } from './agenda.ts'
import { Books } from './books.ts'
import { CallLog } from './call-log.ts'
import { Faults } from './faults.ts'
import { type Identifiers, identifiers } from './identifiers.ts'
import type { SandboxPorts } from './ports.ts'

export interface World {
  ports: SandboxPorts
  books: Books
  agenda: Agenda
  ids: Identifiers
  faults: Faults
  calls: CallLog
  /** A provider's own delay (retry, late webhook, bank) in milliseconds of this simulator: divided by `timeScale`. */
  scaled(ms: number): number
  /** Now in unix seconds, as the providers write times. */
  nowSeconds(): number
  /** Counts up with everything that happens, so that a page can ask whether anything is new. */
  revision(): number
  touch(): void
}

export function createWorld(dataDir: string, ports: SandboxPorts, timeScale: number): World {
  const agenda = new Agenda(ports)
  let revision = 0
  const touch = () => {
    revision += 1
  }
  return {
    ports,
    books: new Books(dataDir),
    agenda,
    ids: identifiers(ports),
    faults: new Faults(),
    calls: new CallLog(touch),
    scaled: (ms) => ms / timeScale,
    nowSeconds: () => Math.floor(agenda.now() / 1000),
    revision: () => revision,
    touch,
  }
}
