/** What the adapter hands over for the record is read by people and kept for years: no secret may stand in it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Bed } from './bed.ts'

/** A record that has none of the tests' traffic in it would prove nothing. */
const FEWEST_REPLIES = 100

export function testSecrets(bed: Bed): void {
  describe('the record', () => {
    test('of every answer in this run holds no secret', () => {
      assert.ok(bed.replies.length >= FEWEST_REPLIES, `only ${bed.replies.length} replies were recorded`)
      const text = JSON.stringify(bed.replies)
      assert.notEqual(bed.bench.secrets.length, 0)
      for (const secret of bed.bench.secrets) {
        assert.ok(secret.length >= 8, 'the bench names whole secrets')
        assert.equal(text.includes(secret), false, `a reply holds ${secret.slice(0, 3)}…`)
      }
      assert.doesNotMatch(text, /"authorization"/i)
    })
  })
}
