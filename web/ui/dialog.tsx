import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode, RefObject } from 'react'
import { cn } from './class-names.ts'
import type { Look } from './status-words.ts'

const STITCH: Record<Look, string> = {
  pending: 'border-pending-mark',
  processing: 'border-processing-mark',
  paid: 'border-paid-mark',
  failed: 'border-failed-mark',
  refunded: 'border-refunded-mark',
  review: 'border-review-mark',
  none: 'border-edge',
}

/**
 * A question before a deed. The title is the question with the amount; `consequences` say what happens to money, stock
 * and papers, and what stays; the buttons in `actions` are named after their outcome. Focus goes to the first field;
 * Escape and a click beside it are the safe side (`onOpenChange(false)`). On a phone it is a sheet at the bottom.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  consequences,
  look = 'none',
  actions,
  children,
  initialFocus,
  className,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  consequences?: ReactNode[]
  /** Colour of the stitched rule beside the consequences. */
  look?: Look
  actions?: ReactNode
  children?: ReactNode
  initialFocus?: RefObject<HTMLElement | null>
  className?: string
}) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-[rgb(8_12_22/.46)] transition-opacity duration-[var(--d-3)] ease-out data-ending-style:opacity-0 data-ending-style:duration-[var(--d-2)] data-ending-style:ease-in data-starting-style:opacity-0" />
        <Base.Popup
          initialFocus={initialFocus}
          data-modal=""
          className={cn(
            'fixed inset-x-0 bottom-0 z-50 max-h-[92dvh] overflow-y-auto rounded-t-4 bg-raised p-5 pb-[max(1.25rem,env(safe-area-inset-bottom))] shadow-dialog outline-none transition-[opacity,transform] duration-[var(--d-3)] ease-out data-ending-style:translate-y-2 data-ending-style:opacity-0 data-ending-style:duration-[var(--d-2)] data-ending-style:ease-in data-starting-style:translate-y-2 data-starting-style:opacity-0',
            'sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[calc(100vw-2rem)] sm:max-w-[480px] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-4 sm:p-[1.6rem] sm:data-ending-style:-translate-y-[calc(50%-8px)] sm:data-starting-style:-translate-y-[calc(50%-8px)]',
            className,
          )}
        >
          <Base.Title className="text-h2">{title}</Base.Title>
          {consequences && consequences.length > 0 && (
            <Base.Description
              render={<div />}
              className={cn('mt-4 mb-5 border-l-[3px] border-dashed pl-4 text-ink-2', STITCH[look])}
            >
              <ul className="grid gap-[.45rem]">
                {consequences.map((consequence, index) => (
                  <li key={index}>{consequence}</li>
                ))}
              </ul>
            </Base.Description>
          )}
          {children}
          {actions && (
            <div className="mt-5 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end [&>button]:h-12 sm:[&>button]:h-10">
              {actions}
            </div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
