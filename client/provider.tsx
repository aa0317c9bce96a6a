import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, useContext, type ReactNode } from 'react'
import { ApiError, isWorthRetrying } from './api-error.ts'
import { createHundiClient, type HundiClient, type HundiClientConfig } from './api.ts'
import { guestCart, type GuestCart } from './cart.ts'
import { claims } from './claims.ts'
import { orderAttempts, type OrderAttempts } from './order-attempt.ts'
import { queryKeys } from './query-keys.ts'
import type { HandOff } from './shapes.ts'
import { browserStorage } from './storage.ts'

/** Everything the hooks share: the API, and what this browser has to remember. */
export type Hundi = {
  client: HundiClient
  guestCart: GuestCart
  attempts: OrderAttempts
  claims: ReturnType<typeof claims>
  /**
   * Orders whose payment the next page opens at once: with the hand-off that came with the order, or with null where
   * the provider did not give one and it has to be asked for.
   */
  handOffs: Map<string, HandOff | null>
  queries: QueryClient
}

/** One failed read is tried twice more when nobody refused it; what a person pressed is never repeated from here. */
const READ_RETRIES = 2

/**
 * Makes what HundiProvider hands out. Guest tokens, the cart, claims and the pay button's key live in localStorage, so
 * that every tab of a browser shares them and a reload loses none.
 */
export function createHundi(config: Omit<HundiClientConfig, 'storage'> = {}): Hundi {
  const storage = browserStorage(() => window.localStorage)
  const queries: QueryClient = new QueryClient({
    // A session that ended is noticed by whatever is asked next: nobody may go on looking signed in.
    queryCache: new QueryCache({ onError: (error) => forgetEndedSession(queries, error) }),
    mutationCache: new MutationCache({ onError: (error) => forgetEndedSession(queries, error) }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => isWorthRetrying(error) && failures < READ_RETRIES,
      },
      mutations: { retry: false },
    },
  })
  return {
    client: createHundiClient({ ...config, storage }),
    guestCart: guestCart(storage),
    attempts: orderAttempts(storage),
    claims: claims(storage),
    handOffs: new Map(),
    queries,
  }
}

function forgetEndedSession(queries: QueryClient, error: unknown): void {
  if (!(error instanceof ApiError) || error.code !== 'unauthenticated') return
  // Asked for again only where somebody seemed to be signed in: a guest is refused often enough, and is no news.
  if (queries.getQueryData(queryKeys.user) == null) return
  void queries.invalidateQueries({ queryKey: queryKeys.user })
}

const Context = createContext<Hundi | null>(null)

export function HundiProvider({ hundi, children }: { hundi: Hundi; children: ReactNode }) {
  return (
    <Context value={hundi}>
      <QueryClientProvider client={hundi.queries}>{children}</QueryClientProvider>
    </Context>
  )
}

/** What createHundi made. Throws outside of HundiProvider. */
export function useHundi(): Hundi {
  const hundi = useContext(Context)
  if (hundi === null) throw new Error('useHundi needs a HundiProvider around it')
  return hundi
}
