/**
 * The built pages: storefront at /, panel at /admin. Whoever asks for an address of the storefront gets a page that
 * says what it is about, whatever they accept (browsers, previews of links, monitors); where nothing is the page has
 * status 404. An unknown API path stays an error in JSON. Files with a hash in their name are kept for a year; pages are
 * asked for each time. What was compressed at build time is sent compressed.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyHelmetOptions } from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { listEveryNthId, listSlugs } from '../catalog/queries.ts'
import { listCategories } from '../catalog/service.ts'
import type { PaymentProvider } from '../payments/providers/provider.ts'
import type { Deps } from '../platform/deps.ts'
import { COMPRESSED, type App } from '../platform/http.ts'
import { failureBody, nothingHere } from '../platform/refusals.ts'
import { manifest, MOST_IN_A_SITEMAP, robots, sitemap, sitemapIndex } from './crawlers.ts'
import { render, type Site } from './document.ts'
import { describePage } from './storefront.ts'

const BUILT = fileURLToPath(new URL('../../web/dist/', import.meta.url))
/** Where no page of ours is, whoever asks. */
const NO_PAGES = /^\/(api|docs)\//
const YEAR_S = 365 * 24 * 3_600
/** Search engines come back after days; a day old list of products is good enough for them. */
const CRAWLERS_KEEP_S = 3_600

export interface PagesOptions {
  site: Site
  /** What the shop says of itself, where a page has nothing of its own to say. */
  description: string
  sources: readonly PaymentProvider['pageSources'][]
  /** Where the built pages are; those of this installation when not given. */
  built?: string
}

export async function registerPages(app: App, deps: Deps, options: PagesOptions): Promise<void> {
  const { site, built = BUILT } = options
  const storefront = await page(built, 'storefront', deps.timeZone)
  const admin = await page(built, 'admin', deps.timeZone)
  const policies = policiesOf(options.sources)
  await app.register(async (scope) => {
    if (existsSync(built)) {
      await scope.register(fastifyStatic, {
        root: built,
        // A route for each file that was built, so that no other path is ever looked up on the disk.
        wildcard: false,
        globIgnore: ['**/index.html', '**/*.br', '**/*.gz'],
        index: false,
        cacheControl: false,
        preCompressed: true,
        setHeaders(reply, path) {
          const hashed = path.includes('/assets/')
          // The page decides what its files may do. A picture with a policy of its own would lose its styles.
          reply.removeHeader('content-security-policy')
          reply.header('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'public, max-age=300')
        },
      })
    }
    registerCrawlerRoutes(scope as App, deps, site)

    scope.setNotFoundHandler(refuse)
    // A route, and not what answers when there is none: only routes are compressed.
    scope.get('/*', { schema: { hide: true }, compress: COMPRESSED }, async (request, reply) => {
      const path = request.url.split('?')[0] ?? '/'
      if (NO_PAGES.test(path) || wantsJson(request)) return refuse(request, reply)
      // What holds for answers in JSON would win over what a page needs.
      reply.removeHeader('content-security-policy')
      await reply.helmet(policies)
      void reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache')
      if (path === '/admin' || path.startsWith('/admin/')) return reply.send(admin)
      const { status, head } = await describePage(deps, path, options.description)
      return reply.code(status).send(render(storefront, head, site))
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

function registerCrawlerRoutes(scope: App, deps: Deps, site: Site): void {
  const kept = (reply: FastifyReply, type: string) =>
    reply.type(type).header('cache-control', `public, max-age=${CRAWLERS_KEEP_S}`)
  const hidden = { schema: { hide: true }, compress: COMPRESSED }
  scope.get('/robots.txt', hidden, async (_request, reply) => kept(reply, 'text/plain').send(robots(site)))
  scope.get('/manifest.webmanifest', hidden, async (_request, reply) =>
    kept(reply, 'application/manifest+json').send(JSON.stringify(manifest(site))),
  )
  scope.get('/sitemap.xml', hidden, async (_request, reply) =>
    kept(reply, 'application/xml').send(sitemapIndex(site, await listEveryNthId(deps.db, MOST_IN_A_SITEMAP))),
  )
  scope.get('/sitemaps/pages.xml', hidden, async (_request, reply) => {
    const categories = await listCategories(deps)
    const paths = ['/', '/products', ...categories.map(({ slug }) => `/c/${encodeURIComponent(slug)}`)]
    return kept(reply, 'application/xml').send(sitemap(site, paths))
  })
  scope.get<{ Querystring: { from?: string } }>('/sitemaps/products.xml', hidden, async (request, reply) => {
    const slugs = await listSlugs(deps.db, request.query.from, MOST_IN_A_SITEMAP)
    const paths = slugs.map((slug) => `/p/${encodeURIComponent(slug)}`)
    return kept(reply, 'application/xml').send(sitemap(site, paths))
  })
}

/** A program that says so; a browser, a preview of a link and a monitor that accept anything get the page. */
function wantsJson({ headers }: FastifyRequest): boolean {
  const accepted = headers.accept ?? ''
  return accepted.includes('json') && !accepted.includes('html')
}

function refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = nothingHere()
  return reply.code(error.status).send(failureBody(error, request))
}

/** @param timeZone the shop's, by which pages write days and times */
async function page(built: string, name: string, timeZone: string): Promise<string> {
  const file = `${built}${name}/index.html`
  if (existsSync(file)) {
    const html = await readFile(file, 'utf8')
    return html.replace(/data-time-zone="[^"]*"/, `data-time-zone="${timeZone}"`)
  }
  return '<!doctype html><html lang="en"><head><title>Hundi</title></head><body><div id="root"></div><p>The pages are not built. Run <code>npm start</code>, which builds them.</p></body></html>'
}
