import type { ReactNode } from 'react'
import { cn } from './class-names.ts'
import { Glyph, LOOK_SOFT, LOOK_TEXT } from './glyph.tsx'
import { type Look, statusWords, type StatusKind } from './status-words.ts'

/**
 * A state as glyph and word, from the one table.
 *
 * @param pill the soft fill; only in a page's head
 * @param children other words for the same look, such as `₹483.64 going back`
 */
export function Status({
  kind,
  state,
  pill = false,
  className,
  children,
}: {
  kind: StatusKind
  state: string
  pill?: boolean
  className?: string
  children?: ReactNode
}) {
  const { look, words } = statusWords(kind, state)
  return (
    <StatusMark look={look} pill={pill} className={className}>
      {children ?? words}
    </StatusMark>
  )
}

/** A look with words of the caller's own. */
export function StatusMark({
  look,
  pill = false,
  className,
  children,
}: {
  look: Look
  pill?: boolean
  className?: string
  children: ReactNode
}) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-[.4em] font-medium whitespace-nowrap',
        LOOK_TEXT[look],
        pill && 'pill rounded-full py-1 pr-[.7rem] pl-2 text-small font-semibold',
        pill && LOOK_SOFT[look],
        className,
      )}
    >
      <Glyph look={look} />
      <span>{children}</span>
    </span>
  )
}
