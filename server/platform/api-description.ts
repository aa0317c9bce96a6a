/** The description of the API, made from the schemas that validate: for programs at /openapi.json, for people at /docs. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { App } from './http.ts'

export async function describeApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hundi',
        version: '1',
        description:
          'Orders and payments. Amounts are integers in minor units. Every answer is `{ success: true, data }` or `{ success: false, error: { code, message, details?, requestId } }`.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'hundi.session_token' },
          bearer: { type: 'http', scheme: 'bearer' },
          guest: { type: 'apiKey', in: 'header', name: 'X-Guest-Token' },
        },
      },
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', theme: { title: 'Hundi API' }, staticCSP: PAGE_POLICY })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

/** Its own files and nothing else; it draws its icons by data addresses and sizes its boxes by style attributes. */
const PAGE_POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}
