import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const sheet = readFileSync(new URL('./ui.css', import.meta.url), 'utf8')

/** The hex colours declared in the block that begins with this selector. */
function colours(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`)
  assert.ok(start >= 0, `${selector} is in tokens.css`)
  const block = css.slice(start, css.indexOf('\n}', start))
  return Object.fromEntries(
    [...block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]),
  )
}

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one)
  return (high + 0.05) / (low + 0.05)
}

const light = colours(':root')
const dark = { ...light, ...colours(":root[data-theme='dark']") }
const themes: Record<string, Record<string, string>> = {
  light,
  dark,
  'shop, light': { ...light, ...colours("\n[data-shop='saat-dabbe']") },
  'shop, dark': { ...dark, ...colours(":root[data-theme='dark'] [data-shop='saat-dabbe']") },
}
const STATES = ['pending', 'processing', 'paid', 'failed', 'refunded', 'review']

/** [text or mark, what it stands on, the least contrast] */
const pairs: [string, string, number][] = [
  ...['surface', 'raised', 'page'].flatMap((ground): [string, string, number][] => [
    ['ink', ground, 7],
    ['ink-2', ground, 4.5],
    ['ink-3', ground, 4.5],
    ['accent-text', ground, 4.5],
  ]),
  ['ink-3', 'hover', 4.5],
  ['ink-3', 'sunken', 4.5],
  ['accent-text', 'accent-soft', 4.5],
  ['accent-ink', 'accent', 4.5],
  ['accent-ink', 'accent-hover', 4.5],
  ['edge', 'surface', 3],
  ['focus', 'surface', 3],
  ['thread', 'cloth', 4.5],
  ...STATES.flatMap((state): [string, string, number][] => [
    [state, 'surface', 4.5],
    [state, `${state}-soft`, 4.5],
    [`${state}-mark`, 'surface', 3],
  ]),
]

for (const [name, theme] of Object.entries(themes)) {
  test(`colours are readable: ${name}`, () => {
    for (const [front, ground, least] of pairs) {
      const a = theme[front]
      const b = theme[ground]
      assert.ok(a && b, `${front} and ${ground} are tokens`)
      const found = contrast(a, b)
      assert.ok(found >= least, `${front} on ${ground}: ${found.toFixed(2)} is below ${least}`)
    }
  })
}

test('the dark colours are the same whether the system or the page asks for them', () => {
  const bySystem = colours(":root:not([data-theme='light'])")
  assert.deepEqual(bySystem, colours(":root[data-theme='dark']"))
  assert.deepEqual(
    colours(":root:not([data-theme='light']) [data-shop='saat-dabbe']"),
    colours(":root[data-theme='dark'] [data-shop='saat-dabbe']"),
  )
})

test('every colour utility points at a token that exists', () => {
  const named = [...sheet.matchAll(/--color-[a-z0-9-]+:\s*var\(--([a-z0-9-]+)\)/g)].map((match) => match[1] ?? '')
  assert.equal(named.length, 40)
  const known = new Set([...css.matchAll(/--([a-z0-9-]+):/g)].map((match) => match[1]))
  assert.deepEqual(
    named.filter((token) => !known.has(token)),
    [],
  )
})
