/**
 * docs/faults.md and the tests say the same. A test's title begins with the ids of the faults that it shows; each row of
 * the list links exactly the files with such titles, and a row that nothing shows says why not. A link that leads nowhere,
 * a test that was renamed, or one that nobody has put on the list is found here, with the cell as it must be.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSources, type Source } from './source-code.ts'

const LIST = new URL('../docs/faults.md', import.meta.url)
const FOLDERS = ['server', 'shared', 'client', 'sandbox', 'test', 'e2e']
/** The kit is run by each adapter's own test, and its titles stand here. */
const KIT = 'server/payments/providers/conformance/'

interface Row {
  id: string
  does: string
  cell: string
}

/** `| id | what happens | what Hundi does | test |` */
function rowsOf(text: string): Row[] {
  return text.split('\n').flatMap((line) => {
    const [, id = '', , does = '', cell = ''] = line.split('|').map((each) => each.trim())
    return /^[A-Z]{1,2}\d+$/.test(id) ? [{ id, does, cell }] : []
  })
}

const TITLE = /^([A-Z]{1,2}\d{1,2}(?: [A-Z]{1,2}\d{1,2})*)(?=['"`]|\$\{| )/

/** The ids with which strings of a test begin. Comments are blank in `code`, and quotes stand where they were. */
function idsIn({ code, text }: Source): Set<string> {
  const ids = new Set<string>()
  for (const { index } of code.matchAll(/['"`]/g)) {
    const title = TITLE.exec(text.slice(index + 1, index + 80))?.[1]
    for (const id of title?.split(' ') ?? []) ids.add(id)
  }
  return ids
}

function labelOf(path: string): string {
  return path.replace(/^(server|shared|client|test)\//, '').replace(/(\.test)?\.ts$/, '')
}

const text = readFileSync(LIST, 'utf8')
const rows = rowsOf(text)
const known = new Set(rows.map(({ id }) => id))
const tests = readSources(FOLDERS).filter(({ path }) => path.endsWith('.test.ts') || path.startsWith(KIT))
const shownBy = new Map<string, string[]>()
for (const source of tests) {
  // Only what the list names is an id; another word with a number is just that.
  for (const id of idsIn(source)) if (known.has(id)) shownBy.set(id, [...(shownBy.get(id) ?? []), source.path])
}

function cellOf(id: string): string {
  const links = (shownBy.get(id) ?? []).map((path) => `[${labelOf(path)}](../${path})`)
  return links.sort().join(', ')
}

test('every id is given once', () => {
  assert.equal(known.size, rows.length)
  assert.ok(rows.length > 100)
})

test('each row links the tests whose titles begin with its id, and no others', () => {
  const wrong = rows
    .map(({ id, cell }) => ({ id, cell: cell.includes('](') ? cell : '', must: cellOf(id) }))
    .filter(({ cell, must }) => cell !== must)
  assert.deepEqual(
    wrong.map(({ id, must }) => `${id}: ${must === '' ? 'has no test' : must}`),
    [],
  )
})

test('a row that no test shows says why', () => {
  const silent = rows.filter(({ id, does, cell }) => !shownBy.has(id) && cell === '' && !does.includes('*planned*'))
  assert.deepEqual(
    silent.map(({ id }) => id).filter((id) => !/\bPlanned\b/i.test(rows.find((row) => row.id === id)?.does ?? '')),
    [],
  )
})
