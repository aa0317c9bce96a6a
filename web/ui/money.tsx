import { cn } from './class-names.ts'
import { moneyParts } from './format.ts'

const SIZES = {
  inherit: '',
  small: 'text-small',
  body: 'text-body',
  read: 'text-read',
  total: 'text-h1 font-semibold tracking-[-0.012em]',
  figure: 'text-figure font-medium tracking-[-0.022em]',
} as const

/**
 * An amount in minor units: the digits in ink, the currency sign and the decimals quieter. Every amount on every page
 * is this component. Its pieces stand side by side without spaces, so copying, searching and a screen reader get the
 * one text `₹2,709.00`.
 *
 * @param signed writes `+` before amounts above zero
 * @param struck an amount that no longer holds; says so to a screen reader
 */
export function Money({
  amount,
  currency,
  size = 'inherit',
  signed = false,
  struck = false,
  className,
}: {
  amount: number
  currency: string
  size?: keyof typeof SIZES
  signed?: boolean
  struck?: boolean
  className?: string
}) {
  const { sign, symbol, whole, fraction } = moneyParts(amount, currency, { signed })
  const written = (
    <>
      {sign}
      <i>{symbol}</i>
      {whole}
      {fraction && <i>{fraction}</i>}
    </>
  )
  const classes = cn('money', SIZES[size], className)
  if (!struck) return <span className={classes}>{written}</span>
  return (
    <>
      <span className="sr-only">was </span>
      <s className={cn(classes, 'text-ink-3')}>{written}</s>
    </>
  )
}
