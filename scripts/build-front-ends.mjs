import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { withLaunchLock } from './launch-lock.mjs'
import { PINNED_NODE, ROOT, runStep } from './processes.mjs'

const CONFIG = 'web/vite.config.ts'
/** What the front ends are made of. */
const SOURCES = ['web', 'client', 'shared', 'package-lock.json', 'tsconfig.json']
const OUTPUT = join(ROOT, 'web/dist')
/** The digest of the sources that the output was built from; written last, so that an interrupted build is no build. */
const STAMP = join(ROOT, 'node_modules/.hundi/front-ends')
const LOCK = join(ROOT, '.launch.lock')

/** Builds the front ends if their sources changed since they were built, or the output is gone. */
export async function buildFrontEnds() {
  if (!existsSync(join(ROOT, CONFIG)) || isBuilt()) return
  await withLaunchLock(LOCK, async () => {
    if (isBuilt()) return
    const digest = digestOfSources()
    const vite = [PINNED_NODE, 'node_modules/vite/bin/vite.js', 'build', '-c', CONFIG, '--logLevel', 'warn']
    await runStep(vite, 'Building the front ends …')
    mkdirSync(dirname(STAMP), { recursive: true })
    writeFileSync(STAMP, digest)
  })
}

function isBuilt() {
  return existsSync(OUTPUT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digestOfSources()
}

function digestOfSources() {
  const digest = createHash('sha256')
  for (const file of SOURCES.flatMap((source) => listFiles(join(ROOT, source)))) {
    digest
      .update(`${relative(ROOT, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return digest.digest('hex')
}

function listFiles(path) {
  if (!existsSync(path) || path === OUTPUT || path.endsWith('.test.ts')) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => listFiles(join(path, name)))
}
