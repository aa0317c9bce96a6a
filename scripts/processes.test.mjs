import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { runToEnd } from './processes.mjs'

const node = (code) => [process.execPath, '-e', code]
const MODULE = JSON.stringify(import.meta.resolve('./processes.mjs'))

/** Starts a launcher of `code` in a process of its own, and waits until the program below it says that it is ready. */
async function launch(code) {
  const program = `import { runToEnd } from ${MODULE}
    process.exitCode = await runToEnd([[process.execPath, '-e', ${JSON.stringify(code)}]])`
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(launcher.stdout, 'data')
  return launcher
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('the exit code is that of the program, 128 and more for a signal', async () => {
  assert.equal(await runToEnd([node('process.exit(0)')]), 0)
  assert.equal(await runToEnd([node('process.exit(7)')]), 7)
  assert.equal(await runToEnd([node('process.kill(process.pid, "SIGKILL")')]), 137)
})

test('the first to end ends the others, and gives the exit code', async () => {
  const patient = `process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000)`
  assert.equal(await runToEnd([node(patient), node('setTimeout(() => process.exit(3), 300)')]), 3)
})

test('a program that cannot be started is a failure', async () => {
  await assert.rejects(runToEnd([['/nonexistent/program']]), { code: 'ENOENT' })
})

test('a signal is passed on, and the program finishes what it has begun', async () => {
  const launcher = await launch(`const timer = setInterval(() => {}, 1000)
    process.on('SIGTERM', () => setTimeout(() => { clearInterval(timer); process.exitCode = 5 }, 200))
    console.log(process.pid)`)
  launcher.kill('SIGTERM')
  assert.deepEqual(await once(launcher, 'exit'), [5, null])
})

test('a program of npm does not outlive npm', async () => {
  // The launcher's parent here is a shell that stands for npm.
  const program = `import { runToEnd } from ${MODULE}
    await runToEnd([[process.execPath, '-e', 'console.log(process.pid); setInterval(() => {}, 1000)']])`
  const npm = spawn('/bin/sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, program], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [ready] = await once(npm.stdout, 'data')
  const pid = Number(ready)
  npm.kill('SIGKILL')
  const deadline = performance.now() + 60_000
  while (isAlive(pid) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(isAlive(pid), false)
})
