/**
 * The built pages: storefront at /, panel at /admin. Assets with a hash in their name are kept for a year; pages are
 * asked for each time. Only a browser that asks for a page gets one: an unknown API path stays an error in JSON.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { PaymentProvider } from './payments/provider.ts'
import { AppError } from './platform/errors.ts'
import { failureBody, type App } from './platform/http.ts'

const BUILT = fileURLToPath(new URL('../web/dist/', import.meta.url))
const YEAR_S = 365 * 24 * 3_600

export async function registerPages(app: App, sources: readonly PaymentProvider['pageSources'][]): Promise<void> {
  const storefront = await page('storefront')
  const admin = await page('admin')
  await app.register(async (scope) => {
    await scope.register(helmet, {
      global: false,
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
    })
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
          reply.header('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'public, max-age=300')
        },
      })
    }
    scope.setNotFoundHandler(async (request, reply) => {
      const path = request.url.split('?')[0] ?? '/'
      const wantsPage =
        (request.method === 'GET' || request.method === 'HEAD') && (request.headers.accept ?? '').includes('text/html')
      if (!wantsPage || path.startsWith('/api/')) {
        const error = new AppError('not_found', 'There is nothing here.')
        return reply.code(error.status).send(failureBody(error, request))
      }
      await reply.helmet()
      const html = path === '/admin' || path.startsWith('/admin/') ? admin : storefront
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(html)
    })
  })
}

async function page(name: string): Promise<string> {
  const file = `${BUILT}${name}/index.html`
  if (existsSync(file)) return readFile(file, 'utf8')
  return '<!doctype html><html lang="en"><title>Hundi</title><p>The pages are not built. Run <code>npm start</code>, which builds them.</p></html>'
}
