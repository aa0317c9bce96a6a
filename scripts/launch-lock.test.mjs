import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { withLaunchLock } from './launch-lock.mjs'

const folder = mkdtempSync(join(tmpdir(), 'hundi-lock-'))
after(() => rmSync(folder, { recursive: true }))

test('of many processes one at a time is inside', async () => {
  const file = join(folder, 'raced')
  const inside = join(folder, 'inside')
  const program = `import { withLaunchLock } from ${JSON.stringify(import.meta.resolve('./launch-lock.mjs'))}
    import { openSync, rmSync } from 'node:fs'
    for (let round = 0; round < 3; round++) await withLaunchLock(${JSON.stringify(file)}, async () => {
      openSync(${JSON.stringify(inside)}, 'wx')
      await new Promise((resolve) => setTimeout(resolve, 20))
      rmSync(${JSON.stringify(inside)})
    })`
  const children = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module', '-e', program]))
  const exits = await Promise.all(children.map((child) => once(child, 'exit')))
  assert.deepEqual(exits, [
    [0, null],
    [0, null],
    [0, null],
  ])
  assert.deepEqual(readdirSync(folder), [])
})

test('a lock whose holder was killed is taken over', async () => {
  const file = join(folder, 'abandoned')
  const dead = spawnSync(process.execPath, ['-e', '0']).pid
  writeFileSync(file, String(dead))
  const seen = await withLaunchLock(file, async () => readFileSync(file, 'utf8'))
  assert.equal(seen, String(process.pid))
  assert.equal(existsSync(file), false)
})

test('a failure inside frees the lock', async () => {
  const file = join(folder, 'failing')
  await assert.rejects(
    withLaunchLock(file, async () => {
      throw new Error('broken build')
    }),
    { message: 'broken build' },
  )
  assert.equal(existsSync(file), false)
})
