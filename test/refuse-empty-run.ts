import { resolve } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

/**
 * A reporter that prints nothing and makes a run fail in which no test ran: all filtered out is not all passed. Node
 * reports a file without tests as a passed test of the file's own name, which does not count here.
 */
export default async function* refuseEmptyRun(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let ran = 0
  for await (const { type, data } of events) {
    if ((type === 'test:pass' || type === 'test:fail') && resolve(data.name) !== data.file) ran += 1
  }
  if (ran === 0) {
    process.exitCode = 1
    yield 'no test ran\n'
  }
}
