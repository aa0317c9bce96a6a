import { cn } from './class-names.ts'

/** The mark: an H of two ledger boards joined by a running stitch, on cloth. Its colours never change. */
export function HundiMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn('size-7 flex-none', className)}>
      <rect width="32" height="32" rx="6" fill="#811c24" />
      <path d="M9.5 6v20M22.5 6v20" stroke="#fbf3e2" strokeWidth="4.2" />
      <path d="M5 16h4.2M13.9 16h4.2M22.8 16H27" stroke="#f3b52b" strokeWidth="2.8" strokeLinecap="round" />
    </svg>
  )
}
