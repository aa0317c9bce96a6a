import { Toast as Base } from '@base-ui/react/toast'
import { useEffect, type ReactNode } from 'react'
import { buttonClass } from './button.tsx'
import { Glyph } from './glyph.tsx'
import type { Look } from './status-words.ts'

type ToastData = { look: Look; action: { label: string; onClick: () => void } | undefined }

/** Wraps an application once; `useToast` works anywhere inside. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider timeout={6_000} limit={3}>
      {children}
      <Base.Portal>
        <Base.Viewport className="toasts fixed inset-x-4 z-60 flex flex-col gap-3 outline-none sm:right-6 sm:left-auto sm:w-[360px]">
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  )
}

/**
 * Says in passing what happened, with at most one thing to do. It goes after 6 s unless hovered or focused. What went
 * wrong with money is never only a toast: show it on the page.
 */
export function useToast(): (message: {
  title: ReactNode
  description?: ReactNode
  look?: Look
  action?: { label: string; onClick: () => void }
}) => void {
  const manager = Base.useToastManager<ToastData>()
  return ({ title, description, look = 'none', action }) => {
    manager.add({ title, description, data: { look, action } })
  }
}

/** For a page where nothing may lie over what counts: takes away what was said in passing on the page before. */
export function useNoToasts(): void {
  const { close } = Base.useToastManager()
  useEffect(() => close(), [close])
}

function Toasts() {
  const manager = Base.useToastManager<ToastData>()
  return manager.toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      swipeDirection={['right', 'down']}
      className="rounded-3 bg-raised shadow-pop transition-[opacity,transform] duration-[var(--d-2)] ease-out data-ending-style:translate-y-2 data-ending-style:opacity-0 data-ending-style:ease-in data-limited:hidden data-starting-style:translate-y-2 data-starting-style:opacity-0"
    >
      <Base.Content className="flex items-center gap-3 px-4 py-3">
        <Glyph look={toast.data?.look ?? 'none'} />
        <div className="min-w-0 flex-1">
          <Base.Title className="font-strong" render={<div />} />
          <Base.Description className="text-small text-ink-2" render={<div />} />
        </div>
        {toast.data?.action ? (
          <button
            type="button"
            className={buttonClass({ variant: 'quiet', size: 'compact' })}
            onClick={() => {
              toast.data?.action?.onClick()
              manager.close(toast.id)
            }}
          >
            {toast.data.action.label}
          </button>
        ) : (
          <Base.Close className={buttonClass({ variant: 'quiet', size: 'compact' })}>Close</Base.Close>
        )}
      </Base.Content>
    </Base.Root>
  ))
}
