/** Serves the few files of the page and the payment window from memory, with a strict content policy. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** Nothing inline, nothing from elsewhere but pictures (a shop's logo). */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' https: http: data:; connect-src 'self'; base-uri 'none'; form-action 'none'"

export interface StaticFile {
  route: string
  /** A path beside this file, or a package's file as `import` would name it. */
  file: string
  /** Whether other sites may show or load it: the payment window and its script. */
  embeddable?: boolean
}

/** Registers GET routes for the files. A package's file that is not installed answers 404; the page works without fonts. */
export function registerStaticFiles(scope: FastifyInstance, files: readonly StaticFile[]): void {
  for (const { route, file, embeddable = false } of files) {
    const content = readFileOf(file)
    const extension = file.slice(file.lastIndexOf('.') + 1)
    const isFont = extension === 'woff2'
    scope.get(route, (_request, reply) => {
      if (content === undefined) return reply.code(404).send({ error: 'not_found' })
      void reply
        .type(TYPES[extension] ?? 'application/octet-stream')
        .header('cache-control', isFont ? 'public, max-age=86400' : 'no-cache')
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .header('cross-origin-resource-policy', embeddable ? 'cross-origin' : 'same-origin')
      if (extension === 'html') {
        void reply.header('content-security-policy', `${POLICY}; frame-ancestors ${embeddable ? '*' : "'none'"}`)
      }
      return reply.send(content)
    })
  }
}

function readFileOf(file: string): Buffer | undefined {
  try {
    const url = file.startsWith('.') ? new URL(file, import.meta.url) : import.meta.resolve(file)
    return readFileSync(fileURLToPath(url))
  } catch (error) {
    if (file.startsWith('.')) throw error
    return undefined
  }
}
