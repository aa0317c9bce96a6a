import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findChromium, launchBrowser } from './browser.ts'

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
  assert.throws(() => findChromium({ CHROMIUM_PATH: program }), {
    message: `CHROMIUM_PATH leads to no program: ${program}`,
  })
  chmodSync(program, 0o755)
  assert.equal(findChromium({ CHROMIUM_PATH: program }), program)
})
