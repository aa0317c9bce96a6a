/** The sandbox's page in a real browser: it shows what happened as text, and does what a person asks. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../test/browser.ts'
import { type RunningSandbox, startSandbox } from '../sandbox.ts'

const HOSTILE = '<img src=x onerror=1>'

let sandbox: RunningSandbox
let receiver: Server
let browser: Browser
let page: Page
const bodies: string[] = []
const trouble: string[] = []

before(async () => {
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(body)
      response.writeHead(body.includes('altered') ? 400 : 200).end(HOSTILE)
    })
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  sandbox = await startSandbox({ dataDir: ':memory:', webhookUrls: { razorpay: url } })
  const { keyId, keySecret } = sandbox.keys.razorpay
  await fetch(`${sandbox.url}/razorpay/v1/orders`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ amount: 12_345_600, currency: 'INR', receipt: HOSTILE }),
  })
  browser = await launchBrowser()
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text())
  })
  page.on('pageerror', (error) => trouble.push(error.message))
  await page.goto(sandbox.url)
})

after(async () => {
  await browser?.close()
  await sandbox?.close()
  receiver?.close()
})

test('an order shows its amount the Indian way and its receipt as text', async () => {
  const row = page.locator('#orders summary').first()
  await row.waitFor()
  assert.match((await row.textContent()) ?? '', /₹1,23,456\.00/)
  assert.match((await row.textContent()) ?? '', /<img src=x onerror=1>/)
  assert.equal(await page.locator('main img').count(), 0)
})

test('a scenario played on the page pays the order, and its story is told', async () => {
  await page.locator('#orders summary').first().click()
  await page.getByRole('button', { name: 'Play it' }).click()
  await page.locator('h1', { hasText: '1 payment captured' }).waitFor()
  await page.locator('#webhooks .status.paid').nth(2).waitFor()
  // Rows wait while the pointer is over them; away from them the page goes on by itself.
  await page.mouse.move(5, 5)
  const story = page.locator('#orders .story')
  await story.getByText('order.paid, 200').waitFor()
  assert.match((await story.textContent()) ?? '', /POST \/v1\/orders, 200/)
})

test('a webhook can be altered and sent, and the receiver’s answer is shown as text', async () => {
  await page.locator('#webhooks summary').first().click()
  await page.getByRole('button', { name: 'Alter and send' }).click()
  await page.getByRole('textbox', { name: 'Body' }).fill('{"altered":true}')
  await page.getByRole('button', { name: 'Send the altered body' }).click()
  await page.locator('#told', { hasText: 'answered 400' }).waitFor()
  assert.equal(bodies.at(-1), '{"altered":true}')
  await page.getByText('with another body').first().waitFor()
  assert.equal(await page.locator('main img').count(), 0)
})

test('a fault is ordered and mended on the page', async () => {
  await page.getByRole('button', { name: 'Break it' }).click()
  const row = page.locator('#tools li', { hasText: 'Done, then the line drops' })
  await row.waitFor()
  await row.getByRole('button', { name: 'Mend' }).click()
  await row.waitFor({ state: 'detached' })
  const faults = await (await fetch(`${sandbox.url}/razorpay/_sandbox/faults`)).json()
  assert.deepEqual(faults, [])
})

test('on a phone nothing scrolls sideways, and nothing above threw', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  assert.equal(await page.locator('html').evaluate((root) => root.scrollWidth), 360)
  assert.deepEqual(trouble, [])
})
