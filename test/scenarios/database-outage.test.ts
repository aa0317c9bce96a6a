/**
 * The database is killed, full, read only or busy while real servers sell: whoever asks is told to ask again, nothing
 * that was answered is lost, and nothing is done twice when it is asked again.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction, openDatabase, raw, sql } from '../../server/platform/database.ts'
import { startEmbeddedPostgres } from '../../server/platform/embedded-postgres.ts'
import { systemPorts } from '../../server/platform/ports.ts'
import { findPostmaster, stopPostmaster } from '../../server/platform/postmaster.ts'
import { count, paidAnswer, placedBy, written } from '../buyer.ts'
import { cancelledAfterPaying, paid } from '../crash-trade.ts'
import { openCrashWorld, type CrashWorld } from '../crash-world.ts'
import { orderBody, type Answer } from '../shop.ts'
import { PATIENCE_MS, until } from '../until.ts'

const TRY_AGAIN_MS = 100

/** Sends a request until it is served. Whatever it is told before that must be an outage, or the request before it. */
async function untilServed(request: () => Promise<Answer>, refusals: Answer[]): Promise<Answer> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(TRY_AGAIN_MS)) {
    const answer = await request()
    if (answer.status < 300) return answer
    refusals.push(answer)
  }
  return assert.fail(`not served: ${JSON.stringify(refusals.at(-1)?.body)}`)
}

function assertAskAgain(answers: readonly Answer[], also: readonly string[] = []): void {
  for (const { status, body, headers } of answers) {
    if (also.includes(body.error?.code)) continue
    assert.deepEqual([status, body.error?.code, headers.get('retry-after')], [503, 'unavailable', '1'])
  }
}

/** Buys one thing from the first press of the button to the confirmation, asking again wherever it is refused. */
async function buy(world: CrashWorld, refusals: Answer[]): Promise<void> {
  const { steady, productId, pay, verifyAt, expected } = world
  const key = world.freshKey()
  const order = () => steady.call('POST', '/api/orders', { body: orderBody(productId), key })
  const placed = placedBy(await untilServed(order, refusals))
  const brought = await pay(placed)
  const verified = await untilServed(() => verifyAt(steady, placed, brought), refusals)
  assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
  expected.set(placed.orderId, paid())
}

/** A world whose database server can be killed and whose disk can be filled. */
async function worldOnItsOwn(folder: string) {
  chmodSync(folder, 0o711)
  const first = await startEmbeddedPostgres({ dataDir: folder })
  const cluster = realpathSync(join(folder, 'postgres'))
  const world = await openCrashWorld({ database: { url: first.url, drop: async () => {} } })
  return {
    world,
    kill() {
      const { pid } = findPostmaster(cluster) ?? assert.fail('there is no server to kill')
      process.kill(pid, 'SIGKILL')
    },
    async startAgain() {
      const { url } = await startEmbeddedPostgres({ dataDir: folder })
      assert.equal(url, first.url)
    },
    async close() {
      await world.close()
      await stopPostmaster(cluster)
    },
  }
}

test('D9 PostgreSQL is killed while orders are placed and paid: all are served in the end, each once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hundi-kill-'))
  const { world, kill, startAgain, close } = await worldOnItsOwn(folder)
  try {
    const hooks = { url: `${world.steady.url}/api/payments/webhook/razorpay` }
    assert.equal((await world.control('POST', '/webhook-urls', hooks)).status, 200)
    const refusals: Answer[] = []
    const buyers = Array.from({ length: 6 }, async () => {
      for (let order = 0; order < 5; order += 1) await buy(world, refusals)
    })
    while (world.expected.size < 6) await sleep(5)
    kill()
    await sleep(300)
    await startAgain()
    // A claim that could not be let go of is respected for a quarter of a minute.
    await world.hoursPass()
    await Promise.all(buyers)
    assert.ok(refusals.length > 0, 'nobody noticed')
    assertAskAgain(refusals, ['request_in_progress'])
    assert.equal(world.expected.size, 30)
    await world.bringToEnd()
  } finally {
    await close()
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Followed by the process that must take it away again. */
const DISK = 'hundi-disk-'

/** Makes a disk so small that it can be filled; gives undefined where this process may not make one. */
function mountSmallDisk(): string | undefined {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(DISK) ? Number(name.slice(DISK.length).split('-')[0]) : 0
    // One that was killed has left its disk behind.
    if (owner > 0 && !existsSync(`/proc/${owner}`)) unmount(join(tmpdir(), name))
  }
  if (process.getuid?.() !== 0 || !existsSync('/proc/self')) return undefined
  const folder = mkdtempSync(join(tmpdir(), `${DISK}${process.pid}-`))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=192m', 'hundi-test', folder])
  if (status === 0) return folder
  rmSync(folder, { recursive: true })
  return undefined
}

function unmount(folder: string): void {
  spawnSync('umount', ['--lazy', folder])
  rmSync(folder, { recursive: true, force: true })
}

