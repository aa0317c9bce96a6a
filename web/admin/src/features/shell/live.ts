import { useQueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

/** Whether what the page shows is fresh: false while any question on the page goes unanswered. */
export function useIsLive(): boolean {
  const cache = useQueryClient().getQueryCache()
  return useSyncExternalStore(
    (onChange) => cache.subscribe(onChange),
    () =>
      !cache
        .getAll()
        .some(
          (query) =>
            query.isActive() &&
            (query.state.fetchFailureCount > 0 ||
              query.state.fetchStatus === 'paused' ||
              query.state.status === 'error'),
        ),
  )
}
