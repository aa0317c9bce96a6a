import type { ReactNode } from 'react'
import { cn } from './class-names.ts'
import { Glyph, LOOK_TEXT } from './glyph.tsx'
import type { Look } from './status-words.ts'

export type TimelineItem = {
  key: string
  look: Look
  title: ReactNode
  /** Second line. */
  detail?: ReactNode
  /** When, already written; for what is still to come, the date it is promised for. */
  time?: ReactNode
  /** True for what is only promised: a timer, a schedule, a browser's word. Its line is stitched. */
  promised?: boolean
}

/**
 * What happened, newest first, and on top what is still to come. The line towards a promise is stitched, the line
 * between facts is solid; when a promise turns into a fact its line turns solid.
 */
export function Timeline({ items, label, className }: { items: TimelineItem[]; label: string; className?: string }) {
  return (
    <ol aria-label={label} className={className}>
      {items.map((item, index) => (
        <li key={item.key} className="relative flex gap-[.8rem] pb-[1.15rem] last:pb-0">
          {index < items.length - 1 && (
            <span
              aria-hidden="true"
              className={cn(
                'absolute top-[23px] -bottom-[1px] left-[8.5px] w-0.5',
                item.promised ? 'stitch-y' : 'bg-edge',
                item.promised && LOOK_TEXT[item.look],
              )}
            />
          )}
          <Glyph look={item.look} className="mt-0.5 size-[19px]" />
          <div className="min-w-0 flex-1">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className={cn('font-strong', item.promised && LOOK_TEXT[item.look])}>
                {item.promised && <span className="sr-only">Still to come: </span>}
                {item.title}
              </span>
              {item.time && <span className="num text-small text-ink-3">{item.time}</span>}
            </div>
            {item.detail && <div className="text-small text-ink-2">{item.detail}</div>}
          </div>
        </li>
      ))}
    </ol>
  )
}
