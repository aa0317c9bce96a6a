/**
 * The browser that tests run in, without a window: Chromium's headless shell from npm, else whatever Chromium this
 * machine has. The shell is the same engine without what surrounds a page: windows, profiles, extensions. A page in it
 * takes a third of the processor time of one in the whole program.
 */
import { execFile, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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

/** Where what was unpacked stays, until packages are installed anew. */
export const KEPT = fileURLToPath(new URL('../node_modules/.hundi/', import.meta.url))

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

export interface Program {
  executablePath: string
  /** Variables that it needs beside ours. */
  env: Readonly<Record<string, string>>
}

/**
 * Starts Chromium: that of CHROMIUM_PATH if it is set, else the shell of @sparticuz/chromium (Linux on x64), else one
 * that the system has. The caller closes it.
 *
 * @throws Error that says where a browser was looked for
 */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findBrowser()
  return chromium.launch({
    executablePath,
    args: ARGUMENTS,
    timeout: START_TIMEOUT_MS,
    env: { ...process.env, ...env },
  })
}

async function findBrowser(): Promise<Program> {
  const given = givenChromium(process.env)
  if (given !== undefined) return { executablePath: given, env: {} }
  if (process.platform === 'linux' && process.arch === 'x64') return unpackShell(KEPT)
  const found = findChromium(process.env)
  if (found !== undefined) return { executablePath: found, env: {} }
  throw new Error('no Chromium or Google Chrome was found: install one, or set CHROMIUM_PATH')
}

/** Gives what CHROMIUM_PATH leads to, or undefined when it is not set. */
export function givenChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = env['CHROMIUM_PATH']
  if (given && !isExecutable(given)) throw new Error(`CHROMIUM_PATH leads to no program: ${given}`)
  return given || undefined
}

/** Gives the path of a Chromium on this machine, or undefined when there is none. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [...SYSTEM_PATHS, ...onPath.flatMap((folder) => NAMES.map((name) => join(folder, name)))]
  return candidates.find(isExecutable)
}

/**
 * Unpacks the packaged shell into a folder, once, and says how it runs here. It comes with the libraries and the fonts
 * that a bare system lacks; they are used only where it does not run without them. The package unpacks into the temporary
 * folder and speaks of it in the environment of whoever asks, so a process of its own is asked.
 */
export async function unpackShell(into: string): Promise<Program> {
  const described = new URL('../package.json', import.meta.resolve('@sparticuz/chromium'))
  const { version } = JSON.parse(readFileSync(described, 'utf8')) as { version: string }
  const folder = join(into, `chromium-${version}`)
  if (!existsSync(folder)) {
    mkdirSync(into, { recursive: true })
    const unfinished = mkdtempSync(`${folder}.`)
    const script = `const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath()`
    // It takes out its libraries only where it believes to be in AWS Lambda.
    const env = { PATH: process.env['PATH'], TMPDIR: unfinished, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' }
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    try {
      await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd, env })
      const fonts = join(unfinished, 'fonts/fonts.conf')
      writeFileSync(fonts, readFileSync(fonts, 'utf8').replaceAll('>/tmp/', `>${folder}/`))
      renameSync(unfinished, folder)
    } catch (error) {
      rmSync(unfinished, { recursive: true })
      // Unless another test file was first.
      if (!existsSync(folder)) throw error
    }
  }
  const executablePath = join(folder, 'chromium')
  const runs = spawnSync(executablePath, ['--version'], { timeout: START_TIMEOUT_MS }).status === 0
  const env = { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_PATH: join(folder, 'fonts') }
  return { executablePath, env: runs ? {} : env }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
