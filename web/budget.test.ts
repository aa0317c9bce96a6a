/** What a first visit costs, in bytes as they travel. Raising a number here is a decision that shoppers pay for. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const DIST = fileURLToPath(new URL('./dist/', import.meta.url))

/** Bytes of script, and of everything the page itself asks for: scripts, style sheets, preloaded fonts. */
const BUDGETS = {
  storefront: { scripts: 145_000, all: 215_000 },
  admin: { scripts: 172_000, all: 245_000 },
} as const

function travelling(path: string): number {
  const file = DIST + path.slice(1)
  return statSync(existsSync(`${file}.br`) ? `${file}.br` : file).size
}

for (const [name, budget] of Object.entries(BUDGETS)) {
  test(`FW2 the first load of the ${name} stays within its budget`, () => {
    const html = readFileSync(`${DIST}${name}/index.html`, 'utf8')
    const asked = new Set([...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path))
    const scripts = [...asked].filter((path) => path.endsWith('.js'))
    assert.ok(scripts.length > 0)
    const sum = (paths: Iterable<string>) => [...paths].reduce((total, path) => total + travelling(path), 0)
    const [script, all] = [sum(scripts), sum(asked)]
    assert.ok(script <= budget.scripts, `${script} bytes of script, the budget is ${budget.scripts}`)
    assert.ok(all <= budget.all, `${all} bytes in all, the budget is ${budget.all}`)
    // Scripts of other writing systems are loaded by the pages that show them.
    assert.equal([...asked].filter((path) => /devanagari|latin-ext/.test(path)).length, 0)
  })
}
