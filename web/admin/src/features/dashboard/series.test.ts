import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisTicks, changePermille, pathOf, peakOf, pointsOf, spanOf } from './series.ts'

const day = (key: string, revenue: number) => ({ day: key, orders: 2, paidOrders: 1, revenue })
const now = Date.parse('2026-11-20T20:00:00Z') // 21 November, 01:30 in India

test('the days end today in the shop’s zone, and days without orders stand as zero', () => {
  const span = spanOf([day('2026-11-21', 300), day('2026-11-19', 100)], 3, now)
  assert.deepEqual(
    span.days.map((each) => [each.day, each.revenue]),
    [
      ['2026-11-19', 100],
      ['2026-11-20', 0],
      ['2026-11-21', 300],
    ],
  )
  assert.deepEqual([span.revenue, span.orders, span.paidOrders], [400, 4, 2])
  assert.deepEqual([span.before, span.revenueBefore, span.paidOrdersBefore], [[], null, null])
})

test('the days before are compared when the server tells of all of them', () => {
  const span = spanOf([day('2026-11-21', 300), day('2026-11-17', 100), day('2026-11-16', 0)], 3, now)
  assert.equal(spanOf([day('2026-11-21', 300), day('2026-11-17', 100)], 3, now).revenueBefore, null)
  assert.deepEqual(
    span.before.map((each) => each.day),
    ['2026-11-16', '2026-11-17', '2026-11-18'],
  )
  assert.deepEqual([span.revenue, span.revenueBefore, span.paidOrdersBefore], [300, 100, 2])
})

test('a change is told in tenths of a percent, and not at all against nothing', () => {
  assert.equal(changePermille(1124, 1000), 124)
  assert.equal(changePermille(900, 1000), -100)
  assert.equal(changePermille(5, 0), null)
  assert.equal(changePermille(5, null), null)
})

test('axis lines are few, round and reach over the highest value', () => {
  assert.deepEqual(axisTicks(14_890_000), [0, 5_000_000, 10_000_000, 15_000_000])
  assert.deepEqual(axisTicks(0), [0])
  for (const highest of [1, 3, 7, 99, 12_345, 270_900, 999_999_900]) {
    const ticks = axisTicks(highest)
    assert.ok(ticks.length >= 2 && ticks.length <= 4, `${highest}: ${ticks.join(' ')}`)
    assert.ok((ticks[ticks.length - 1] ?? 0) >= highest)
    assert.ok(ticks.every(Number.isInteger))
  }
})

test('L4 a day on which more was taken back than sold has its lines below zero', () => {
  assert.deepEqual(axisTicks(100, -30), [-50, 0, 50, 100])
  assert.deepEqual(axisTicks(0, -30), [-30, -20, -10, 0])
  assert.deepEqual(pointsOf([100, 0, -50], 100, { width: 100, top: 10, bottom: 160 }, -50), [
    { x: 0, y: 10 },
    { x: 50, y: 110 },
    { x: 100, y: 160 },
  ])
})

test('points fill the box, and a flat or single series does not break', () => {
  const box = { width: 100, top: 10, bottom: 110 }
  assert.deepEqual(pointsOf([0, 50, 100], 100, box), [
    { x: 0, y: 110 },
    { x: 50, y: 60 },
    { x: 100, y: 10 },
  ])
  assert.deepEqual(pointsOf([0, 0], 0, box), [
    { x: 0, y: 110 },
    { x: 100, y: 110 },
  ])
  assert.deepEqual(pointsOf([5], 10, box), [{ x: 100, y: 60 }])
  assert.equal(pathOf(pointsOf([0, 100], 100, box)), 'M0.0 110.0L100.0 10.0')
})

test('a peak is named only where one stands out', () => {
  assert.equal(peakOf([10, 12, 40, 11, 9]), 2)
  assert.equal(peakOf([10, 12, 13, 11, 9]), null)
  assert.equal(peakOf([0, 0, 40]), null)
})
