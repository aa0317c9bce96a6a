import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemPorts } from './ports.ts'

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('ids sort in the order in which they were drawn, also many within one millisecond', () => {
  const { ids } = systemPorts()
  const drawn = Array.from({ length: 20_000 }, () => ids.uuid())
  assert.deepEqual(drawn.toSorted(), drawn)
  assert.equal(new Set(drawn).size, drawn.length)
  assert.deepEqual(
    drawn.filter((id) => !VERSION_7.test(id)),
    [],
  )
})

test('an id tells the time at which it was drawn', () => {
  const { ids } = systemPorts()
  const before = Date.now()
  const id = ids.uuid()
  const at = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  assert.ok(at >= before && at <= Date.now(), `${at} is not now`)
})
