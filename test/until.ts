/**
 * Waiting in tests. A test waits for what it waits for, however slow the machine is; the limit here only turns what never
 * comes into a failure that names it, before the runner's own limit ends the test without a word.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long anything may take on the slowest machine that tests run on. For limits that no test is about. */
export const PATIENCE_MS = 120_000
const LONGEST_REST_MS = 100

/** Asks again and again until it holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  for (let restMs = 5; !(await holds()); restMs = Math.min(2 * restMs, LONGEST_REST_MS)) {
    assert.ok(performance.now() < end, `it never came: ${what}`)
    await sleep(restMs)
  }
}

/** Gives what is awaited; rejects with `complaint` when it never comes. */
export async function awaited<T>(coming: Promise<T>, complaint: () => string): Promise<T> {
  const never = Promise.withResolvers<never>()
  const timer = setTimeout(() => never.reject(new Error(complaint())), PATIENCE_MS)
  try {
    return await Promise.race([coming, never.promise])
  } finally {
    clearTimeout(timer)
  }
}
