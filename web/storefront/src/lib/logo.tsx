import { cn } from '../../../ui/class-names.ts'

/** The shop's mark: seven tins in a brass box. */
export function DabbaMark({ className }: { className?: string }) {
  return (
    <img
      src="/art/saat-dabbe-mark.svg"
      alt=""
      width={40}
      height={40}
      className={cn('size-8 flex-none lg:size-[38px]', className)}
    />
  )
}

/** Mark and name. */
export function Logo() {
  return (
    <span className="flex items-center gap-[.65rem] font-shop text-[1.35rem] leading-none whitespace-nowrap lg:text-[1.6rem]">
      <DabbaMark />
      Saat Dabbe
    </span>
  )
}
