import { useEffect } from 'react'

/** Names the browser's tab: `H-10482 · Hundi`. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Hundi`
  }, [title])
}
