/**
 * A server's life in this process that ends at a named point as `kill -9` would end it. Its connections are closed by
 * nobody but the kernel, so what was open is rolled back; nothing of what it was about to do is done, to the database or
 * to the provider; and whoever waits for it never hears, but for us. It costs a hundredth of a process.
 *
 * What this cannot show is what a new process finds or lacks: the files, the ports, the memory of the old one. For that a
 * few real servers are really killed; see test/crash-world.ts.
 */
import type { Socket } from 'node:net'
import type { ClientBase, Pool } from 'pg'
import type { App } from '../server/platform/http.ts'
import type { Network } from '../server/platform/network.ts'
import { runPassesUntilIdle } from '../server/platform/passes.ts'
import { systemPorts, type Ports } from '../server/platform/ports.ts'
import { assemble, type Assembly, type Settings, type Surroundings } from './assembly.ts'
import { limitAnswers } from './limits.ts'
import { messageOf, parsed, type Answer, type CallOptions } from './shop.ts'

/** What whoever waits for a dead server gets instead of an answer. */
export class Died extends Error {}

export interface Life {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Runs this pass until nothing is due, as a worker does. */
  pass(name: string): Promise<void>
  /** Runs all passes until nothing is due. */
  work(): Promise<void>
  /** Waits until what it has received is processed. */
  idle(): Promise<void>
  /** Does something else with the parts of this server. */
  doing<T>(work: (parts: Assembly) => Promise<T>): Promise<T>
  /** Ends it as an operator would. */
  end(): Promise<void>
  /** The points that it has reached so far, in their order, the last of them being where it died. */
  readonly reached: readonly string[]
  readonly isDead: boolean
  /** The sessions that it had at the database; those of the dead end a moment later, when the database has noticed. */
  sessions(): number[]
}

/** Neither resolves nor rejects, for what is awaited by the dead: a new one each time, so that they can be forgotten. */
function never(): Promise<never> {
  return new Promise(() => {})
}

/**
 * A server that does one thing. Each connection costs as much as some statements: a request never needs a second one while
 * it holds its first, and the provider's books are asked for on two. Each file of the built pages has routes of its own,
 * half of all, and nobody opens a page.
 */
const FRUGAL = { connections: [1, 2], builtPages: '/nowhere/' } satisfies Settings

/**
 * Starts a server that dies at a point.
 *
 * @param dyingAt the n-th point that it reaches, or a name, with a number as in `tx:settle:commit#2` for one that comes
 *   again; Infinity: it lives, and remembers its points; undefined: it has none, as in production
 */
export async function startLife(
  around: Omit<Surroundings, 'ports'> & { network: Network; clock: { aheadMs: number } },
  settings: Settings,
  dyingAt?: number | string,
): Promise<Life> {
  const reached: string[] = []
  const death = Promise.withResolvers<never>()
  death.promise.catch(() => {})
  let isDead = false
  const ports = mortalPorts(around.network, around.clock, () => isDead)
  if (dyingAt !== undefined) ports.points = { reach }
  const parts = await assemble({ ...around, ports }, { ...FRUGAL, ...settings })
  const connections = [parts.db, parts.workDb].map(({ pool }) => connectionsOf(pool))
  const untilDeath = <T>(work: Promise<T>): Promise<T> => Promise.race([work, death.promise])

  async function reach(point: string): Promise<void> {
    if (isDead) return never()
    reached.push(point)
    const isItsTurn =
      typeof dyingAt === 'number'
        ? reached.length === dyingAt
        : dyingAt === point || dyingAt === `${point}#${reached.filter((each) => each === point).length}`
    if (!isItsTurn) return
    isDead = true
    for (const each of connections) each.cut()
    void parts.accounts.close()
    death.reject(new Died(point))
    return never()
  }

  return {
    reached,
    get isDead() {
      return isDead
    },
    call: (method, path, options = {}) => untilDeath(parts.app().then((app) => inject(app, method, path, options))),
    async pass(name) {
      const pass = parts.passes.find((each) => each.name === name)
      if (pass === undefined) throw new Error(`there is no pass ${name}`)
      while ((await untilDeath(pass.runOnce())) > 0);
    },
    work: () => untilDeath(runPassesUntilIdle(parts.passes)),
    idle: () => untilDeath(parts.receiver.idle()),
    doing: (work) => untilDeath(work(parts)),
    sessions: () => connections.flatMap((each) => each.sessions()),
    async end() {
      await parts.receiver.idle()
      await parts.accounts.close()
      await parts.db.close()
      await parts.workDb.close()
    },
  }
}

/** The ports of a server that can die: from then on nobody is answered, no timer rings, and nothing leaves. */
function mortalPorts(network: Network, clock: { aheadMs: number }, isDead: () => boolean): Ports {
  const ports = systemPorts()
  const whileAlive = async <T>(begin: () => Promise<T>): Promise<T> => {
    if (isDead()) return never()
    try {
      const result = await begin()
      return isDead() ? never() : result
    } catch (error) {
      if (isDead()) return never()
      throw error
    }
  }
  ports.clock = { now: () => new Date(Date.now() + clock.aheadMs), monotonicMs: () => performance.now() }
  const { timers } = ports
  ports.timers = { sleep: (ms, signal) => whileAlive(() => timers.sleep(ms, signal)) }
  ports.network = { request: (request) => whileAlive(() => network.request(request)) }
  return ports
}

/** The connections of a pool, which can be cut all at once. Whoever waits for one, or on one, then waits for ever. */
function connectionsOf(pool: Pool): { cut(): void; sessions(): number[] } {
  const open = new Set<ClientBase>()
  let isCut = false
  pool.on('connect', (client) => {
    waitWithoutClock(client)
    if (isCut) cut(client)
    else open.add(client)
  })
  pool.on('remove', (client) => open.delete(client))
  // A clock that rings for the connections of the dead would keep this process from ending.
  pool.options.idleTimeoutMillis = 0
  limitAnswers(pool, () => 0)
  return {
    sessions: () => [...open].map((client) => (client as unknown as { processID: number }).processID),
    cut() {
      isCut = true
      Object.assign(pool, MUTE)
      for (const client of open) cut(client)
    },
  }
}

/** Statements that were given more time than others have a clock of their own each. */
function waitWithoutClock(client: ClientBase): void {
  const query = client.query.bind(client) as (asked: unknown, ...rest: unknown[]) => unknown
  const ask = (asked: unknown, ...rest: unknown[]) => {
    if (typeof asked === 'object' && asked !== null && 'query_timeout' in asked) delete asked.query_timeout
    return query(asked, ...rest)
  }
  Object.assign(client, { query: ask })
}

const MUTE = { connect: never, query: never }

/** Closes a connection as the kernel does for a process that is gone: what was not sent yet is lost. */
function cut(client: ClientBase): void {
  Object.assign(client, MUTE)
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  // The client must not hear of it: it would tell those who wait.
  stream.removeAllListeners()
  stream.on('error', () => {})
  stream.destroy()
}

/** Asks the application without a network between. */
async function inject(app: App, method: string, path: string, asked: CallOptions): Promise<Answer> {
  const { headers, body } = messageOf(asked)
  const answer = await app.inject({
    method: method as 'GET',
    url: path,
    headers,
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : Buffer.from(body) }),
  })
  const sent = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
  return { status: answer.statusCode, body: parsed(answer.body), headers: new Headers(sent) }
}
