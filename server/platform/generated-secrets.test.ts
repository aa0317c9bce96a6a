import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { generatedSecret } from './generated-secrets.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'hundi-secrets-'))
after(() => rmSync(dataDir, { recursive: true }))

test('a secret is made once, for its owner alone', () => {
  const secret = generatedSecret(dataDir, 'auth-secret')
  assert.match(secret, /^[\w-]{43}$/)
  assert.equal(generatedSecret(dataDir, 'auth-secret'), secret)
  assert.notEqual(generatedSecret(dataDir, 'other'), secret)
  assert.equal(statSync(join(dataDir, 'secrets')).mode & 0o777, 0o700)
  assert.equal(statSync(join(dataDir, 'secrets', 'auth-secret')).mode & 0o777, 0o600)
})

test('permissions that were opened are closed again', () => {
  const secret = generatedSecret(dataDir, 'opened')
  chmodSync(join(dataDir, 'secrets', 'opened'), 0o644)
  assert.equal(generatedSecret(dataDir, 'opened'), secret)
  assert.equal(statSync(join(dataDir, 'secrets', 'opened')).mode & 0o777, 0o600)
})

test('a cut secret is refused, not used or replaced', () => {
  generatedSecret(dataDir, 'cut')
  writeFileSync(join(dataDir, 'secrets', 'cut'), '')
  assert.throws(() => generatedSecret(dataDir, 'cut'), /cut does not hold a generated secret/)
})

test('processes that ask at once get the same secret, and leave nothing else behind', async () => {
  const code = `import { generatedSecret } from ${JSON.stringify(import.meta.resolve('./generated-secrets.ts'))}
    process.stdout.write(generatedSecret(${JSON.stringify(dataDir)}, 'raced'))`
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
  const outputs = await Promise.all(Array.from({ length: 6 }, run))
  assert.equal(new Set(outputs.map(({ stdout }) => stdout)).size, 1)
  const files = readdirSync(join(dataDir, 'secrets')).filter((name) => name.startsWith('raced'))
  assert.deepEqual(files, ['raced'])
})
