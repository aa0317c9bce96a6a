/** The part of the control API that is not a provider's: keys, scenarios, time, a fresh start, and the page. */
import type { FastifyInstance } from 'fastify'
import { loopbackOnly } from './loopback.ts'
import type { SimulatedProvider } from './provider.ts'
import { describeScenario, SCENARIOS } from './scenarios.ts'
import type { World } from './world.ts'

/** Time moves forward by at most a year per call. */
const LONGEST_ADVANCE_MS = 366 * 86_400_000

/** Registers `/_sandbox/…`. */
export function registerControl(app: FastifyInstance, world: World, providers: readonly SimulatedProvider[]): void {
  app.register(
    (scope, _options, done) => {
      scope.addHook('onRequest', loopbackOnly)

      scope.get('/keys', () => Object.fromEntries(providers.map((provider) => [provider.name, provider.keys()])))

      scope.get('/scenarios', () => SCENARIOS.map(describeScenario))

      scope.post('/reset', () => {
        world.books.transaction(() => {
          for (const provider of providers) {
            provider.reset()
            world.faults.clear(provider.name)
          }
        })
        world.calls.clear()
        world.agenda.clear()
        return { reset: true }
      })

      scope.get('/clock', () => ({ now: world.agenda.now() }))

      scope.post('/clock/advance', (request, reply) => {
        const { ms, seconds } = (request.body ?? {}) as { ms?: unknown; seconds?: unknown }
        const by = seconds === undefined ? Number(ms) : Number(seconds) * 1000
        if (!(by >= 0 && by <= LONGEST_ADVANCE_MS)) {
          return reply.code(400).send({ error: 'invalid', message: 'ms or seconds is a number from 0 to a year' })
        }
        world.agenda.advance(by)
        return reply.send({ now: world.agenda.now() })
      })
      done()
    },
    { prefix: '/_sandbox' },
  )
}
