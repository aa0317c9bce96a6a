/** When schemas are compiled: at first use, or by `compileAll`, which lets other things happen between two. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Type } from 'typebox'
import { replies, Success } from '../../shared/contract/envelope.ts'
import { createHttp, type App } from './http.ts'
import { createLog } from './log.ts'
import { systemPorts } from './ports.ts'

const UNKNOWN_TYPE = { type: 'money' }

function createApp(): Promise<App> {
  return createHttp({
    log: createLog('silent'),
    ports: systemPorts(),
    publicUrl: 'https://shop.example',
    corsOrigins: [],
    trustProxyHops: 0,
  })
}

describe('a schema that cannot be compiled', () => {
  let app: App
  before(async () => {
    app = await createApp()
    app.post('/body', { schema: { body: UNKNOWN_TYPE } }, async () => ({}))
    app.get('/answer', { schema: { response: { 200: UNKNOWN_TYPE } } }, async () => ({}))
    await app.ready()
  })
  after(() => app.close())

  test('is an error on our side for whoever needs it, each time', async () => {
    for (const _ of ['first', 'again']) {
      const asked = await app.inject({ method: 'POST', url: '/body', payload: {} })
      assert.deepEqual([asked.statusCode, asked.json().error.code], [500, 'internal_error'])
      const answered = await app.inject('/answer')
      assert.deepEqual([answered.statusCode, answered.json().error.code], [500, 'internal_error'])
    }
  })

  test('stops the compiling of all, by the name of its route', async () => {
    await assert.rejects(app.compileSchemas(), (error: Error) => {
      assert.equal(error.message, 'the schema of POST /body, body, cannot be compiled')
      assert.match((error.cause as Error).message, /type must be JSONType/)
      return true
    })
  })
})

test('answers come and are the same before, while and after all schemas are compiled', async () => {
  const app = await createApp()
  const schema = () => ({
    body: Type.Object({ at: Type.String({ format: 'date-time' }), count: Type.Integer({ default: 7 }) }),
    querystring: Type.Object({ page: Type.Integer({ default: 1 }), tag: Type.Optional(Type.Array(Type.String())) }),
    response: replies(Success(Type.Object({ body: Type.Unknown(), query: Type.Unknown() }))),
  })
  for (let route = 1; route <= 40; route += 1) {
    app.post(`/${route}`, { schema: schema() }, async ({ body, query }) => ({
      success: true as const,
      data: { body, query },
    }))
  }
  const ask = async () => {
    const given = { at: '2026-03-01T10:00:00Z' }
    const taken = await app.inject({ method: 'POST', url: '/40?page=2&tag=a', payload: given })
    const refused = await app.inject({ method: 'POST', url: '/40', payload: { at: 'noon' } })
    return [taken.statusCode, taken.json().data, refused.statusCode, refused.json().error.details]
  }
  const expected = [
    200,
    { body: { at: '2026-03-01T10:00:00Z', count: 7 }, query: { page: 2, tag: ['a'] } },
    400,
    { fields: [{ field: 'at', message: 'must match format "date-time"' }] },
  ]
  let compiled = false
  await app.ready()
  const compiling = app.compileSchemas().then(() => (compiled = true))
  assert.deepEqual(await ask(), expected)
  assert.equal(compiled, false, 'a request need not wait for all')
  await compiling
  assert.deepEqual(await ask(), expected)
  await app.close()
})
