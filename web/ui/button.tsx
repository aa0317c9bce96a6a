import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps, MouseEvent, ReactNode } from 'react'
import { cn } from './class-names.ts'
import { StitchRing } from './glyph.tsx'

const looks = cva(
  'inline-flex flex-none items-center justify-center gap-2 border border-transparent font-semibold whitespace-nowrap select-none transition-colors duration-[var(--d-1)] disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55',
  {
    variants: {
      variant: {
        primary: 'on-fill bg-accent text-accent-ink hover:bg-accent-hover',
        outline: 'border-edge/55 bg-surface text-ink hover:bg-hover',
        quiet: 'text-ink-2 hover:bg-hover hover:text-ink',
        danger: 'border-failed/45 bg-surface text-failed hover:bg-failed-soft',
      },
      size: {
        compact: 'h-8 rounded-2 px-[.7rem] text-small font-semibold',
        default: 'h-10 rounded-2 px-4 text-body',
        touch: 'h-12 rounded-2 px-5 text-body',
        hero: 'h-14 rounded-[10px] px-6 text-[1.125rem]',
      },
    },
    defaultVariants: { variant: 'primary', size: 'default' },
  },
)

/** The looks of a button, for links that act as one: `<Link className={buttonClass({ variant: 'outline' })}>`. */
export function buttonClass({ className, ...look }: VariantProps<typeof looks> & { className?: string } = {}): string {
  return cn(looks(look), className)
}

export type ButtonProps = ComponentProps<'button'> &
  VariantProps<typeof looks> & {
    /** Something is being waited for: the width stays, a stitched ring turns, clicks do nothing. */
    busy?: boolean
    /** What is waited for, such as "Asking Razorpay". */
    busyLabel?: ReactNode
  }

/**
 * A button. While busy it stays focusable and says so (`aria-busy`), but does not act again: a second click on a button
 * that moves money must not send it twice.
 */
export function Button({
  variant,
  size,
  busy = false,
  busyLabel,
  type = 'button',
  className,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    if (busy) event.preventDefault()
    else onClick?.(event)
  }
  return (
    <button
      type={type}
      aria-busy={busy || undefined}
      onClick={click}
      className={cn(buttonClass({ variant, size }), busy && 'cursor-progress opacity-90', className)}
      {...rest}
    >
      {/* Both labels lie in one grid cell, so the wider one sets the width and nothing moves when they change. */}
      <span className="grid [&>*]:col-start-1 [&>*]:row-start-1">
        <span className={cn('inline-flex items-center justify-center gap-2', busy && 'invisible')}>{children}</span>
        {busy && (
          <span className="inline-flex items-center justify-center gap-2">
            <StitchRing />
            {busyLabel ?? children}
          </span>
        )}
      </span>
    </button>
  )
}
