import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prettyJson } from './raw-text.ts'

test('JSON is indented, whether it comes as text or as a value', () => {
  assert.equal(prettyJson('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}')
  assert.equal(prettyJson({ a: 1 }), '{\n  "a": 1\n}')
})

test('what is no JSON is shown as it came', () => {
  assert.equal(prettyJson('<html>upstream error'), '<html>upstream error')
  assert.equal(prettyJson(''), '')
  assert.equal(prettyJson(undefined), '')
})
