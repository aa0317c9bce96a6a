import { Minus, Plus } from 'lucide-react'
import { cn } from '../../../../ui/class-names.ts'

/**
 * How many of one thing. The number is a field as well, for whoever wants forty.
 *
 * @param of what is counted, for the names of the controls
 * @param least 1 where zero would mean something else, 0 in the box, where it takes the thing out
 */
export function Quantity({
  value,
  of,
  least = 1,
  most,
  tall = false,
  onChange,
}: {
  value: number
  of: string
  least?: 0 | 1
  most: number
  tall?: boolean
  onChange: (value: number) => void
}) {
  const set = (next: number) => onChange(Math.min(Math.max(next, least), Math.max(most, 1)))
  const button = 'grid h-full w-11 place-items-center text-ink hover:bg-hover disabled:text-ink-3 disabled:opacity-50'
  return (
    <div
      role="group"
      aria-label={`How many of ${of}`}
      className={cn(
        'inline-flex flex-none items-center overflow-hidden border border-edge bg-surface',
        tall ? 'h-14 rounded-[10px]' : 'h-11 rounded-2',
      )}
    >
      <button
        type="button"
        className={button}
        aria-label={value <= 1 && least === 0 ? `Take ${of} out` : `One ${of} less`}
        disabled={value <= least}
        onClick={() => set(value - 1)}
      >
        <Minus size={16} strokeWidth={1.9} aria-hidden="true" />
      </button>
      <input
        inputMode="numeric"
        autoComplete="off"
        aria-label={`Number of ${of}`}
        value={value}
        onChange={(event) => {
          const typed = Number.parseInt(event.target.value.replaceAll(/\D/g, ''), 10)
          if (Number.isFinite(typed)) set(typed)
        }}
        onFocus={(event) => event.target.select()}
        className="num h-full w-11 bg-transparent text-center text-[1rem] font-semibold outline-offset-[-2px]"
      />
      <button
        type="button"
        className={button}
        aria-label={`One ${of} more`}
        disabled={value >= most}
        onClick={() => set(value + 1)}
      >
        <Plus size={16} strokeWidth={1.9} aria-hidden="true" />
      </button>
    </div>
  )
}
