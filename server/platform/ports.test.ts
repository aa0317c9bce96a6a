import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crashingPoints, systemPorts } from './ports.ts'

test('ids are UUIDv7 of now, and each is above the one before it', () => {
  const { ids } = systemPorts()
  const startedAt = Date.now()
  const drawn = Array.from({ length: 20_000 }, () => ids.uuid())
  assert.deepEqual(drawn.toSorted(), drawn)
  assert.equal(new Set(drawn).size, drawn.length)
  for (const id of [drawn[0], drawn.at(-1)]) {
    assert.match(id ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const time = Number.parseInt((id ?? '').replaceAll('-', '').slice(0, 12), 16)
    assert.ok(time >= startedAt && time <= Date.now() + 50, `${id} is of another time`)
  }
})

test('readable text leaves out letters that look like others', () => {
  assert.match(systemPorts().ids.readable(2_000), /^[0-9A-HJKMNP-TV-Z]{2000}$/)
})

test('a sleep ends early, and quietly, when it is called off', async () => {
  const { timers } = systemPorts()
  const off = new AbortController()
  let over = 0
  const sleeping = timers.sleep(60_000, off.signal).then(() => (over += 1))
  off.abort()
  const another = timers.sleep(60_000, off.signal).then(() => (over += 1))
  await nextTurn()
  assert.equal(over, 2)
  await Promise.all([sleeping, another])
})

test('a crashing point that is not reached often enough lets the process live', async () => {
  const points = crashingPoints('tx:settle:commit#3')
  await points.reach('tx:settle:commit')
  await points.reach('tx:placeOrder:commit')
  await points.reach('tx:settle:commit')
  assert.ok(true, 'still here')
})
