/**
 * Stands between a server and PostgreSQL and counts, by reading the wire: statements (Execute and simple Query
 * messages) and round trips (how often the client spoke after the server had). What is pipelined is one round trip.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CountingProxy {
  /** The database's address with the proxy in between. */
  url: string
  take(): { statements: number; roundTrips: number }
  close(): Promise<void>
}

export async function startCountingProxy(databaseUrl: string): Promise<CountingProxy> {
  const target = new URL(databaseUrl)
  const counts = { statements: 0, roundTrips: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    const read = messageReader((type) => {
      if (type === 'E' || type === 'Q') counts.statements += 1
    })
    let serverSpoke = true
    client.on('data', (chunk: Buffer) => {
      if (serverSpoke) counts.roundTrips += 1
      serverSpoke = false
      read(chunk)
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      serverSpoke = true
      client.write(chunk)
    })
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    take() {
      const taken = { ...counts }
      counts.statements = 0
      counts.roundTrips = 0
      return taken
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Splits the frontend's byte stream into messages. The first one, the start-up packet, has no type byte. */
function messageReader(onMessage: (type: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let started = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const header = started ? 5 : 4
      if (rest.length < header) return
      const length = rest.readUInt32BE(header - 4) + (started ? 1 : 0)
      if (rest.length < length) return
      if (started) onMessage(String.fromCharCode(rest[0] ?? 0))
      started = true
      rest = rest.subarray(length)
    }
  }
}
