/**
 * What a large shop's questions take. Fills an embedded PostgreSQL with orders as the system writes them, and asks it all
 * that grows with their number: the check of the books, the lists and pages, the background passes, the figures. Figures
 * are printed, never asserted.
 *
 *   node scripts/run.mjs node bench/scale.ts [--orders 1000000] [--days 365] [--keep DIR] [--only check,requests]
 *
 * With --keep the filled database stays in DIR and is found there again.
 */
import { parseArgs } from 'node:util'
import { measureRequests } from './scale-requests.ts'
import { measureQuestions } from './scale-questions.ts'
import { scaleDatabase } from './scale-database.ts'

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '365' },
    keep: { type: 'string' },
    only: { type: 'string', default: 'check,requests' },
    patience: { type: 'string', default: '600' },
  },
})

const startedMs = performance.now()
const database = await scaleDatabase(
  { orders: Number(values.orders), days: Number(values.days), keep: values.keep },
  (line) => print(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`),
)
try {
  const only = new Set(values.only.split(','))
  if (only.has('check')) await measureQuestions(database.url, Number(values.patience), print)
  if (only.has('requests')) await measureRequests(database.url, print)
} finally {
  await database.stop()
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
