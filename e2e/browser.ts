/** The browser that journeys run in: Chromium, wherever this machine has it, else one from npm. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const SYSTEM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/** What a headless browser in a container, run as root, needs, and nothing that makes pages less isolated. */
const ARGUMENTS = [
  // Chromium refuses its own sandbox to root. The pages are ours alone.
  '--no-sandbox',
  // A container's /dev/shm may be too small for pictures of a page.
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--metrics-recording-only',
]

const START_TIMEOUT_MS = 30_000

/**
 * Starts Chromium without a window: that of CHROMIUM_PATH if it is set, else one that the system has, else one that is
 * unpacked from the npm package @sparticuz/chromium (Linux). The caller closes it.
 *
 * @throws Error that says where a browser was looked for
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium(process.env) ?? (await unpackChromium())
  return chromium.launch({ executablePath, args: ARGUMENTS, timeout: START_TIMEOUT_MS })
}

/** Gives the path of a Chromium on this machine, or undefined when there is none. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = env['CHROMIUM_PATH']
  if (given) {
    if (!isExecutable(given)) throw new Error(`CHROMIUM_PATH leads to no program: ${given}`)
    return given
  }
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [...SYSTEM_PATHS, ...onPath.flatMap((folder) => NAMES.map((name) => join(folder, name)))]
  return candidates.find(isExecutable)
}

/**
 * Unpacks the packaged Chromium (once for all runs on the machine) and the libraries that a bare system lacks, which
 * the package does only where it believes to be in AWS Lambda. It puts them on LD_LIBRARY_PATH, which every program
 * started from here inherits: so this is done only when nothing else was found.
 */
export async function unpackChromium(): Promise<string> {
  if (process.platform !== 'linux') {
    throw new Error('no Chromium or Google Chrome was found: install one, or set CHROMIUM_PATH')
  }
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs22.x'
  const { default: packaged } = await import('@sparticuz/chromium')
  return packaged.executablePath()
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
