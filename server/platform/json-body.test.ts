/** Keys that are twice in a body, however they are written and wherever they are. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createHttp, type App } from './http.ts'
import { doubledKey } from './json-body.ts'
import { createLog } from './log.ts'
import { systemPorts } from './ports.ts'

const CASES: readonly (readonly [text: string, key: string | undefined])[] = [
  ['{}', undefined],
  ['1', undefined],
  ['"a:{}"', undefined],
  ['{"a":1,"b":2}', undefined],
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1,"a":1}', 'a'],
  ['{ "a" : 1 , "b" : { } , "a" : [ ] }', 'a'],
  ['{"quantity":1,"\\u0071uantity":2}', 'quantity'],
  ['{"\\"":1,"\\u0022":2}', '"'],
  ['{"a\\\\":1,"a":2}', undefined],
  ['{"a":"\\\\","a":2}', 'a'],
  ['{"a":"\\"a\\":1","b":1}', undefined],
  ['{"a":"{\\"b\\":1,\\"b\\":2}"}', undefined],
  ['{"a":{"a":{"a":1}}}', undefined],
  ['{"a":{"b":1},"c":{"b":2}}', undefined],
  ['[{"a":1},{"a":2}]', undefined],
  ['{"items":[{"id":1},{"id":2,"n":[{"x":1,"x":2}]}]}', 'x'],
  ['{"a":[1,{"b":2},3],"a":4}', 'a'],
  ['{"a":{"b":[]},"b":{"a":1,"c":{},"a":2}}', 'a'],
  ['{"":1,"":2}', ''],
  ['{"constructor":1,"toString":2}', undefined],
  ['{"constructor":1,"constructor":2}', 'constructor'],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{"hasOwnProperty":1,"a":{"hasOwnProperty":2},"hasOwnProperty":3}', 'hasOwnProperty'],
  ['{"\u2028":1,"\\u2028":2}', '\u2028'],
  ['{"A":1,"a":2}', undefined],
]

describe('FX15 the doubled key of', () => {
  for (const [text, key] of CASES) {
    test(`${text} is ${key ?? 'none'}`, () => {
      // Only valid texts are looked at.
      JSON.parse(text)
      assert.equal(doubledKey(text), key)
    })
  }

  test('as deep as a body can be', () => {
    const deep = `${'{"a":'.repeat(15_000)}{"b":1,"b":2}${'}'.repeat(15_000)}`
    assert.equal(doubledKey(deep), 'b')
    assert.equal(doubledKey(`"${'\\"'.repeat(50_000)}"`), undefined)
  })
})

describe('FX15 X2 a request whose body says something twice', () => {
  let app: App
  let received: unknown

  before(async () => {
    app = await createHttp({
      log: createLog('silent'),
      ports: systemPorts(),
      publicUrl: 'https://shop.example',
      corsOrigins: [],
      trustProxyHops: 0,
    })
    app.post('/echo', async (request) => {
      received = request.body
      return { ok: true }
    })
    await app.ready()
  })
  after(() => app.close())

  async function post(payload: string, type = 'application/json') {
    received = undefined
    const answer = await app.inject({ method: 'POST', url: '/echo', headers: { 'content-type': type }, payload })
    return { status: answer.statusCode, body: answer.json() }
  }

  for (const [text, field] of [
    ['{"quantity":1,"quantity":1000}', 'quantity'],
    ['{"items":[{"productId":"a","productId":"b"}]}', 'productId'],
    [`{"${'k'.repeat(200)}":1,"${'k'.repeat(200)}":2}`, 'k'.repeat(100)],
  ] as const) {
    test(`${text.slice(0, 40)}: 400 that names the field, and nothing is done`, async () => {
      const { status, body } = await post(text)
      const { requestId: _requestId, ...error } = body.error
      assert.deepEqual(
        [status, error],
        [
          400,
          {
            code: 'validation_failed',
            message: `${field}: is there twice`,
            details: { fields: [{ field, message: 'is there twice' }] },
          },
        ],
      )
      assert.equal(received, undefined)
    })
  }

  test('is refused under every name of JSON, and what says it once is not', async () => {
    assert.equal((await post('{"a":1,"a":2}', 'application/json; charset=utf-8')).status, 400)
    assert.equal((await post('{"a":1,"b":{"a":2}}', 'application/json; charset=utf-8')).status, 200)
    assert.deepEqual(received, { a: 1, b: { a: 2 } })
    assert.equal((await post('{"a":1,"a":2}', 'application/vnd.shop+json')).status, 415)
  })
})
