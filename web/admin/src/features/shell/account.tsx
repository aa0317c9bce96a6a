import { Menu } from '@base-ui/react/menu'
import { useMutation } from '@tanstack/react-query'
import type { SessionUser } from '../../../../../client/api.ts'
import { cn } from '../../../../ui/class-names.ts'
import { initials } from '../../../../ui/format.ts'
import { useToast } from '../../../../ui/toast.tsx'
import { queryClient, sessionApi, USER_KEY } from '../../lib/api.ts'
import { useShortcutSwitch } from '../../lib/shortcuts.ts'
import { MENU_ITEM, MENU_POPUP } from './menu-looks.ts'

/** Who is signed in, and what they can set. */
export function Account({ user, isBrief = false }: { user: SessionUser; isBrief?: boolean }) {
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
          <Menu.Popup className={MENU_POPUP}>
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
