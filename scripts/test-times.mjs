import { relative, resolve } from 'node:path'
import { ROOT } from './processes.mjs'
import { rememberSeconds } from './test-seconds.mjs'

const SHOWN = 10

/**
 * A reporter that remembers how long each file took, prints the slowest, and makes a run fail that took longer than
 * TEST_MINUTES. The launcher sets that for whole runs: tests that take too long are not run, and that creeps up. A run
 * in which no test ran fails too: all filtered out is not all passed.
 */
export default async function* testTimes(events) {
  const startedAt = performance.now()
  const seconds = {}
  let ran = 0
  for await (const { type, data } of events) {
    // The runner reports a file as a test of the file's own name.
    const isFile = type === 'test:complete' && data.nesting === 0 && data.file?.endsWith(data.name)
    // A file without tests is reported as a passed test of the file's own name.
    if ((type === 'test:pass' || type === 'test:fail') && resolve(data.name) !== data.file) ran += 1
    if (isFile) seconds[relative(ROOT, data.file)] = data.details.duration_ms / 1_000
  }
  if (process.env.TEST_FILTERED !== '1') rememberSeconds(seconds)
  const slowest = Object.entries(seconds).toSorted(([, one], [, other]) => other - one)
  if (slowest.length > SHOWN) {
    yield `\nThe slowest of ${slowest.length} files, in seconds:\n`
    for (const [file, took] of slowest.slice(0, SHOWN)) yield `${took.toFixed(1).padStart(7)}  ${file}\n`
  }
  if (ran === 0) {
    process.exitCode = 1
    yield 'no test ran\n'
  }
  const tookMs = performance.now() - startedAt
  const minutes = Number(process.env.TEST_MINUTES || Infinity)
  if (tookMs > minutes * 60_000) {
    process.exitCode = 1
    yield `\nFAILED: the tests took ${spoken(tookMs)}, and may take ${minutes} minutes. Make the slowest cheaper, or see what ` +
      'else this machine is doing. TEST_MINUTES=30 npm test gives them more time.\n'
  }
}

function spoken(ms) {
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} minutes and ${seconds % 60} seconds`
}
