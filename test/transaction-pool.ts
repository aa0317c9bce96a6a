/**
 * A connection pool in transaction mode, as PgBouncer and what hosts call "pooled" addresses are: all clients share one
 * session of the server, which goes to whoever speaks next once a transaction has ended. Like PgBouncer it refuses
 * parameters of a start that it does not know. It lets everybody in.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import pg from 'pg'

const KNOWN_PARAMETERS = new Set([
  'user',
  'database',
  'application_name',
  'client_encoding',
  'fallback_application_name',
])
const READY = 'Z'
/** What a client sends and waits for an answer to that ends in READY: a simple query, a sync. */
const ASKING = new Set(['Q', 'S'])

export interface TransactionPool {
  url: string
  close(): Promise<void>
}

export async function openTransactionPool(url: string): Promise<TransactionPool> {
  const upstream = new pg.Client({ connectionString: url })
  upstream.on('error', () => {})
  await upstream.connect()
  const server = (upstream as unknown as { connection: { stream: Socket } }).connection.stream
  server.removeAllListeners('data')

  let owner: Socket | undefined
  /** Answers that the owner still waits for. */
  let asked = 0
  const waiting: { client: Socket; message: Buffer }[] = []

  const pass = (client: Socket, message: Buffer) => {
    if (owner !== undefined && owner !== client) return void waiting.push({ client, message })
    owner = client
    if (ASKING.has(String.fromCharCode(message[0] ?? 0))) asked += 1
    server.write(message)
  }
  const lendOn = () => {
    owner = undefined
    const next = waiting[0]?.client
    if (next === undefined) return
    const theirs = waiting.filter(({ client }) => client === next)
    waiting.splice(0, waiting.length, ...waiting.filter(({ client }) => client !== next))
    for (const { client, message } of theirs) pass(client, message)
  }
  const toOwner = messages((type, answer) => {
    owner?.write(answer)
    if (type !== READY) return
    asked -= 1
    const isIdle = answer[5] === 'I'.charCodeAt(0)
    if (asked === 0 && isIdle) lendOn()
  })
  server.on('data', toOwner)

  const clients = new Set<Socket>()
  const listener = createServer((client) => {
    clients.add(client)
    client.on('error', () => {})
    client.on('close', () => {
      clients.delete(client)
      if (owner === client && asked === 0) lendOn()
    })
    client.once('data', (start: Buffer) => {
      const unknown = parametersOf(start).find((name) => !KNOWN_PARAMETERS.has(name))
      if (unknown !== undefined) {
        client.end(message('E', `SFATAL\0C08P01\0Munsupported startup parameter: ${unknown}\0\0`))
        return
      }
      client.write(Buffer.concat([message('R', '\0\0\0\0'), message(READY, 'I')]))
      client.on(
        'data',
        messages((type, whole) => {
          if (type === 'X') client.end()
          else pass(client, whole)
        }),
      )
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const own = new URL(url)
  own.port = String((listener.address() as AddressInfo).port)
  return {
    url: own.href,
    async close() {
      for (const client of clients) client.destroy()
      await new Promise((resolve) => listener.close(resolve))
      server.destroy()
    },
  }
}

/** Cuts a stream into messages: a letter, a length that counts itself, and so many bytes. */
function messages(take: (type: string, message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
      const length = 1 + rest.readInt32BE(1)
      take(String.fromCharCode(rest[0] ?? 0), rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
}

function message(type: string, content: string): Buffer {
  const body = Buffer.from(content, 'latin1')
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** Names of what a client asks for when it connects: pairs of texts after the length and the version. */
function parametersOf(start: Buffer): string[] {
  const texts = start.subarray(8).toString('latin1').split('\0')
  return texts.filter((text, at) => at % 2 === 0 && text !== '')
}
