import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownPath } from './own-path.ts'

const ROWS: [to: unknown, path: string | undefined][] = [
  ['/checkout', '/checkout'],
  ['/orders/1?x=2', '/orders/1?x=2'],
  ['/', '/'],
  ['//evil.example', undefined],
  ['/\\evil.example', undefined],
  ['/\t/evil.example', undefined],
  ['https://evil.example', undefined],
  ['javascript:alert(1)', undefined],
  ['checkout', undefined],
  ['//', undefined],
  [7, undefined],
  [undefined, undefined],
]

for (const [to, path] of ROWS) {
  test(`${JSON.stringify(to)} leads to ${path ?? 'nowhere else'}`, () => {
    assert.equal(ownPath(to, 'https://shop.example'), path)
  })
}
