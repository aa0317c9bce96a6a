/**
 * Puts the simulator together: one HTTP server, one file of books, and a path prefix for each provider. For use as a
 * program see main.ts; in a test call {@link startSandbox}.
 */
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { registerControl } from './control.ts'
import { exponentsModule, PAGE_FILES } from './page-files.ts'
import { realPorts, type SandboxPorts } from './ports.ts'
import type { SimulatedProvider } from './provider.ts'
import { createRazorpay } from './razorpay/provider.ts'
import type { RazorpayKeys } from './razorpay/shop.ts'
import { registerStaticFiles } from './static-files.ts'
import { createWorld, type World } from './world.ts'

export interface SandboxOptions {
  host?: string
  /** 0: any free port. */
  port?: number
  /** The folder of the books, or ':memory:'. */
  dataDir: string
  /** Where webhooks go, per provider; more are added by the control API. */
  webhookUrls?: { razorpay?: string }
  /** Given keys win over those in the books; what is not given is made once and kept. */
  keys?: { razorpay?: Partial<RazorpayKeys> }
  /** How browsers reach the sandbox, when that is not its own address: the payment window then works from there too. */
  publicUrl?: string
  /** How many times faster than the real provider retries, late webhooks and slow banks are; 1 is real time. */
  timeScale?: number
  ports?: Partial<SandboxPorts>
}

export interface SandboxKeys {
  razorpay: RazorpayKeys
}

export interface RunningSandbox {
  /** The sandbox's own address, without a slash at the end; an API's base URL is this and `/razorpay`. */
  url: string
  keys: SandboxKeys
  close(): Promise<void>
}

/** A provider's own limit is not known; ours keeps a mistake from filling the memory. */
const BODY_LIMIT_BYTES = 256 * 1024

/** How long requests in hand may take once the simulator stops. */
const CLOSE_GRACE_MS = 2000

/** Starts the simulator and resolves when it listens. Throws when the port is taken or the books cannot be opened. */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const timeScale = options.timeScale ?? 1
  if (!(timeScale > 0)) throw new RangeError('timeScale must be above zero')
  const world = createWorld(options.dataDir, { ...realPorts(), ...options.ports }, timeScale)
  const razorpay = createRazorpay(world, {
    keys: options.keys?.razorpay ?? {},
    ...(options.publicUrl === undefined ? {} : { publicOrigin: new URL(options.publicUrl).origin }),
    ...(options.webhookUrls?.razorpay === undefined ? {} : { webhookUrl: options.webhookUrls.razorpay }),
  })
  const providers: SimulatedProvider[] = [razorpay]
  const app = buildApp(world, providers)
  try {
    await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
  } catch (error) {
    world.books.close()
    throw error
  }
  for (const provider of providers) provider.resume()
  return {
    url: addressOf(app),
    keys: { razorpay: razorpay.keys() },
    async close() {
      for (const provider of providers) provider.close()
      world.agenda.close()
      // Requests in hand are finished; one that hangs, by a fault or a slow client, is cut off.
      const cancel = world.ports.after(CLOSE_GRACE_MS, () => app.server.closeAllConnections())
      await app.close()
      cancel()
      world.books.close()
    },
  }
}

function buildApp(world: World, providers: readonly SimulatedProvider[]): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: 'idle' })
  // An empty body with a JSON content type is no error: many clients send the header always.
  app.removeContentTypeParser(['application/json'])
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : JSON.parse(String(text)))
    } catch (error) {
      done(Object.assign(error as Error, { statusCode: 400 }), undefined)
    }
  })
  registerControl(app, world, providers)
  for (const provider of providers) {
    app.register(
      (scope, _options, done) => {
        provider.register(scope)
        done()
      },
      { prefix: `/${provider.name}` },
    )
  }
  registerStaticFiles(app, PAGE_FILES)
  const exponents = exponentsModule()
  app.get('/assets/exponents.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(exponents))
  return app
}

function addressOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}
