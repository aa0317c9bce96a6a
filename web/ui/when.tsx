import { formatExact, formatRelative } from './format.ts'

/** A moment as `14 min ago`, with the exact time and zone in the tooltip and in `datetime`. */
export function When({ at, now, className }: { at: string; now: number; className?: string }) {
  return (
    <time dateTime={at} title={formatExact(at)} className={className}>
      {formatRelative(at, now)}
    </time>
  )
}
