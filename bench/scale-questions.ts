/** What each question of `npm run check` takes, and where its plan spends the time. */
import pg from 'pg'
import { beginAsking } from '../server/operations/check-queries.ts'
import { counted, QUESTIONS } from '../server/operations/invariants.ts'
import { inTransaction, openDatabase, raw, sql, type Database } from '../server/platform/database.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { cpuMs } from './cpu.ts'

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Total Time': number
  'Actual Loops': number
  'Actual Rows': number
  Plans?: Plan[]
}

/** @param patienceS after so long a question counts as one that does not end */
export async function measureQuestions(url: string, patienceS: number, print: (line: string) => void): Promise<void> {
  const ports = systemPorts()
  const db = openDatabase({ url, max: 1, name: 'hundi check' }, ports)
  const { pid: backend } = await db.one<{ pid: number }>('scale.pid', sql`select pg_backend_pid() as pid`)
  let seconds = 0
  let processor = 0
  print('       s  processor')
  for (const { id, name, query } of QUESTIONS) {
    const statement = counted(query)
    const asked = await timed(db, backend, patienceS, statement)
    // Asked once more, because looking at every row takes as long again as the row itself.
    const explained = await timed(db, backend, patienceS, `explain (analyze, format json) ${statement}`)
    seconds += asked.seconds
    processor += asked.processor
    const [plan] = explained.rows as [{ 'QUERY PLAN': [{ Plan: Plan }] }] | []
    const worst = plan === undefined ? (explained.error ?? '') : worstOf(plan['QUERY PLAN'][0].Plan)
    const found = asked.rows.length === 0 ? '' : `${asked.rows.length} WRONG `
    print(
      `${figure(asked.seconds)} ${figure(asked.processor)}  ${id.padEnd(4)}${name.slice(0, 78).padEnd(80)}${found}${worst}`,
    )
  }
  print(`${figure(seconds)} ${figure(processor)}  all questions`)
  await db.close()
}

function figure(value: number): string {
  return value.toFixed(2).padStart(8)
}

/** @returns wall-clock and processor time in seconds; without those of parallel workers, which are processes of their own */
async function timed(db: Database, backend: number, patienceS: number, statement: string) {
  const startedMs = performance.now()
  const usedMs = cpuMs([backend]) ?? 0
  let rows: unknown[] = []
  let error: string | undefined
  try {
    rows = await inTransaction(db, 'scale', async (tx) => {
      await beginAsking(tx, patienceS * 1_000)
      return tx.many('scale.question', raw(statement))
    })
  } catch (reason) {
    if (!(reason instanceof pg.DatabaseError)) throw reason
    error = reason.message
  }
  const processor = ((cpuMs([backend]) ?? 0) - usedMs) / 1_000
  return { rows, error, seconds: (performance.now() - startedMs) / 1_000, processor }
}

/** The node of the plan that took longest by itself. */
function worstOf(plan: Plan): string {
  let worst = { ms: -1, text: '' }
  const visit = (node: Plan) => {
    const children = node.Plans ?? []
    const inner = children.reduce((sum, child) => sum + child['Actual Total Time'] * child['Actual Loops'], 0)
    const ms = node['Actual Total Time'] * node['Actual Loops'] - inner
    if (ms > worst.ms) {
      const where = node['Index Name'] ?? node['Relation Name']
      worst = { ms, text: `${node['Node Type']}${where === undefined ? '' : ` on ${where}`} × ${node['Actual Loops']}` }
    }
    for (const child of children) visit(child)
  }
  visit(plan)
  return `${worst.text} (${(worst.ms / 1_000).toFixed(2)} s)`
}