test('D8 the disk is full: writes are refused, nothing that was answered is lost, and space is all it takes', async (t) => {
  const folder = mountSmallDisk()
  if (folder === undefined) return t.skip('needs the right to mount a small disk')
  const { world, startAgain, close } = await worldOnItsOwn(folder)
  try {
    const { db, steady, productId, expected } = world
    await buy(world, [])
    const ballast = join(folder, 'ballast')
    fill(ballast)
    const key = world.freshKey()
    const order = () => steady.call('POST', '/api/orders', { body: orderBody(productId), key })
    // What is left of the space that was set aside for the log is used up.
    const useUp = () => db.many('test.useUp', sql`select pg_logical_emit_message(false, 'test', repeat('x', 500000))`)
    for (let left = 200; left > 0; left -= 1) {
      const full = await useUp().then(
        () => false,
        () => true,
      )
      if (full) break
    }
    const orders = expected.size
    const refused = await Promise.all([order(), order(), order()])
    assertAskAgain(refused)
    rmSync(ballast)
    await startAgain()
    await world.hoursPass()
    const refusals: Answer[] = []
    const placed = placedBy(await untilServed(order, refusals))
    assertAskAgain(refusals, ['request_in_progress'])
    for (const orderId of expected.keys()) assert.deepEqual(await written(db, orderId), paid())
    const verified = await world.verifyAt(steady, placed, await world.pay(placed))
    assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
    expected.set(placed.orderId, paid())
    assert.equal(await count(db, sql`orders`), orders + 1)
    await world.bringToEnd()
  } finally {
    await close()
    unmount(folder)
  }
})

/** Writes a file as large as there is space. */
function fill(file: string): void {
  const out = openSync(file, 'w')
  try {
    for (let size = 1024 ** 2; size >= 1024; size /= 2) {
      try {
        for (;;) writeSync(out, Buffer.alloc(size))
      } catch {
        // No space for that much; half of it may still fit.
      }
    }
  } finally {
    closeSync(out)
  }
}

describe('a database that is there', () => {
  let world: CrashWorld
  before(async () => {
    world = await openCrashWorld()
  })
  after(() => world.close())

  test('D1 connections are cut again and again while orders are placed and paid: all are served in the end, once', async () => {
    const { db, expected } = world
    const before = expected.size
    const refusals: Answer[] = []
    const buyers = Array.from({ length: 4 }, async () => {
      for (let order = 0; order < 4; order += 1) await buy(world, refusals)
    })
    const bought = Promise.all(buyers).then(() => 'done')
    let cuts = 0
    while (cuts < 40 && (await Promise.race([bought, sleep(40, 'going on')])) !== 'done') {
      await db.many(
        'test.cut',
        sql`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name like 'hundi requests%'`,
      )
      cuts += 1
    }
    await world.hoursPass()
    await bought
    assert.ok(refusals.length > 0, 'nobody noticed')
    assertAskAgain(refusals, ['request_in_progress'])
    assert.equal(expected.size, before + 16)
  })

  test('D6 D7 one order is locked and its requests take all connections: refused while it is locked, and webhooks are taken in', async () => {
    const { db, start, place, pay, placeAndPay, deliver, control, expected } = world
    const busy = await placeAndPay()
    const other = await place()
    await pay(other)
    const { body: events } = await control('GET', `/webhooks?orderId=${other.providerOrderId}`)
    const server = await start('api', undefined, { DATABASE_WAIT_MS: '300' })
    const release = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = inTransaction(db, 'holds', async (tx) => {
      await tx.run('patient', sql`set local idle_in_transaction_session_timeout = 0`)
      await tx.run('lock', sql`select from orders where id = ${busy.orderId} for update`)
      locked.resolve()
      await release.promise
    })
    await locked.promise
    const { guestToken } = busy
    const cancel = () => server.call('POST', `/api/orders/${busy.orderId}/cancel`, { guestToken, body: {} })
    const waiting: Promise<Answer>[] = []
    await until('all connections are taken', async () => {
      waiting.push(...Array.from({ length: 20 }, cancel))
      const looked = await server.call('GET', `/api/orders/${other.orderId}`, { guestToken: other.guestToken })
      if (looked.status !== 200) assertAskAgain([looked])
      return looked.status !== 200
    })
    assert.equal((await deliver(server, events[0])).status, 200)
    assertAskAgain(await Promise.all(waiting))
    assert.deepEqual(await written(db, busy.orderId), paid())
    release.resolve()
    await holding
    assert.equal((await cancel()).body.data.order.status, 'cancelled')
    assert.equal((await server.call('GET', '/api/products')).status, 200)
    expected.set(busy.orderId, cancelledAfterPaying())
    expected.set(other.orderId, paid())
  })

  test('D10 it only reads after a failover: pages go on, orders are refused, and nobody has to restart anything', async () => {
    const { db, steady, productId } = world
    const { name } = await db.one<{ name: string }>('name', sql`select current_database() as name`)
    // This session stays as it is, whatever becomes of those that begin later.
    const operator = openDatabase(
      { url: world.databaseUrl, max: 1, name: 'operator', acquireTimeoutMs: PATIENCE_MS },
      systemPorts(),
    )
    const failOver = async (readOnly: 'on' | 'off') => {
      const setting = raw(`alter database ${name} set default_transaction_read_only = ${readOnly}`)
      await operator.many('test.readOnly', sql`${setting}`)
      await operator.many(
        'test.ended',
        sql`select pg_terminate_backend(pid, 1000) from pg_stat_activity
            where datname = current_database() and application_name like 'hundi%'`,
      )
    }
    const key = world.freshKey()
    const order = () => steady.call('POST', '/api/orders', { body: orderBody(productId), key })
    const before = await count(db, sql`orders`)
    await failOver('on')
    assertAskAgain([await order()])
    assert.equal((await steady.call('GET', '/api/products')).status, 200)
    assert.equal(await count(db, sql`orders`), before)
    await failOver('off')
    await operator.close()
    const placed = placedBy(await untilServed(order, []))
    const verified = await world.verifyAt(steady, placed, await world.pay(placed))
    assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
    world.expected.set(placed.orderId, paid())
  })

  test('all orders come to their end', () => world.bringToEnd())
})
