import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, type ReactNode } from 'react'
import { Footer } from './footer.tsx'
import { Header } from './header.tsx'

/**
 * The shop around a page: skip link, header, page, footer. Focus goes to the page when another one is shown.
 *
 * @param children the page; left out, it is the one that the address leads to
 */
export function Layout({ children = <Outlet /> }: { children?: ReactNode }) {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const shown = useRef<string | undefined>(undefined)
  useEffect(() => {
    // The first page keeps the browser's own focus; later ones move it, so that a screen reader starts at the new page.
    if (shown.current !== undefined && path !== undefined && shown.current !== path) {
      main.current?.focus({ preventScroll: true })
    }
    shown.current = path ?? shown.current
  }, [path])
  return (
    <div className="flex min-h-dvh flex-col">
      <Link
        to="."
        hash="page"
        className="sr-only z-50 bg-accent px-4 py-3 font-semibold text-accent-ink focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:rounded-2"
      >
        To the page
      </Link>
      <Header />
      {/* As high as the window below the header, so that the footer never jumps while a page is being fetched. */}
      <main
        id="page"
        ref={main}
        tabIndex={-1}
        className="min-h-[calc(100dvh-9rem)] flex-1 outline-none lg:min-h-[calc(100dvh-6.8rem)]"
      >
        {children}
      </main>
      <Footer />
    </div>
  )
}
