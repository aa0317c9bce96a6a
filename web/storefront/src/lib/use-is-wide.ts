import { useSyncExternalStore } from 'react'

/** The width from which two columns fit side by side; the same as the `lg` breakpoint of the style sheet. */
const WIDE = '(width >= 56.3125rem)'

/** True where two columns fit; for what stands in another place of the document then, not only elsewhere on screen. */
export function useIsWide(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const query = window.matchMedia(WIDE)
      query.addEventListener('change', onChange)
      return () => query.removeEventListener('change', onChange)
    },
    () => window.matchMedia(WIDE).matches,
  )
}
