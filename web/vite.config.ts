/**
 * Builds the front ends: one page per application (`storefront`, `admin`, …), shared chunks, hashed files under
 * `/assets`. The server serves `dist/storefront/index.html` at `/` and `dist/admin/index.html` under `/admin`; the
 * development server below does the same and passes `/api` on to HUNDI_URL.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))
const APPLICATIONS = ['storefront', 'admin', 'seller']
const pages = APPLICATIONS.filter((name) => existsSync(`${root}${name}/index.html`))

/** Faces that are on every page from the first paint: loaded with the style sheet, not after it. */
const PRELOADED_FONTS = /anek-latin-(latin-wght-normal|rupee)/
/** The storefront's headings as well: one that breaks into other lines than its stand-in would move all below it. */
const PRELOADED_IN_SHOP = /rozha-one-latin/

export default defineConfig({
  root,
  base: '/',
  plugins: [react(), tailwindcss(), preloadFonts(), servePagesByPath(), compressFiles()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Everything is a file of its own, so that the content security policy needs no `data:`.
    assetsInlineLimit: 0,
    rolldownOptions: { input: pages.map((name) => `${root}${name}/index.html`) },
  },
  server: {
    proxy: {
      '/api': { target: process.env.HUNDI_URL ?? 'http://127.0.0.1:3000', changeOrigin: false },
    },
  },
})

function preloadFonts(): Plugin {
  return {
    name: 'hundi:preload-fonts',
    transformIndexHtml: {
      order: 'post',
      handler(_html, context) {
        const isShop = context.path.includes('storefront')
        const files = Object.keys(context.bundle ?? {}).filter(
          (file) => PRELOADED_FONTS.test(file) || (isShop && PRELOADED_IN_SHOP.test(file)),
        )
        return files.map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: true },
          injectTo: 'head' as const,
        }))
      },
    },
  }
}

/** What does not shrink is left alone: fonts and pictures of pixels are compressed already. */
const SHRINKS = '**/*.{js,css,svg,json}'
const SMALLEST_BYTES = 1_024

/** Beside each file its compressed forms, made once as small as they get; the server sends what a browser takes. */
function compressFiles(): Plugin {
  return {
    name: 'hundi:compress-files',
    apply: 'build',
    closeBundle() {
      const out = `${root}dist/`
      for (const name of globSync(SHRINKS, { cwd: out })) {
        const bytes = readFileSync(out + name)
        if (bytes.length < SMALLEST_BYTES) continue
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
        writeFileSync(`${out}${name}.br`, brotliCompressSync(bytes, { params }))
        writeFileSync(`${out}${name}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}

/** In development, a navigation to any path of an application answers with that application's page. */
function servePagesByPath(): Plugin {
  return {
    name: 'hundi:serve-pages-by-path',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        const isNavigation = request.method === 'GET' && request.headers.accept?.includes('text/html')
        if (isNavigation && !path.startsWith('/api/') && !path.includes('.')) {
          const first = path.split('/')[1] ?? ''
          const application = first !== 'storefront' && APPLICATIONS.includes(first) ? first : 'storefront'
          request.url = `/${application}/index.html`
        }
        next()
      })
    },
  }
}
