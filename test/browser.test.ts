import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { givenChromium, KEPT, launchBrowser, unpackShell } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'hundi-browser-'))
after(() => rmSync(folder, { recursive: true }))

test('a browser opens a page, runs its script and closes', async () => {
  const browser = await launchBrowser()
  const page = await browser.newPage()
  await page.setContent('<button onclick="this.textContent = 6 * 7">count</button>')
  await page.getByRole('button').click()
  assert.equal(await page.getByRole('button').textContent(), '42')
  await browser.close()
  assert.equal(browser.isConnected(), false)
})

test('CHROMIUM_PATH comes first, and must lead to a program', () => {
  const program = join(folder, 'chromium')
  writeFileSync(program, '')
  assert.throws(() => givenChromium({ CHROMIUM_PATH: program }), {
    message: `CHROMIUM_PATH leads to no program: ${program}`,
  })
  chmodSync(program, 0o755)
  assert.equal(givenChromium({ CHROMIUM_PATH: program }), program)
})

test('the packaged shell is unpacked once, and nothing is changed in the environment of others', async () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return
  const before = { ...process.env }
  const [one, other] = await Promise.all([unpackShell(KEPT), unpackShell(KEPT)])
  assert.deepEqual(one, other)
  const said = spawnSync(one.executablePath, ['--version'], { env: { ...process.env, ...one.env }, encoding: 'utf8' })
  assert.match(said.stdout, /^Chromium \d+\./)
  assert.deepEqual({ ...process.env }, before)
})
