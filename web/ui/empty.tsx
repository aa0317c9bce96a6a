import { type ReactNode, useId } from 'react'
import { cn } from './class-names.ts'

/**
 * Nothing here: an open ledger, one sentence that says why (and whether that is good news), one thing to do.
 *
 * @param level the heading's level; 1 when the empty state is the whole page
 */
export function Empty({
  title,
  children,
  action,
  level = 2,
  className,
}: {
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  level?: 1 | 2 | 3
  className?: string
}) {
  const Heading = `h${level}` as const
  return (
    <div className={cn('mx-auto max-w-[46ch] px-4 py-10 text-center', className)}>
      <OpenLedger />
      <Heading className="text-h3">{title}</Heading>
      {children && <div className="mt-1 text-ink-2">{children}</div>}
      {action && <div className="mt-4 flex justify-center gap-3">{action}</div>}
    </div>
  )
}

/**
 * Something could not be shown: what, whether anything is lost, and a way on. `reference` is the request id that a
 * person can quote.
 */
export function ErrorState({
  title,
  children,
  action,
  reference,
  level = 2,
  className,
}: {
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  reference?: string | null
  level?: 1 | 2 | 3
  className?: string
}) {
  const Heading = `h${level}` as const
  return (
    <div role="alert" className={cn('mx-auto max-w-[46ch] px-4 py-10 text-center', className)}>
      <OpenLedger torn />
      <Heading className="text-h3">{title}</Heading>
      {children && <div className="mt-1 text-ink-2">{children}</div>}
      {action && <div className="mt-4 flex justify-center gap-3">{action}</div>}
      {reference && (
        <p className="mt-4 text-small text-ink-3">
          Reference <span className="id">{reference}</span>
        </p>
      )}
    </div>
  )
}

/** The ledger with its stitched red gutter; torn when a page of it could not be read. */
function OpenLedger({ torn = false }: { torn?: boolean }) {
  const clip = useId()
  return (
    <svg viewBox="0 0 180 96" aria-hidden="true" className="mx-auto mb-4 w-[180px]">
      <clipPath id={clip}>
        <path d={torn ? 'M0 0h122l8 18-9 12 10 16-11 14 9 16-7 20H0z' : 'M0 0h180v96H0z'} />
      </clipPath>
      <g clipPath={`url(#${clip})`}>
        <path
          d="M30 80V24q0-6 6-6h44q8 0 10 8 2-8 10-8h44q6 0 6 6v56q0 4-4 4h-46q-8 0-10 6-2-6-10-6H34q-4 0-4-4z"
          fill="var(--surface)"
          stroke="var(--edge)"
          strokeWidth="2"
        />
        <path d="M42 36h34M42 48h34M42 60h22M104 36h34M104 48h34" stroke="var(--rule)" strokeWidth="2" />
      </g>
      <path d="M90 26v62" stroke="var(--cloth)" strokeWidth="5" />
      <path d="M90 30v56" stroke="var(--thread)" strokeWidth="1.6" strokeDasharray="6 5" />
      {torn && (
        <path
          d="M122 0l8 18-9 12 10 16-11 14 9 16-7 20"
          fill="none"
          stroke="var(--edge)"
          strokeWidth="2"
          strokeDasharray="5 4"
        />
      )}
    </svg>
  )
}
