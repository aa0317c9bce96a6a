/** The server on a real connection: what no honest client sends, clients that are slow, and clients that go away. */
import assert from 'node:assert/strict'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { until } from '../../test/until.ts'
import { createHttp, type App, type HttpOptions } from './http.ts'
import { createLog } from './log.ts'
import { systemPorts, type Ports } from './ports.ts'
import { refuseUnknownPaths } from './refusals.ts'

const HEAD = 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'

interface Server {
  app: App
  ports: Ports
  /** What the server's own clock for durations shows. */
  clock: { ms: number }
}

async function open(options: Partial<HttpOptions> = {}): Promise<Server> {
  const ports = systemPorts()
  const clock = { ms: 0 }
  ports.clock = { now: () => new Date(), monotonicMs: () => clock.ms }
  const shop = { publicUrl: 'https://shop.example', corsOrigins: [], trustProxyHops: 0 }
  const app = await createHttp({ log: createLog('silent'), ports, ...shop, ...options })
  app.post('/echo', async (request) => ({ received: request.body }))
  app.post('/slow', async () => {
    clock.ms += 5_001
    return { ok: true }
  })
  app.post('/lost', async () => {
    throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  })
  refuseUnknownPaths(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, ports, clock }
}

function dial({ app }: Server): Socket {
  return connect((app.server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
}

/** Everything that came until the connection was closed. */
function heard(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    socket.setTimeout(20_000, () => socket.destroy(new Error('nothing came')))
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8')
    })
    socket.on('close', () => resolve(answer))
  })
}

async function rawly(server: Server, text: string): Promise<string> {
  const socket = dial(server)
  const answer = heard(socket)
  socket.write(text)
  return answer
}

function parts(answer: string): { status: string; headers: Map<string, string>; body: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = new Map(lines.map((line) => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]))
  return { status: first.split(' ')[1] ?? '', headers, body }
}

/** A refusal as every other: our shape, a number to ask by, and the headers that keep browsers from making more of it. */
function assertRefusal(answer: string, status: number, code: string): void {
  const { status: line, headers, body } = parts(answer)
  assert.equal(line, String(status), answer)
  const { success, error } = JSON.parse(body) as { success: boolean; error: Record<string, string> }
  assert.deepEqual([success, error['code']], [false, code])
  assert.match(error['requestId'] ?? '', /^[0-9a-f-]{36}$/)
  assert.match(headers.get('content-type') ?? '', /^application\/json/)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
}

