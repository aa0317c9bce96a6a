import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

/** One grey bar where a text will stand; give it the text's height and a likely width. */
export function Bar({ className }: { className?: string }) {
  return <span className={cn('skeleton block h-3', className)} />
}

/**
 * Holds the place of what is being loaded, in its exact shape: it appears after 300 ms, so a quick answer never
 * flickers. Never shown for figures that are already known.
 *
 * @param label what is being loaded, for a screen reader
 * @param rows so many table rows of `rowClassName` height, when no children are given
 */
export function Skeleton({
  label,
  rows = 0,
  rowClassName = 'h-[52px]',
  className,
  children,
}: {
  label: string
  rows?: number
  rowClassName?: string
  className?: string
  children?: ReactNode
}) {
  return (
    <div role="status" aria-busy="true" className={cn('after-a-moment', className)}>
      <span className="sr-only">{label}</span>
      {children ??
        Array.from({ length: rows }, (_, index) => (
          <div key={index} className={cn('flex items-center justify-between border-b border-rule', rowClassName)}>
            <span className="grid flex-1 gap-2">
              <Bar className={['w-2/5', 'w-1/2', 'w-1/3', 'w-[46%]'][index % 4]} />
              <Bar className="h-[9px] w-1/4" />
            </span>
            <Bar className={['w-[18%]', 'w-[14%]', 'w-1/5', 'w-[16%]'][index % 4]} />
          </div>
        ))}
    </div>
  )
}
