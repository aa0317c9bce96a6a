/** The panel's one connection to the API and its one query cache: server state lives nowhere else. */
import { QueryCache, QueryClient } from '@tanstack/react-query'
import { createAdminClient } from '../../../../client/admin-api.ts'
import { ApiError, isWorthRetrying } from '../../../../client/api-error.ts'
import { createHundiClient } from '../../../../client/api.ts'

export const adminApi = createAdminClient()
export const sessionApi = createHundiClient()

/** A read that got no answer is asked three times more; a refusal is final. */
const READ_TRIES = 3

export const USER_KEY = ['user'] as const

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, query) {
      // The session ended or lost its role while the page was open: the gate asks again and shows the sign-in.
      const isSessionOver = error instanceof ApiError && (error.status === 401 || error.status === 403)
      if (isSessionOver && query.queryKey[0] !== USER_KEY[0]) void queryClient.invalidateQueries({ queryKey: USER_KEY })
    },
  }),
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < READ_TRIES && isWorthRetrying(error),
      retryDelay: (failures) => Math.min(1_000 * 2 ** failures, 8_000),
      staleTime: 2_000,
    },
    mutations: { retry: false },
  },
})

/** A sentence for an error that a read ended in. */
export function readProblem(error: unknown): { message: string; reference: string | null } {
  if (!(error instanceof ApiError)) return { message: 'This page met something it did not expect.', reference: null }
  const noAnswer = error.code === 'network' || error.code === 'timeout' || error.code === 'unreadable'
  return {
    message: noAnswer ? 'The server does not answer. Nothing is lost; this page asks again by itself.' : error.message,
    reference: error.requestId,
  }
}
