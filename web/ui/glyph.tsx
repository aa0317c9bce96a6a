import type { ReactNode } from 'react'
import { cn } from './class-names.ts'
import type { Look } from './status-words.ts'

const RING = <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="2.7 2.01" />
const CUT = {
  stroke: 'var(--glyph-cut, var(--surface))',
  strokeWidth: 1.9,
  strokeLinecap: 'round',
  fill: 'none',
} as const

/** A shape per look, so that a page without colour still tells them apart. */
const SHAPES: Record<Look, ReactNode> = {
  pending: RING,
  processing: (
    <>
      {RING}
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
  paid: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="m4.8 8.3 2.2 2.2 4.2-4.6" strokeLinejoin="round" {...CUT} />
    </>
  ),
  failed: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" />
      <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" {...CUT} />
    </>
  ),
  refunded: (
    <path
      d="M5.5 2 2 5.5 5.5 9M2.5 5.5H10a3.8 3.8 0 0 1 0 7.7H6"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  review: (
    <>
      <path d="M8 .8 15.2 8 8 15.2.8 8z" fill="currentColor" />
      <path d="M8 4.6v4M8 11v.2" {...CUT} />
    </>
  ),
  none: <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.5" />,
}

/** Text colours per look, for words that stand beside a glyph. */
export const LOOK_TEXT: Record<Look, string> = {
  pending: 'text-pending',
  processing: 'text-processing',
  paid: 'text-paid',
  failed: 'text-failed',
  refunded: 'text-refunded',
  review: 'text-review',
  none: 'text-ink-3',
}

export const LOOK_MARK: Record<Look, string> = {
  pending: 'text-pending-mark',
  processing: 'text-processing-mark',
  paid: 'text-paid-mark',
  failed: 'text-failed-mark',
  refunded: 'text-refunded-mark',
  review: 'text-review-mark',
  none: 'text-ink-3',
}

export const LOOK_SOFT: Record<Look, string> = {
  pending: 'bg-pending-soft',
  processing: 'bg-processing-soft',
  paid: 'bg-paid-soft',
  failed: 'bg-failed-soft',
  refunded: 'bg-refunded-soft',
  review: 'bg-review-soft',
  none: 'bg-sunken',
}

/** The shape of a look in its mark colour. Decoration: words must stand beside it. */
export function Glyph({ look, className }: { look: Look; className?: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={cn('size-[15px] flex-none', LOOK_MARK[look], className)}>
      {SHAPES[look]}
    </svg>
  )
}

/** The stitched ring of something that is being waited for; it stands still when motion is reduced. */
export function StitchRing({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={cn('stitch-ring size-4 flex-none', className)}>
      {RING}
    </svg>
  )
}

/** Border colours per look, for what is set off by a line. */
export const LOOK_BORDER: Record<Look, string> = {
  pending: 'border-pending-mark',
  processing: 'border-processing-mark',
  paid: 'border-paid-mark',
  failed: 'border-failed-mark',
  refunded: 'border-refunded-mark',
  review: 'border-review-mark',
  none: 'border-edge',
}
