/** Against real sockets: a plain TCP server that answers exactly what the test says. */
import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { PATIENCE_MS, until } from '../../test/until.ts'
import { UNVOUCHED } from './unvouched-certificate-fixture.ts'
import { httpNetwork, NetworkError, type NetworkRequest, type NetworkResponse } from './network.ts'

const servers: Server[] = []
const open = new Set<Socket>()
after(() => {
  for (const server of servers) server.close()
  // Those that a test left without an answer would keep this process for minutes.
  for (const socket of open) socket.destroy()
})

interface Stub {
  url: string
  /** Everything that came in, as text. */
  received(): string
  sockets: Socket[]
}

/** Calls `answer` for each request head that comes in. */
async function stub(answer: (socket: Socket, count: number) => void): Promise<Stub> {
  let text = ''
  let count = 0
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    open.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
      if (!chunk.includes('\r\n\r\n')) return
      count += 1
      answer(socket, count)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => text, sockets }
}

/** No label is so long: nobody has to be asked, which on a machine without a network takes minutes. */
const NO_NAME = `${'a'.repeat(64)}.invalid`

function ask(url: string, changes: Partial<NetworkRequest> = {}): Promise<NetworkResponse> {
  return httpNetwork().request({ method: 'GET', url, headers: {}, timeoutMs: PATIENCE_MS, ...changes })
}

const json = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

for (const [line, status] of [
  ['200 OK', 200],
  ['302 Found', 302],
  ['400 Bad Request', 400],
  ['503 Service Unavailable', 503],
] as const) {
  test(`a ${status} is an answer like any other`, async () => {
    const { url } = await stub((socket) => socket.end(json(line, '{"note":"₹ चाय"}')))
    const { status: got, headers, body } = await ask(url)
    assert.deepEqual([got, headers['content-type'], body], [status, 'application/json', '{"note":"₹ चाय"}'])
  })
}

test('a redirect is not followed: the keys would go along', async () => {
  const { url, received } = await stub((socket) =>
    socket.end('HTTP/1.1 307 Go\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n'),
  )
  assert.equal((await ask(url, { method: 'POST', body: '{}' })).status, 307)
  assert.equal(received().match(/POST/g)?.length, 1)
})

test('method, headers and body leave as they were given, with the length in bytes', async () => {
  const { url, received } = await stub((socket) => socket.end(json('200 OK', '{}')))
  await ask(`${url}/v1/orders?receipt=a%20b`, { method: 'POST', headers: { 'X-Key': 'k-1' }, body: '{"a":"₹"}' })
  assert.match(received(), /^POST \/v1\/orders\?receipt=a%20b HTTP\/1\.1\r\n/)
  assert.match(received(), /\r\nX-Key: k-1\r\n/)
  assert.match(received(), /\r\ncontent-length: 11\r\n/)
  assert.ok(received().endsWith('\r\n\r\n{"a":"₹"}'))
})

test('bytes of a body are not touched', async () => {
  const { url, received } = await stub((socket) => socket.end(json('200 OK', '{}')))
  await ask(url, { method: 'POST', body: new Uint8Array([0x7b, 0x7d]) })
  assert.ok(received().endsWith('\r\n\r\n{}'))
})

test('repeated headers of an answer are joined', async () => {
  const { url } = await stub((socket) =>
    socket.end('HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n'),
  )
  assert.equal((await ask(url)).headers['set-cookie'], 'a=1, b=2')
})

test('connections are kept and used again', async () => {
  const { url, sockets } = await stub((socket) => socket.write(json('200 OK', '{}')))
  const network = httpNetwork()
  const request = { method: 'GET', url, headers: {}, timeoutMs: PATIENCE_MS }
  await network.request(request)
  await network.request(request)
  assert.equal(sockets.length, 1)
  sockets[0]?.destroy()
})

/** For an answer that never comes. */
const SILENCE_MS = 300
const half = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":"order_1","amou'

for (const [what, code, answer] of [
  ['is reset', 'ECONNRESET', (socket: Socket) => void socket.resetAndDestroy()],
  ['closes without an answer', 'ECONNRESET', (socket: Socket) => void socket.end()],
  ['breaks off half-way', 'ECONNRESET', (socket: Socket) => void socket.write(half, () => socket.destroy())],
  ['ends politely half-way', 'ECONNRESET', (socket: Socket) => void socket.end(half)],
  ['says nothing', 'ETIMEDOUT', () => {}],
  ['stops half-way', 'ETIMEDOUT', (socket: Socket) => void socket.write(half)],
  [
    'trickles for ever',
    'ETIMEDOUT',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
      const timer = setInterval(() => socket.write('x'), 20)
      socket.on('close', () => clearInterval(timer))
    },
  ],
  ['speaks something else', 'HPE_INVALID_CONSTANT', (socket: Socket) => void socket.end('220 mail.example ESMTP\r\n')],
  [
    'never stops talking',
    'ERESPONSETOOLARGE',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const chunk = Buffer.alloc(1024 * 1024, 'x')
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', more)
      more()
    },
  ],
] as const) {
  test(`P3 P9 an answer that ${what} is no answer: ${code}`, async () => {
    const { url, sockets } = await stub((socket) => answer(socket))
    const started = performance.now()
    await assert.rejects(ask(url, { timeoutMs: code === 'ETIMEDOUT' ? SILENCE_MS : PATIENCE_MS }), (error) => {
      assert.ok(error instanceof NetworkError)
      assert.equal(error.code, code)
      return true
    })
    if (code === 'ETIMEDOUT') assert.ok(performance.now() - started >= SILENCE_MS - 1)
    // So that an answer that comes later can reach no other request.
    await until('the connection is given up', () => sockets.every((socket) => socket.destroyed || socket.readableEnded))
  })
}

test('P1 nobody listening is no answer', async () => {
  const { url } = await stub(() => {})
  await new Promise((resolve) => servers.at(-1)?.close(resolve))
  await assert.rejects(ask(url), { name: 'NetworkError', code: 'ECONNREFUSED' })
})

test('P1 a name that does not exist is no answer', async () => {
  await assert.rejects(ask(`http://${NO_NAME}/`), { name: 'NetworkError', code: 'ENOTFOUND' })
})

test('P1 a certificate that nobody vouches for is no answer', async () => {
  let asked = 0
  const server = createTlsServer(UNVOUCHED, (socket) => socket.on('data', () => (asked += 1)))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await assert.rejects(ask(`https://127.0.0.1:${port}/`), { name: 'NetworkError', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  assert.equal(asked, 0)
})
