import { startTestServer } from './postgres-server.ts'

let stop: (() => Promise<void>) | undefined

/** Runs once before the first test file: one database server for the whole run, unless one was given. */
export async function globalSetup(): Promise<void> {
  if (process.env['TEST_DATABASE_URL']) return
  const server = await startTestServer()
  stop = server.stop
  process.env['TEST_DATABASE_URL'] = server.url
}

export async function globalTeardown(): Promise<void> {
  await stop?.()
}
