/** The server without routes of its own: what it lets in, what it says no to, and how it says it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Type } from 'typebox'
import { replies, Success } from '../../shared/contract/envelope.ts'
import { AppError } from './errors.ts'
import { createHttp, type App } from './http.ts'
import { createLog } from './log.ts'
import { systemPorts } from './ports.ts'
import { refuseUnknownPaths } from './refusals.ts'

const PUBLIC_URL = 'https://shop.example'
const PARTNER = 'https://partner.example'
/** Another name of the host on which a server listens. */
const OTHER = 'http://localhost:3000'

let app: App
let failure: unknown
let received: unknown

before(async () => {
  app = await createHttp({
    log: createLog('silent'),
    ports: systemPorts(),
    publicUrl: PUBLIC_URL,
    corsOrigins: [PARTNER],
    trustProxyHops: 1,
  })
  const schema = {
    tags: ['Test'],
    summary: 'Echo',
    body: Type.Object(
      { quantity: Type.Integer({ minimum: 1 }), note: Type.Optional(Type.Unknown()) },
      { additionalProperties: false },
    ),
    querystring: Type.Object({ page: Type.Optional(Type.Integer({ minimum: 1 })) }),
    response: replies(Success(Type.Object({ ok: Type.Boolean() }))),
  }
  app.post('/echo', { schema }, async (request) => {
    received = { body: request.body, query: request.query, ip: request.ip }
    return { success: true as const, data: { ok: true } }
  })
  app.post('/return', { config: { crossSite: true } }, async () => ({ ok: true }))
  app.get('/fails', async () => {
    throw failure
  })
  refuseUnknownPaths(app)
  await app.ready()
})
after(() => app.close())

async function post(payload: string | object, headers: Record<string, string> = {}, url = '/echo') {
  received = undefined
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  })
  return { status: response.statusCode, body: response.json(), headers: response.headers }
}

function nested(depth: number): string {
  return `{"quantity":1,"note":${'['.repeat(depth)}${']'.repeat(depth)}}`
}

describe('a body', () => {
  test('that is what the schema says comes in as it was sent', async () => {
    const { status, body } = await post({ quantity: 2, note: '₹ चाय 🫖' })
    assert.deepEqual([status, body], [200, { success: true, data: { ok: true } }])
    assert.deepEqual((received as { body: unknown }).body, { quantity: 2, note: '₹ चाय 🫖' })
  })

  for (const quantity of ['2', 1.5, 0, -1, true, null, [2], {}, '0x10', 'NaN', 1e21]) {
    test(`A4 with quantity ${JSON.stringify(quantity)} is refused by that field's name, and never coerced`, async () => {
      const { status, body } = await post({ quantity })
      if (quantity === 1e21) {
        // An integer as JSON goes; that it cannot be an amount is for whoever reads it to say.
        assert.equal(status, 200)
        return
      }
      assert.deepEqual([status, body.success, body.error.code], [400, false, 'validation_failed'])
      assert.equal(body.error.details.fields[0].field, 'quantity')
      assert.equal(received, undefined)
    })
  }

  test('A1 X1 with a field that nobody asked for is refused by its name', async () => {
    const { status, body } = await post({ quantity: 1, price: 1 })
    assert.equal(status, 400)
    assert.deepEqual(body.error.details.fields, [{ field: 'price', message: 'is not a known field' }])
  })

  test('that is empty is none: refused where one is needed, and nothing where none is', async () => {
    assert.equal((await post('')).status, 400)
    assert.equal((await post('', {}, '/return')).status, 200)
  })

  test('without a field that is needed is refused by its name', async () => {
    const { body } = await post({})
    assert.equal(body.error.details.fields[0].field, 'quantity')
  })

  for (const text of [
    '{',
    '{"quantity":1',
    "{'quantity':1}",
    '{"quantity":01}',
    '{"quantity":NaN}',
    '\ufeff\ufeff{}',
  ]) {
    test(`that is no JSON is refused: ${JSON.stringify(text)}`, async () => {
      const { status, body } = await post(text)
      assert.deepEqual([status, body.error.code], [400, 'validation_failed'])
    })
  }

  for (const text of [
    '{"quantity":1,"__proto__":{"admin":true}}',
    '{"quantity":1,"note":{"constructor":{"prototype":{"admin":true}}}}',
    '{"quantity":1,"note":{"__proto__":{"admin":true}}}',
  ]) {
    test(`X2 that reaches for prototypes is refused: ${text}`, async () => {
      assert.equal((await post(text)).status, 400)
      assert.equal(({} as Record<string, unknown>)['admin'], undefined)
      assert.equal(received, undefined)
    })
  }

  for (const [what, note] of [
    ['NUL', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud83e'],
    ['the other half', '\uded6b'],
    ['NUL deep inside', { a: [{ b: '\u0000' }] }],
  ] as const) {
    test(`X14 with ${what} is refused: PostgreSQL cannot hold it`, async () => {
      const { status, body } = await post(JSON.stringify({ quantity: 1, note }))
      assert.deepEqual([status, body.error.code], [400, 'validation_failed'])
    })
  }

  test('X12 nested without end is refused', async () => {
    assert.equal((await post(nested(30))).status, 200)
    assert.equal((await post(nested(33))).status, 400)
    assert.equal((await post(nested(20_000))).status, 400)
  })

  test('X12 above the limit is refused before it is read', async () => {
    const { status, body } = await post({ quantity: 1, note: 'x'.repeat(100 * 1024) })
    assert.deepEqual([status, body.error.code], [413, 'payload_too_large'])
  })

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    test(`X5 of type ${type} is refused: a form of another site can send it`, async () => {
      const { status, body } = await post('{"quantity":1}', { 'content-type': type })
      assert.deepEqual([status, body.error.code], [415, 'unsupported_media_type'])
    })
  }
})

