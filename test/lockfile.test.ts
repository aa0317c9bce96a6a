/** What is installed is what was reviewed: every package is named with its exact version and the digest of its bytes. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

interface Locked {
  version?: string
  integrity?: string
  resolved?: string
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
}

const { packages } = readJson('package-lock.json') as { packages: Record<string, Locked> }
const locked = Object.entries(packages).filter(([path]) => path !== '')
const project = readJson('package.json') as Record<string, Record<string, string> | undefined>

describe('FX17 X19 package-lock.json', () => {
  test('has the digest of every package, also of those that this platform does not install', () => {
    assert.ok(locked.length > 300)
    const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/
    assert.deepEqual(
      locked.filter(([, { integrity = '' }]) => !SHA512.test(integrity)).map(([path]) => path),
      [],
    )
  })

  test('names no place from which a package comes: the registry that npm is set to is asked', () => {
    assert.deepEqual(
      locked.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
      [],
    )
  })

  test('has what package.json asks for, which is one exact version each', () => {
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      for (const [name, version] of Object.entries(project[kind] ?? {})) {
        assert.equal(packages[`node_modules/${name}`]?.version, version, name)
      }
    }
  })
})
