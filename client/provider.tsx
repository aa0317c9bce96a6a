import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, useContext, type ReactNode } from 'react'
import { isWorthRetrying } from './api-error.ts'
import { createHundiClient, type HundiClient, type HundiClientConfig } from './api.ts'
import { guestCart, type GuestCart } from './cart.ts'
import { claims } from './claims.ts'
import { orderAttempts, type OrderAttempts } from './order-attempt.ts'
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
  return {
    client: createHundiClient({ ...config, storage }),
    guestCart: guestCart(storage),
    attempts: orderAttempts(storage),
    claims: claims(storage),
    handOffs: new Map(),
    queries: new QueryClient({
      defaultOptions: {
        queries: {
          staleTime: 30_000,
          retry: (failures, error) => isWorthRetrying(error) && failures < READ_RETRIES,
        },
        mutations: { retry: false },
      },
    }),
  }
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
