import { useEffect } from 'react'

const SHOP = 'Saat Dabbe'

/** The title of the browser's tab while this page is shown. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined || title === '' ? SHOP : `${title} · ${SHOP}`
  }, [title])
}