describe('X10 FX14 what is no request', () => {
  let server: Server
  before(async () => {
    server = await open()
  })
  after(() => server.app.close())

  for (const [what, text] of [
    ['a length and chunks at once', `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length that is none', `${HEAD}Content-Length: +2\r\n\r\n{}`],
    ['chunks of another coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a chunk size that is none', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a header that is folded', `${HEAD}X-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\n{}`],
    ['a header name with a space', `${HEAD}X-A : 1\r\nContent-Length: 2\r\n\r\n{}`],
    ['NUL in a header', `${HEAD}X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
  ] as const) {
    test(`${what}: refused in our shape, and the connection is closed`, async () => {
      assertRefusal(await rawly(server, text), 400, 'validation_failed')
    })
  }

  test('headers above 16 KiB: refused', async () => {
    const answer = await rawly(server, `GET /openapi.json HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(17 * 1024)}\r\n\r\n`)
    assertRefusal(answer, 431, 'headers_too_large')
  })

  test('no host: refused', async () => {
    const answer = await rawly(server, 'GET /openapi.json HTTP/1.1\r\nConnection: close\r\n\r\n')
    assertRefusal(answer, 400, 'validation_failed')
    assert.match(await rawly(server, 'GET /openapi.json HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
  })

  for (const [what, line, status, code] of [
    ['half an escape', 'GET /echo/%E0%A4%A HTTP/1.1', 400, 'validation_failed'],
    ['an escape that is none', 'GET /%zz HTTP/1.1', 400, 'validation_failed'],
    ['a method that no route has', 'PROPFIND /echo HTTP/1.1', 404, 'not_found'],
    ['the methods of a path', 'OPTIONS /echo HTTP/1.1', 404, 'not_found'],
    ['an absolute address of somebody else', 'GET http://evil.example/ HTTP/1.1', 404, 'not_found'],
    ['a whole server', 'OPTIONS * HTTP/1.1', 404, 'not_found'],
    ['an expectation', 'POST /nowhere HTTP/1.1\r\nExpect: the-unexpected', 404, 'not_found'],
  ] as const) {
    test(`${what}: refused in our shape`, async () => {
      assertRefusal(await rawly(server, `${line}\r\nHost: a\r\nConnection: close\r\n\r\n`), status, code)
    })
  }
})

describe('FX13 X11 a slow client', () => {
  let server: Server
  before(async () => {
    server = await open({ patience: { headersMs: 60, requestMs: 150, checkMs: 10 } })
  })
  after(() => server.app.close())

  for (const [what, text] of [
    ['that says nothing at all', ''],
    ['that stops in its headers', 'POST /echo HTTP/1.1\r\nHost: a\r\n'],
    ['that stops in its body', `${HEAD}Content-Length: 10\r\n\r\n{"a"`],
  ] as const) {
    test(`${what} is told so and cut off`, async () => {
      assertRefusal(await rawly(server, text), 408, 'request_timeout')
    })
  }

  test('that drips a byte at a time is cut off all the same', async () => {
    const socket = dial(server)
    const answer = heard(socket)
    socket.write(`${HEAD}Content-Length: 100000\r\n\r\n`)
    const drip = setInterval(() => socket.write('"'), 5)
    const said = await answer
    clearInterval(drip)
    assertRefusal(said, 408, 'request_timeout')
  })

  test('has ten seconds for its headers and thirty for all of it, looked at each second', async () => {
    const { app } = await open()
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = app.server
    const { connectionsCheckingInterval } = app.server as { connectionsCheckingInterval?: number }
    await app.close()
    assert.deepEqual([headersTimeout, requestTimeout, keepAliveTimeout, timeout], [10_000, 30_000, 5_000, 60_000])
    assert.equal(connectionsCheckingInterval, 1_000)
  })
})

describe('FX3 what is not our doing', () => {
  let server: Server
  beforeEach(async () => {
    server = await open()
  })
  afterEach(() => server.app.close())

  const outages = async () => Object.fromEntries(await server.ports.metrics.counted('hundi_outages_total', 'where'))
  const slow = async () => Object.fromEntries(await server.ports.metrics.counted('hundi_slow_requests_total', 'route'))
  const answered = async (labels: string) =>
    Number(
      new RegExp(`hundi_http_request_seconds_count\\{${labels}\\} (\\d+)`).exec(
        await server.ports.metrics.expose(),
      )?.[1] ?? 0,
    )
  const spent = async (labels: string) =>
    Number(
      new RegExp(`hundi_http_request_seconds_sum\\{${labels}\\} ([\\d.]+)`).exec(
        await server.ports.metrics.expose(),
      )?.[1] ?? 0,
    )
  const ECHOED = 'method="POST",route="/echo",status="200"'

  test('uploads that break off are no outage', async () => {
    for (let upload = 0; upload < 6; upload += 1) {
      const socket = dial(server)
      socket.write(`${HEAD}Content-Length: 100\r\n\r\n{"half":`)
      await until('the request is here', () => server.app.requestsInHand.size === 1)
      server.clock.ms += 6_000
      socket.destroy()
      await until('the request is over', () => server.app.requestsInHand.size === 0)
    }
    await until('six are told of', async () => (await answered('method="POST",route="/echo",status="400"')) === 6)
    assert.deepEqual([await outages(), await slow()], [{}, {}])
  })

  test('a connection of ours that breaks off in the same way is one', async () => {
    const answer = await rawly(server, 'POST /lost HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    assertRefusal(answer, 503, 'unavailable')
    assert.deepEqual(await outages(), { api: 1 })
  })

  test('a body that is long in coming makes no request slow', async () => {
    const socket = dial(server)
    const answer = heard(socket)
    socket.write(`${HEAD}Connection: close\r\nContent-Length: 8\r\n\r\n{"a":`)
    await until('the request is here', () => server.app.requestsInHand.size === 1)
    server.clock.ms += 6_000
    socket.write('12}')
    assert.match(await answer, /\{"received":\{"a":12\}\}$/)
    assert.deepEqual([await answered(ECHOED), await spent(ECHOED), await slow()], [1, 0, {}])
  })

  test('what we take is counted, also when nobody waits for it any more', async () => {
    await rawly(server, 'POST /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    assert.deepEqual(await slow(), { '/slow': 1 })
    assert.equal(await spent('method="POST",route="/slow",status="200"'), 5.001)
  })
})
