/**
 * The auth library (better-auth): passwords, sessions, sign-up and sign-in, on our own tables. Everything else of the
 * system knows it only through service.ts. Reading who a request comes from does not go through the library, because
 * one prepared statement of ours is ten times as fast.
 */
import assert from 'node:assert/strict'
import type { Deps } from '../platform/deps.ts'
import type { LibraryOptions, LoadedLibrary } from './library-setup.ts'

export interface AuthLibrary extends LoadedLibrary {
  /** Loads the library, which is otherwise done when it is first needed. */
  load(): Promise<void>
}

/** Opens the library. What is read from every request is known without it. */
export function openLibrary(deps: Deps, options: LibraryOptions): AuthLibrary {
  const { secret } = options
  const cookieName = `${options.publicUrl.startsWith('https:') ? '__Secure-' : ''}hundi.session_token`

  async function setUp() {
    const { setUpLibrary } = await import('./library-setup.ts')
    const library = await setUpLibrary(deps, options)
    assert.deepEqual([library.secret, library.cookieName], [secret, cookieName], 'the library signs sessions otherwise')
    return library
  }
  let loading: ReturnType<typeof setUp> | undefined
  const loaded = () => (loading ??= setUp())

  return {
    handler: async (request) => (await loaded()).handler(request),
    hashPassword: async (password) => (await loaded()).hashPassword(password),
    verifyPassword: async (hash, password) => (await loaded()).verifyPassword(hash, password),
    secret,
    cookieName,
    load: async () => void (await loaded()),
    close: async () => {
      if (loading !== undefined) await (await loading).close()
    },
  }
}
