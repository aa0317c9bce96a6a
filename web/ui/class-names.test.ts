import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cn } from './class-names.ts'

test('of two classes for the same property the later one stays', () => {
  assert.equal(cn('border border-transparent', 'border-edge/55 bg-surface'), 'border border-edge/55 bg-surface')
  assert.equal(cn('h-10 px-4', 'h-12'), 'px-4 h-12')
})

test('sizes of text and its colours are different properties, our own names included', () => {
  assert.equal(cn('text-body text-ink', 'text-small'), 'text-ink text-small')
  assert.equal(cn('font-semibold', 'font-strong'), 'font-strong')
})

test('what is not there is left out', () => {
  assert.equal(cn('flex', false, null, undefined, 'gap-2'), 'flex gap-2')
})