describe('a query', () => {
  test('is text in which numbers are read', async () => {
    await post({ quantity: 1 }, {}, '/echo?page=3')
    assert.deepEqual({ ...(received as { query: object }).query }, { page: 3 })
  })

  for (const query of ['page=0', 'page=x', 'page=1.5', 'page=1&page=2', 'page=']) {
    test(`${query} is refused`, async () => {
      assert.equal((await post({ quantity: 1 }, {}, `/echo?${query}`)).status, 400)
    })
  }

  test('with NUL in it is refused', async () => {
    assert.equal((await post({ quantity: 1 }, {}, '/echo?note=%00')).status, 400)
  })
})

describe('an error', () => {
  test('of ours is told by its code, with what helps and when to come back', async () => {
    failure = new AppError('request_in_progress', 'Still running.', { details: { a: 1 }, retryAfterS: 7 })
    const response = await app.inject('/fails')
    const { requestId, ...error } = response.json().error
    assert.deepEqual([response.statusCode, response.headers['retry-after']], [409, '7'])
    assert.deepEqual(error, { code: 'request_in_progress', message: 'Still running.', details: { a: 1 } })
    assert.match(requestId, /^[0-9a-f-]{36}$/)
  })

  for (const thrown of [
    new Error('relation "orders" does not exist'),
    new TypeError("Cannot read properties of undefined (reading 'secret')"),
    Object.assign(new Error('sk_live_abc'), { statusCode: 599 }),
    Object.assign(new Error('select * from users'), { code: '42P01' }),
    'a text',
    undefined,
    null,
  ]) {
    test(`X16 that is a defect says nothing of our insides: ${String(thrown).slice(0, 40)}`, async () => {
      failure = thrown
      const response = await app.inject('/fails')
      assert.equal(response.statusCode, 500)
      const { requestId: _requestId, ...error } = response.json().error
      assert.deepEqual(error, {
        code: 'internal_error',
        message: 'An error on our side. Nothing was half done; the request can be sent again.',
      })
    })
  }

  test('D7 of a database that cannot serve can be asked again', async () => {
    failure = new Error('timeout exceeded when trying to connect')
    const response = await app.inject('/fails')
    assert.deepEqual(
      [response.statusCode, response.headers['retry-after'], response.json().error.code],
      [503, '1', 'unavailable'],
    )
  })
})

