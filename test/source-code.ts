/**
 * The project's own sources as text, for tests of its structure: what is code, what is a comment, what is a string, and
 * what imports what. It reads TypeScript well enough for that and is no parser.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

export interface Import {
  specifier: string
  /** The file it names, from the root of the project; undefined for packages. */
  file: string | undefined
  /** Gone when types are stripped. */
  typeOnly: boolean
}

export interface Source {
  /** From the root of the project, with slashes. */
  path: string
  text: string
  /** The text with comments, and the contents of strings, templates and regular expressions, blanked out. */
  code: string
  imports: readonly Import[]
}

const ROOT = new URL('../', import.meta.url)
const SKIPPED = new Set(['node_modules', 'dist', 'public', 'fonts', 'fixtures'])

/** Every TypeScript source under these folders, but not what tools have written. */
export function readSources(folders: readonly string[]): Source[] {
  const paths = folders.flatMap((folder) => listFiles(folder))
  return paths.map((path) => parseSource(path, readFileSync(new URL(path, ROOT), 'utf8')))
}

function listFiles(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, ROOT), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : listFiles(path)
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.gen.') ? [path] : []
  })
}

export function parseSource(path: string, text: string): Source {
  const { code, bare } = blank(text)
  return { path, text, code, imports: findImports(path, bare) }
}

const IMPORT = /\b(?:import|export)\s+(type\s+)?(?:([\w$*{][^;'"`]*?)\s*from\s*)?(['"])([^'"]+)\3/g
const DYNAMIC = /\bimport\s*\(\s*(['"])([^'"]+)\1/g

function findImports(path: string, bare: string): Import[] {
  const found: Import[] = []
  for (const [, type, clause, , specifier = ''] of bare.matchAll(IMPORT)) {
    found.push(importOf(path, specifier, type !== undefined || onlyTypes(clause)))
  }
  for (const [, , specifier = ''] of bare.matchAll(DYNAMIC)) found.push(importOf(path, specifier, false))
  return found
}

function importOf(path: string, specifier: string, typeOnly: boolean): Import {
  const file = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
  return { specifier, file, typeOnly }
}

/** `{ type A, type B }` leaves an import without names behind, which is none for our purpose. */
function onlyTypes(clause: string | undefined): boolean {
  const named = /^\{([^}]*)\}$/.exec((clause ?? '').trim())?.[1]
  const names = named?.split(',').map((name) => name.trim())
  return names?.filter((name) => name !== '').every((name) => name.startsWith('type ')) ?? false
}

/** After one of these a slash begins a regular expression, after anything else it divides. */
const BEFORE_REGEXP = /(^|[(,=:[!&|?{};+\-*%~^]|=>|\b(return|typeof|case|in|of|throw|await))\s*$/

/**
 * Two copies of the text with every character in its place: `bare` without comments, `code` without the contents of
 * strings either. A quote that nothing closes on its line is an apostrophe in a page's text.
 */
function blank(text: string): { code: string; bare: string } {
  let code = ''
  let bare = ''
  const templates: number[] = []
  let depth = 0
  let index = 0
  const keep = (length: number) => {
    code += text.slice(index, index + length)
    bare += text.slice(index, index + length)
    index += length
  }
  const hide = (end: number, alsoBare: boolean) => {
    const hidden = text.slice(index, end).replace(/[^\n]/g, ' ')
    code += hidden
    bare += alsoBare ? hidden : text.slice(index, end)
    index = end
  }
  const template = () => {
    const from = index
    let end = index
    while (end < text.length && text[end] !== '`' && text.slice(end, end + 2) !== '${')
      end += text[end] === '\\' ? 2 : 1
    hide(Math.max(from, Math.min(end, text.length)), false)
    if (text[index] === '`') return keep(1)
    templates.push(depth)
    keep(2)
  }
  while (index < text.length) {
    const rest = text.slice(index, index + 2)
    const character = text[index] ?? ''
    if (rest === '//') hide(endOf(text, '\n', index), true)
    else if (rest === '/*') hide(endOf(text, '*/', index + 2) + 2, true)
    else if (character === '"' || character === "'") {
      const literal = new RegExp(`${character}(?:\\\\.|[^\\\\\\n${character}])*${character}`, 'y')
      literal.lastIndex = index
      const length = literal.exec(text)?.[0].length
      if (length === undefined) {
        keep(1)
        continue
      }
      keep(1)
      hide(index + length - 2, false)
      keep(1)
    } else if (character === '`') {
      keep(1)
      template()
    } else if (character === '/' && BEFORE_REGEXP.test(code.slice(-40))) {
      const literal = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y
      literal.lastIndex = index
      hide(index + (literal.exec(text)?.[0].length ?? 1), false)
    } else {
      if (character === '{') depth += 1
      if (character === '}' && templates.at(-1) === depth) {
        templates.pop()
        keep(1)
        template()
        continue
      }
      if (character === '}') depth -= 1
      keep(1)
    }
  }
  return { code, bare }
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from)
  return end === -1 ? text.length : end
}
