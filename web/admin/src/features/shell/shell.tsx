import { Link, Outlet } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useState } from 'react'
import type { SessionUser } from '../../../../../client/api.ts'
import { HundiMark } from '../../../../ui/brand.tsx'
import { cn } from '../../../../ui/class-names.ts'
import { Account } from './account.tsx'
import { Find } from './find.tsx'
import { useIsLive } from './live.ts'
import { SideNav, TabBar } from './nav.tsx'

/** Spine, navigation, search, content: one arrangement for a desk, a rail in between, tabs below on a phone. */
export function Shell({ user }: { user: SessionUser }) {
  const [isFinding, setIsFinding] = useState(false)
  return (
    <div className="app">
      <a href="#content" className="skip">
        Skip to content
      </a>
      <div className="spine" aria-hidden="true" />
      <aside className="side hidden h-dvh flex-col px-[.6rem] py-[1.15rem] lg:sticky lg:top-0 lg:flex xl:px-[.85rem]">
        <Link
          to="/"
          className="mb-3 flex items-center gap-[.6rem] rounded-2 px-[.35rem] py-1 xl:px-[.6rem]"
          aria-label="Hundi, home"
        >
          <HundiMark />
          <span className="hidden text-[1.3rem] leading-none font-semibold tracking-[-0.01em] xl:inline">Hundi</span>
        </Link>
        <SideNav />
        <div className="mt-auto">
          <Account user={user} />
        </div>
      </aside>
      <div className="min-w-0 bg-surface max-lg:min-h-[calc(100dvh-7px)] max-lg:pb-[calc(62px+env(safe-area-inset-bottom))]">
        <header className="sticky top-0 z-20 hidden h-14 items-center gap-4 border-b border-rule bg-surface px-7 lg:flex xl:px-10">
          <Find className="w-[360px]" />
          <span className="flex-1" />
          <Live />
        </header>
        <header className="sticky top-[7px] z-20 flex h-[52px] items-center gap-3 border-b border-rule bg-surface px-4 lg:hidden">
          {isFinding ? (
            <Find className="flex-1" autoFocus onDone={() => setIsFinding(false)} />
          ) : (
            <>
              <HundiMark className="size-6" />
              <span className="flex-1 font-semibold">Hundi</span>
              <Live isBrief />
              <button
                type="button"
                aria-label="Find an order"
                className="-mr-1 grid size-11 place-items-center rounded-2 text-ink-2 hover:bg-hover"
                onClick={() => setIsFinding(true)}
              >
                <Search size={18} strokeWidth={1.7} aria-hidden="true" />
              </button>
              <Account user={user} isBrief />
            </>
          )}
        </header>
        <main
          id="content"
          tabIndex={-1}
          className="max-w-[1260px] px-4 pt-4 pb-8 outline-none lg:px-7 lg:pt-5 lg:pb-12 xl:px-10"
        >
          <Outlet />
        </main>
      </div>
      <TabBar />
    </div>
  )
}

function Live({ isBrief = false }: { isBrief?: boolean }) {
  const isLive = useIsLive()
  return (
    <span role="status" className="flex items-center gap-[.6rem] text-small whitespace-nowrap text-ink-2">
      <span
        aria-hidden="true"
        className={cn(
          'size-[7px] flex-none rounded-full',
          isLive ? 'bg-paid-mark shadow-[0_0_0_3px_var(--paid-soft)]' : 'border-2 border-dashed border-pending-mark',
        )}
      />
      <span className={cn(isBrief && isLive && 'sr-only')}>
        {isLive ? 'Live' : isBrief ? 'No answer' : 'No answer, asking again'}
      </span>
    </span>
  )
}
