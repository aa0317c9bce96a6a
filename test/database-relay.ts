/**
 * A relay between a server and its database that breaks a connection at the one moment which matters most: around a
 * COMMIT. It reads PostgreSQL's messages well enough to see one pass in either direction, and changes nothing else.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * What happens to the next COMMIT: its connection is cut before the database has seen it, or after the database has
 * carried it out and before anybody was told, or the database's answers stop coming on a connection that stays open.
 */
export type CommitTrouble = 'cut before' | 'cut after' | 'silence after'

export interface DatabaseRelay {
  /** The database's address by way of this relay. */
  url: string
  /** Plans what happens to the next COMMIT that passes. */
  plan(trouble: CommitTrouble): void
  /** Whether what was planned has happened. */
  readonly idle: boolean
  close(): Promise<void>
}

const HEADER_BYTES = 5
const COMMIT_ASKED = Buffer.from('commit\0')
const COMMIT_DONE = Buffer.from('COMMIT\0')

export async function openDatabaseRelay(databaseUrl: string): Promise<DatabaseRelay> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let planned: CommitTrouble | undefined

  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname)
    const both = [client, database] as const
    let silent = false
    const cut = () => {
      for (const socket of both) socket.destroy()
    }
    for (const socket of both) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        if (!silent) cut()
      })
      socket.on('error', () => {})
    }
    // The first message of a connection has no type; after it all are alike.
    let begun = false
    const asked = messages((type, message, forward) => {
      if (planned === 'cut before' && type === 'Q' && message.subarray(HEADER_BYTES).equals(COMMIT_ASKED)) {
        planned = undefined
        return cut()
      }
      forward(database)
    })
    client.on('data', (bytes: Buffer) => {
      if (silent) return
      if (begun) return asked(bytes)
      begun = true
      database.write(bytes)
    })
    const answered = messages((type, message, forward) => {
      if (silent) return
      const done = type === 'C' && message.subarray(HEADER_BYTES).equals(COMMIT_DONE)
      if (done && (planned === 'cut after' || planned === 'silence after')) {
        silent = planned === 'silence after'
        planned = undefined
        if (!silent) cut()
        return
      }
      forward(client)
    })
    database.on('data', (bytes: Buffer) => answered(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    plan(trouble) {
      planned = trouble
    },
    get idle() {
      return planned === undefined
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Cuts a stream of bytes into PostgreSQL's messages: a type, a length that counts itself, and the rest. */
function messages(
  handle: (type: string, message: Buffer, forward: (to: Socket) => void) => void,
): (bytes: Buffer) => void {
  let held: Buffer = Buffer.alloc(0)
  return (bytes) => {
    held = Buffer.concat([held, bytes])
    while (held.length >= HEADER_BYTES) {
      const length = 1 + held.readInt32BE(1)
      if (held.length < length) return
      const message = held.subarray(0, length)
      held = held.subarray(length)
      handle(String.fromCharCode(message[0] ?? 0), message, (to) => void (to.destroyed || to.write(message)))
    }
  }
}
