/** The agenda: order, cancelled waiting, and skipped time. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Agenda } from './agenda.ts'
import { simulatedPorts } from './simulated-ports.ts'

test('whatever is planned happens once, at its time, in order; equal times in the order of planning', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), async (delays) => {
      const ports = simulatedPorts()
      const agenda = new Agenda(ports)
      const start = ports.now()
      const seen: Array<{ index: number; at: number }> = []
      delays.forEach((delay, index) => {
        agenda.plan(start + delay, () => seen.push({ index, at: ports.now() - start }))
      })
      await ports.pass(60)
      const expected = delays.map((at, index) => ({ index, at })).sort((a, b) => a.at - b.at || a.index - b.index)
      assert.deepEqual(seen, expected)
    }),
    { numRuns: 60 },
  )
})

test('what is planned from within happens in its turn', async () => {
  const ports = simulatedPorts()
  const agenda = new Agenda(ports)
  const seen: string[] = []
  agenda.plan(agenda.now() + 10, () => {
    seen.push('first')
    agenda.plan(agenda.now() + 5, () => seen.push('second'))
  })
  await ports.pass(14)
  assert.deepEqual(seen, ['first'])
  await ports.pass(1)
  assert.deepEqual(seen, ['first', 'second'])
})

test('skipped time makes due what lies in it, and later delays count from there', async () => {
  const ports = simulatedPorts()
  const agenda = new Agenda(ports)
  const seen: string[] = []
  agenda.plan(agenda.now() + 60_000, () => seen.push('minute'))
  agenda.plan(agenda.now() + 3_600_000, () => seen.push('hour'))
  await ports.pass(1000)
  agenda.advance(59_000)
  await ports.pass(0)
  assert.deepEqual(seen, ['minute'])
  agenda.advance(3_539_999)
  await ports.pass(0)
  assert.deepEqual(seen, ['minute'])
  await ports.pass(1)
  assert.deepEqual(seen, ['minute', 'hour'])
})

test('a closed agenda does nothing more', async () => {
  const ports = simulatedPorts()
  const agenda = new Agenda(ports)
  const seen: string[] = []
  agenda.plan(agenda.now() + 1, () => seen.push('never'))
  agenda.close()
  agenda.plan(agenda.now() + 1, () => seen.push('never'))
  await ports.pass(10)
  assert.deepEqual(seen, [])
})
