import { Menu } from '@base-ui/react/menu'
import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import { Ellipsis } from 'lucide-react'
import { cn } from '../../../../ui/class-names.ts'
import { formatCount } from '../../../../ui/format.ts'
import { type Entry, useEntries } from './entries.tsx'
import { MENU_ITEM, MENU_POPUP } from './menu-looks.ts'

/** All pages, beside the content: with words on a wide screen, a rail of icons on a narrower one. */
export function SideNav() {
  const { daily, engineRoom } = useEntries()
  return (
    <nav aria-label="Main" className="min-h-0 overflow-y-auto pb-3">
      <ul className="grid gap-0.5">
        {daily.map((entry) => (
          <li key={entry.to}>
            <NavLink entry={entry} />
          </li>
        ))}
      </ul>
      <h2
        id="engine-room"
        className="px-[.6rem] pt-4 pb-1 text-micro text-ink-3 max-xl:mx-2 max-xl:mb-2 max-xl:h-0 max-xl:overflow-hidden max-xl:border-b max-xl:border-rule max-xl:p-0 max-xl:pt-2"
      >
        Engine room
      </h2>
      <ul aria-labelledby="engine-room" className="grid gap-0.5">
        {engineRoom.map((entry) => (
          <li key={entry.to}>
            <NavLink entry={entry} />
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** On a phone: what is opened many times a day as tabs, the rest behind the last of them. */
export function TabBar() {
  const { daily, engineRoom } = useEntries()
  const tabs = [...daily, ...engineRoom.filter((entry) => entry.isTab)]
  const rest = engineRoom.filter((entry) => !entry.isTab)
  return (
    <nav
      aria-label="Main"
      data-bottom-bar
      className="fixed inset-x-0 bottom-0 z-20 grid h-[calc(62px+env(safe-area-inset-bottom))] auto-cols-fr grid-flow-col border-t border-rule bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {tabs.map((entry) => (
        <TabLink key={entry.to} entry={entry} />
      ))}
      <More entries={rest} />
    </nav>
  )
}

function usePath(): string {
  return useRouterState({ select: (state) => state.location.pathname })
}

function isCurrentPath(to: Entry['to'], path: string): boolean {
  return to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`)
}

function NavLink({ entry }: { entry: Entry }) {
  const isCurrent = isCurrentPath(entry.to, usePath())
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

const TAB = 'relative grid place-items-center content-center gap-1 text-[.6875rem] leading-none font-medium'

function TabLink({ entry }: { entry: Entry }) {
  const isCurrent = isCurrentPath(entry.to, usePath())
  return (
    <Link
      to={entry.to}
      aria-current={isCurrent ? 'page' : undefined}
      className={cn(TAB, isCurrent ? 'text-accent-text' : 'text-ink-3')}
    >
      <entry.icon size={18} strokeWidth={1.7} aria-hidden="true" />
      <span>
        {entry.label}
        <Count entry={entry} className="num ml-1" />
      </span>
    </Link>
  )
}

/** The pages that have no tab of their own; its tab is current while one of them is shown. */
function More({ entries }: { entries: Entry[] }) {
  const path = usePath()
  const navigate = useNavigate()
  const current = entries.find((entry) => isCurrentPath(entry.to, path))
  return (
    <Menu.Root>
      <Menu.Trigger className={cn(TAB, current ? 'text-accent-text' : 'text-ink-3')}>
        <Ellipsis size={18} strokeWidth={1.7} aria-hidden="true" />
        <span>
          <span className="sr-only">More: </span>
          {current?.label ?? <span aria-hidden="true">More</span>}
          {!current && <span className="sr-only">pages</span>}
        </span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" align="end" sideOffset={8} collisionPadding={8} className="z-50">
          <Menu.Popup className={MENU_POPUP}>
            {entries.map((entry) => (
              <Menu.Item
                key={entry.to}
                onClick={() => void navigate({ to: entry.to })}
                className={cn(MENU_ITEM, 'flex min-h-11 items-center gap-3', current === entry && 'text-accent-text')}
              >
                <entry.icon size={18} strokeWidth={1.7} aria-hidden="true" className="flex-none" />
                {entry.label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

function Count({ entry, className }: { entry: Entry; className: string }) {
  if (!entry.count) return null
  return (
    <span className={cn(className, entry.countClass)}>
      {formatCount(entry.count)}
      <span className="sr-only"> {entry.countOf}</span>
    </span>
  )
}