describe('X5 who may act', () => {
  const cookie = { cookie: 'hundi.session_token=x' }

  for (const [what, headers, status] of [
    ['our own page', { ...cookie, origin: PUBLIC_URL }, 200],
    ['a partner that is let in', { ...cookie, origin: PARTNER }, 200],
    ['FX18 a host that is named in Host alone', { ...cookie, origin: OTHER, host: 'localhost:3000' }, 403],
    [
      'FX18 an attacker who names himself twice',
      { ...cookie, origin: 'http://evil.example', host: 'evil.example' },
      403,
    ],
    ['a program', {}, 200],
    ['a program with a session', cookie, 200],
    ['another site with the cookie', { ...cookie, origin: 'https://evil.example' }, 403],
    ['a sandboxed frame with the cookie', { ...cookie, origin: 'null' }, 403],
    ['a name that begins like ours', { ...cookie, origin: `${PUBLIC_URL}.evil.example` }, 403],
    ['our name without TLS', { ...cookie, origin: 'http://shop.example' }, 403],
    ['another port of ours', { ...cookie, origin: `${PUBLIC_URL}:8443` }, 403],
  ] as const) {
    test(`${what}: ${status}`, async () => {
      assert.equal((await post({ quantity: 1 }, headers)).status, status)
      assert.equal(received !== undefined, status === 200)
    })
  }

  test('FX18 only where PUBLIC_URL was not set is a page ours under every name of this host', async () => {
    const guessing = await createHttp({
      log: createLog('silent'),
      ports: systemPorts(),
      publicUrl: 'http://127.0.0.1:3000',
      isPublicUrlGuessed: true,
      corsOrigins: [],
      trustProxyHops: 0,
    })
    guessing.post('/change', async () => ({ ok: true }))
    try {
      for (const [origin, host, status] of [
        ['http://127.0.0.1:3000', '127.0.0.1:3000', 200],
        [OTHER, 'localhost:3000', 200],
        [OTHER, '127.0.0.1:3000', 403],
        ['http://localhost:4000', 'localhost:3000', 403],
        ['https://localhost:3000', 'localhost:3000', 403],
        ['null', 'localhost:3000', 403],
      ] as const) {
        const answer = await guessing.inject({ method: 'POST', url: '/change', headers: { ...cookie, origin, host } })
        assert.equal(answer.statusCode, status, `${origin} at ${host}`)
      }
    } finally {
      await guessing.close()
    }
  })

  test('a route that other sites post to by design lets them', async () => {
    const headers = { ...cookie, origin: 'https://evil.example' }
    assert.equal((await post({}, headers, '/return')).status, 200)
  })

  test('only named origins may read answers with a session', async () => {
    for (const [origin, allowed] of [
      [PARTNER, PARTNER],
      ['https://evil.example', undefined],
      ['null', undefined],
    ] as const) {
      const { headers } = await post({ quantity: 1 }, { origin })
      assert.equal(headers['access-control-allow-origin'], allowed)
    }
  })

  test('X13 the client is what the last trusted proxy says, not what the client says', async () => {
    await post({ quantity: 1 }, { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' })
    assert.equal((received as { ip: string }).ip, '203.0.113.7')
  })
})

test('X17 every answer says that it is not to be kept, framed or sniffed', async () => {
  for (const url of ['/fails', '/nowhere', '/openapi.json']) {
    const { headers } = await app.inject(url)
    assert.equal(headers['cache-control'], 'no-store', url)
    assert.equal(headers['x-content-type-options'], 'nosniff', url)
    assert.equal(headers['x-frame-options'], 'DENY', url)
    assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'", url)
    assert.equal(headers['x-powered-by'], undefined)
    assert.equal(headers['server'], undefined)
  }
})

test('the description of the API comes from the schemas that validate', async () => {
  const { paths, openapi } = (await app.inject('/openapi.json')).json()
  assert.equal(openapi, '3.1.0')
  assert.deepEqual(paths['/echo'].post.summary, 'Echo')
  assert.equal(paths['/echo'].post.requestBody.content['application/json'].schema.properties.quantity.minimum, 1)
})
