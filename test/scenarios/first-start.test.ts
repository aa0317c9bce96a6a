/** Who is admin of a shop whose data began with the demo: real servers, one after the other on one database. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DEMO_ADMIN, DEMO_PASSWORD } from '../../server/demo/saat-dabbe.ts'
import { createTestDatabase } from '../database.ts'
import { startServer, type ServerProcess } from '../server-process.ts'
import { TEST_SECRET } from '../shop.ts'

const OWNER = { email: 'owner@example.test', password: 'known to the owner' }

test('FX1 data that began with the demo, then served in production: the owner is admin, nobody of the demo is', async () => {
  const database = await createTestDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'hundi-first-start-'))
  const start = (env: Record<string, string>) =>
    startServer({
      role: 'api',
      databaseUrl: database.url,
      sandboxUrl: 'http://127.0.0.1:1',
      dataDir,
      secret: TEST_SECRET,
      env: { SANDBOX: '0', ...env },
    })
  const signIn = async (server: ServerProcess, person: { email: string; password: string }) =>
    (await server.call('POST', '/api/auth/sign-in/email', { body: person })).status
  const demo = { email: DEMO_ADMIN.email, password: DEMO_PASSWORD }
  const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://shop.example' }
  const own = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password }
  try {
    const first = await start({ SEED_DEMO: '1' })
    assert.equal(await signIn(first, demo), 200)
    assert.equal(await first.stop(), 'code 0')

    const second = await start({ ...production, ...own })
    assert.equal(await signIn(second, demo), 401)
    assert.equal(await signIn(second, OWNER), 200)
    assert.match(second.output(), /Shut out, because they had the demo's password:\n {4}admin@saatdabbe\.example/)
    assert.doesNotMatch(second.output(), /ADMIN_EMAIL was not used/)
    assert.equal(await second.stop(), 'code 0')

    const third = await start({ ...production, ...own, ADMIN_EMAIL: 'another@example.test' })
    assert.match(third.output(), /ADMIN_EMAIL was not used: another admin is there already/)
    assert.doesNotMatch(third.output(), /Shut out/)
    assert.equal(await signIn(third, { ...OWNER, email: 'another@example.test' }), 401)
    assert.equal(await signIn(third, OWNER), 200)
    assert.equal(await third.stop(), 'code 0')
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
    await database.drop()
  }
})
