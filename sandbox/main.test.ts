/** The program: it says where it listens, stops cleanly, and goes on where it was after being killed. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

interface Received {
  eventId: string
  signature: string
  body: string
}

/** A receiver that answers as told and remembers. */
async function receiver(status: () => number): Promise<{ url: string; received: Received[]; server: Server }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { 'x-razorpay-event-id': eventId, 'x-razorpay-signature': signature } = request.headers
      received.push({
        eventId: String(eventId),
        signature: String(signature),
        body: Buffer.concat(chunks).toString('utf8'),
      })
      response.writeHead(status()).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received, server }
}

async function start(dataDir: string, webhookUrl: string): Promise<{ child: ChildProcess; url: string }> {
  const options = ['--port', '0', '--data-dir', dataDir, '--webhook-url', webhookUrl, '--time-scale', '20']
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout ?? child, 'data')
  const url = /^sandbox ready at (\S+)\n$/.exec(String(line))?.[1]
  assert.ok(url, `unexpected first line: ${line}`)
  return { child, url }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit')
  child.kill(signal)
  const [code] = await ended
  return code as number | null
}

async function post(url: string, body: unknown) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await answer.json()) as Record<string, unknown>
}

async function readKeys(url: string): Promise<Record<string, string>> {
  const keys = (await (await fetch(`${url}/_sandbox/keys`)).json()) as { razorpay: Record<string, string> }
  return keys.razorpay
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 2_000 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.ok(holds(), what)
}

test('killed in the middle of retries and plans, it has the same keys and books and finishes both', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'))
  let status = 500
  const { url: webhookUrl, received, server } = await receiver(() => status)
  try {
    const first = await start(dataDir, webhookUrl)
    const keys = await readKeys(first.url)
    const authorization = `Basic ${Buffer.from(`${keys.keyId}:${keys.keySecret}`).toString('base64')}`
    const made = await fetch(`${first.url}/razorpay/v1/orders`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ amount: 50_000, currency: 'INR' }),
    })
    const { id: orderId } = (await made.json()) as { id: string }
    await post(`${first.url}/razorpay/_sandbox/pay`, { orderId, outcome: 'pending_then_captured' })
    const second = await fetch(`${first.url}/razorpay/v1/orders`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ amount: 60_000, currency: 'INR' }),
    })
    const { id: failedOrder } = (await second.json()) as { id: string }
    await post(`${first.url}/razorpay/_sandbox/pay`, { orderId: failedOrder, outcome: 'failed' })
    await until(() => received.length >= 1, 'the first attempt arrives')
    await stop(first.child, 'SIGKILL')

    status = 200
    const before = received[0]
    received.length = 0
    const again = await start(dataDir, webhookUrl)
    assert.deepEqual(await readKeys(again.url), keys)
    await until(() => received.some(({ eventId }) => eventId === before?.eventId), 'the retry arrives')
    assert.deepEqual(
      received.find(({ eventId }) => eventId === before?.eventId),
      before,
    )
    await until(() => received.some(({ body }) => body.includes('"order.paid"')), 'the planned capture happens')
    const order = await fetch(`${again.url}/razorpay/v1/orders/${orderId}`, { headers: { authorization } })
    assert.equal(((await order.json()) as { status: string }).status, 'paid')
    assert.equal(await stop(again.child, 'SIGTERM'), 0)
  } finally {
    server.close()
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('a wrong option stops the start with one line that names it', async () => {
  const child = spawn(process.execPath, [MAIN, '--port', 'eighty'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [text] = await once(child.stderr ?? child, 'data')
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
  assert.equal(String(text), 'sandbox: --port must be a port number, not eighty\n')
  assert.equal(code, 1)
})
