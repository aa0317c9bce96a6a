import { Menu } from '@base-ui/react/menu'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { House, type LucideIcon, ReceiptText, Search } from 'lucide-react'
import { useState } from 'react'
import type { SessionUser } from '../../../../../client/api.ts'
import { HundiMark } from '../../../../ui/brand.tsx'
import { cn } from '../../../../ui/class-names.ts'
import { formatCount, initials } from '../../../../ui/format.ts'
import { useToast } from '../../../../ui/toast.tsx'
import { sessionApi, queryClient, USER_KEY } from '../../lib/api.ts'
import { statsQuery } from '../../lib/queries.ts'
import { useShortcutSwitch } from '../../lib/shortcuts.ts'
import { Find } from './find.tsx'
import { useIsLive } from './live.ts'

type Entry = { to: '/' | '/orders'; label: string; icon: LucideIcon; count: number | null; countOf: string }

/** Spine, navigation, search, content: one arrangement for a desk, a rail in between, tabs below on a phone. */
export function Shell({ user }: { user: SessionUser }) {
  const entries = useEntries()
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
        <nav aria-label="Main" className="grid gap-0.5">
          {entries.map((entry) => (
            <NavLink key={entry.to} entry={entry} />
          ))}
        </nav>
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
      <nav
        aria-label="Main"
        data-bottom-bar
        className="fixed inset-x-0 bottom-0 z-20 grid h-[calc(62px+env(safe-area-inset-bottom))] auto-cols-fr grid-flow-col border-t border-rule bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
      >
        {entries.map((entry) => (
          <TabLink key={entry.to} entry={entry} />
        ))}
      </nav>
    </div>
  )
}

function useEntries(): Entry[] {
  const { data: stats } = useQuery(statsQuery)
  return [
    { to: '/', label: 'Home', icon: House, count: null, countOf: '' },
    { to: '/orders', label: 'Orders', icon: ReceiptText, count: stats?.confirmedOrders ?? null, countOf: 'to ship' },
  ]
}

function useIsCurrent(to: Entry['to']): boolean {
  const path = useRouterState({ select: (state) => state.location.pathname })
  return to === '/' ? path === '/' : path.startsWith(to)
}

function NavLink({ entry }: { entry: Entry }) {
  const isCurrent = useIsCurrent(entry.to)
  return (
    <Link
      to={entry.to}
      aria-current={isCurrent ? 'page' : undefined}
      title={entry.label}
      className={cn(
        'relative flex h-[34px] items-center gap-[.7rem] rounded-2 px-[.7rem] font-medium xl:px-[.6rem]',
        isCurrent ? 'bg-accent-soft text-accent-text' : 'text-ink-2 hover:bg-hover',
      )}
    >
      <entry.icon
        size={18}
        strokeWidth={1.7}
        aria-hidden="true"
        className={cn('flex-none', !isCurrent && 'text-ink-3')}
      />
      <span className="max-xl:sr-only">{entry.label}</span>
      <Count
        entry={entry}
        className="num text-micro font-semibold max-xl:absolute max-xl:top-0.5 max-xl:right-1 max-xl:text-[.625rem] xl:ml-auto"
      />
    </Link>
  )
}

function TabLink({ entry }: { entry: Entry }) {
  const isCurrent = useIsCurrent(entry.to)
  return (
    <Link
      to={entry.to}
      aria-current={isCurrent ? 'page' : undefined}
      className={cn(
        'grid place-items-center content-center gap-1 text-[.6875rem] leading-none font-medium',
        isCurrent ? 'text-accent-text' : 'text-ink-3',
      )}
    >
      <entry.icon size={18} strokeWidth={1.7} aria-hidden="true" />
      <span>
        {entry.label}
        <Count entry={entry} className="num ml-1" />
      </span>
    </Link>
  )
}

function Count({ entry, className }: { entry: Entry; className: string }) {
  if (!entry.count) return null
  return (
    <span className={className}>
      {formatCount(entry.count)}
      <span className="sr-only"> {entry.countOf}</span>
    </span>
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

function Account({ user, isBrief = false }: { user: SessionUser; isBrief?: boolean }) {
  const [hasShortcuts, setShortcuts] = useShortcutSwitch()
  const toast = useToast()
  const signOut = useMutation({
    mutationFn: () => sessionApi.signOut(),
    onError: () =>
      toast({ title: 'You are still signed in', description: 'The server did not answer.', look: 'failed' }),
    onSuccess: () => {
      queryClient.setQueryData(USER_KEY, null)
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== USER_KEY[0] })
    },
  })
  return (
    <Menu.Root>
      <Menu.Trigger
        aria-label={`Account of ${user.name}, Admin`}
        className={cn(
          'flex items-center gap-[.6rem] rounded-2 text-left text-small hover:bg-hover',
          isBrief ? 'size-11 justify-center' : 'w-full px-[.35rem] py-[.4rem] xl:px-[.6rem]',
        )}
      >
        <span
          aria-hidden="true"
          className="grid size-7 flex-none place-items-center rounded-full bg-accent-soft text-micro font-semibold text-accent-text"
        >
          {initials(user.name)}
        </span>
        {!isBrief && (
          <span className="hidden min-w-0 xl:block">
            <span className="block truncate">{user.name}</span>
            <span className="block text-ink-3">Admin</span>
          </span>
        )}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner
          side={isBrief ? 'bottom' : 'top'}
          align={isBrief ? 'end' : 'start'}
          sideOffset={6}
          className="z-50"
        >
          <Menu.Popup className="min-w-[220px] rounded-3 bg-raised p-[.4rem] shadow-pop outline-none">
            <div className="border-b border-rule px-[.6rem] pt-1 pb-2 text-small">
              <div className="font-strong">{user.name}</div>
              <div className="text-ink-3">{user.email}</div>
            </div>
            <Menu.Item className={MENU_ITEM} render={<a href="/">Open the shop</a>} />
            <Menu.CheckboxItem
              className={cn(MENU_ITEM, 'flex items-center justify-between gap-4')}
              checked={hasShortcuts}
              onCheckedChange={setShortcuts}
              closeOnClick={false}
            >
              Single-key shortcuts
              <span className="text-small text-ink-3">{hasShortcuts ? 'on' : 'off'}</span>
            </Menu.CheckboxItem>
            <Menu.Item className={cn(MENU_ITEM, 'w-full text-left')} onClick={() => signOut.mutate()}>
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

const MENU_ITEM = 'mt-1 block cursor-pointer rounded-2 px-[.6rem] py-2 outline-none data-highlighted:bg-hover'
