#!/usr/bin/env node
/**
 * The launcher behind the npm scripts. It runs on any Node from 20 on, before anything is installed, and so is plain
 * JavaScript without dependencies. It brings the installation up to date, builds the front ends when their sources
 * changed, and hands over to the Node that the project pins.
 *
 *   run.mjs start                 the server
 *   run.mjs dev                   the server and the front ends' development server, restarted as files change
 *   run.mjs test [pattern] [--…]  all tests, or those whose path has the pattern; options go to Node's test runner.
 *                                 The files that took longest the last time come first
 *   run.mjs node FILE [argument]  any other program of the project
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildFrontEnds } from './build-front-ends.mjs'
import { install } from './install.mjs'
import { PINNED_NODE, ROOT, runToEnd } from './processes.mjs'
import { findTests } from './find-tests.mjs'
import { longestFirst, rememberedSeconds } from './test-seconds.mjs'

const [command, ...rest] = process.argv.slice(2)

/** A whole run that takes longer fails; STORMS and CRASH_ROUNDS ask for more, and may take as long as they like. */
const MOST_MINUTES = 12

try {
  process.exitCode = await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run() {
  switch (command) {
    case 'start':
      await install()
      await buildFrontEnds()
      return runToEnd([[PINNED_NODE, 'server/main.ts', ...rest]])
    case 'dev':
      await install()
      return runToEnd([
        [PINNED_NODE, '--watch-path=server', '--watch-path=shared', 'server/main.ts', ...rest],
        ...(existsSync(join(ROOT, 'web/vite.config.ts')) ? [viteServer()] : []),
      ])
    case 'test':
      await install()
      await buildFrontEnds()
      return runToEnd([testRunner()])
    case 'node':
      await install()
      return runToEnd([[PINNED_NODE, ...rest]])
    default:
      throw new Error('usage: run.mjs start | dev | test [pattern] | node FILE')
  }
}

function viteServer() {
  return [PINNED_NODE, 'node_modules/vite/bin/vite.js', '-c', 'web/vite.config.ts']
}

function isOption(argument) {
  return argument.startsWith('-')
}

function testRunner() {
  const patterns = rest.filter((argument) => !isOption(argument))
  const files = longestFirst(findTests(patterns), rememberedSeconds())
  const isThorough = process.env.STORMS !== undefined || process.env.CRASH_ROUNDS !== undefined
  if (patterns.length === 0 && !isThorough) process.env.TEST_MINUTES ??= String(MOST_MINUTES)
  // How long the chosen tests of a file take says nothing of the file.
  if (rest.some((argument) => /^--test-(name|skip)-pattern|^--test-only/.test(argument)))
    process.env.TEST_FILTERED = '1'
  return [
    PINNED_NODE,
    '--test',
    // Node would use one process on two cores; tests wait for PostgreSQL and for other processes, so three keep them busy.
    `--test-concurrency=${process.env.TEST_CONCURRENCY ?? 3}`,
    // For one test, not for a file: a test that waits for what never comes is named instead of waited for.
    '--test-timeout=300000',
    '--test-global-setup=test/global-setup.ts',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./scripts/test-times.mjs',
    '--test-reporter-destination=stderr',
    ...rest.filter(isOption),
    ...files,
  ]
}
