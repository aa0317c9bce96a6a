/**
 * The built pages: storefront at /, panel at /admin. Assets with a hash in their name are kept for a year; pages are
 * asked for each time. Only a browser that asks for a page gets one: an unknown API path stays an error in JSON.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyHelmetOptions } from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { PaymentProvider } from './payments/provider.ts'
import type { App } from './platform/http.ts'
import { failureBody, nothingHere } from './platform/refusals.ts'

const BUILT = fileURLToPath(new URL('../web/dist/', import.meta.url))
const YEAR_S = 365 * 24 * 3_600
/** Where no page of ours is, whoever asks. */
const NO_PAGES = /^\/(api|docs)\//

export async function registerPages(app: App, sources: readonly PaymentProvider['pageSources'][]): Promise<void> {
  const storefront = await page('storefront')
  const admin = await page('admin')
  const policies = policiesOf(sources)
  await app.register(async (scope) => {
    if (existsSync(BUILT)) {
      await scope.register(fastifyStatic, {
        root: BUILT,
        // A route for each file that was built, so that no other path is ever looked up on the disk.
        wildcard: false,
        globIgnore: ['**/index.html'],
        index: false,
        cacheControl: false,
        setHeaders(reply, path) {
          const hashed = path.includes('/assets/')
          // The page decides what its files may do. A picture with a policy of its own would lose its styles.
          reply.removeHeader('content-security-policy')
          reply.header('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'public, max-age=300')
        },
      })
    }
    scope.setNotFoundHandler(async (request, reply) => {
      const path = request.url.split('?')[0] ?? '/'
      const wantsPage =
        (request.method === 'GET' || request.method === 'HEAD') && (request.headers.accept ?? '').includes('text/html')
      if (!wantsPage || NO_PAGES.test(path)) {
        const error = nothingHere()
        return reply.code(error.status).send(failureBody(error, request))
      }
      // What holds for answers in JSON would win over what a page needs.
      reply.removeHeader('content-security-policy')
      await reply.helmet(policies)
      const html = path === '/admin' || path.startsWith('/admin/') ? admin : storefront
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(html)
    })
  })
}

/** What a page may load and run: its own files, and the provider's where the shopper pays. */
function policiesOf(sources: readonly PaymentProvider['pageSources'][]): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", ...sources.flatMap((source) => source.script)],
        frameSrc: ["'self'", ...sources.flatMap((source) => source.frame)],
        connectSrc: ["'self'", ...sources.flatMap((source) => source.connect)],
        // Components place popovers by style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'https:'],
        fontSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'", ...sources.flatMap((source) => source.frame)],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
    // Set by whoever ends TLS in front of us; on plain http it would lock people out.
    strictTransportSecurity: false,
  }
}

async function page(name: string): Promise<string> {
  const file = `${BUILT}${name}/index.html`
  if (existsSync(file)) return readFile(file, 'utf8')
  return '<!doctype html><html lang="en"><title>Hundi</title><p>The pages are not built. Run <code>npm start</code>, which builds them.</p></html>'
}
