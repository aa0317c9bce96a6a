import { Banknote, CreditCard, Landmark, WalletMinimal } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Quote } from '../../../../../client/shapes.ts'
import { cn } from '../../../../ui/class-names.ts'
import { providerName } from '../../../../ui/format.ts'

export type Way = Quote['paymentMethods'][number]

/** One way among those that the server offers. */
export const wayKey = (way: Way) => `${way.method}:${way.provider ?? ''}`

/** How a way to pay is called, and what happens when it is chosen. */
function wayWords(way: Way): { title: string; detail: string } {
  if (way.method === 'cod') return { title: 'Cash on delivery', detail: 'You pay the courier at the door.' }
  if (way.method === 'wallet') return { title: 'Wallet', detail: 'Taken from your balance at once.' }
  switch (way.provider) {
    case 'stripe':
      return { title: 'International card', detail: 'Through Stripe. You come back here by yourself.' }
    case 'paypal':
      return { title: 'PayPal', detail: 'On PayPal’s own page. You come back here by yourself.' }
    default: {
      const name = way.provider === null ? 'the provider' : providerName(way.provider)
      return { title: 'UPI, card or netbanking', detail: `Through ${name}. You come back here by yourself.` }
    }
  }
}

const ICON = { size: 20, strokeWidth: 1.6, 'aria-hidden': true } as const
function wayIcon(way: Way): ReactNode {
  if (way.method === 'cod') return <Banknote {...ICON} />
  if (way.method === 'wallet') return <WalletMinimal {...ICON} />
  return way.provider === 'stripe' ? <CreditCard {...ICON} /> : <Landmark {...ICON} />
}

/**
 * The ways to pay as one list of radios. A way that is not possible stays in the list with the server's reason, can be
 * reached by keyboard, and cannot be chosen.
 */
export function WaysToPay({
  ways,
  chosen,
  onChoose,
}: {
  ways: readonly Way[]
  chosen: string | undefined
  onChoose: (key: string) => void
}) {
  return (
    <fieldset className="mt-4 overflow-hidden rounded-3 border border-edge">
      <legend className="sr-only">How to pay</legend>
      {ways.map((way) => {
        const key = wayKey(way)
        const { title, detail } = wayWords(way)
        const isChosen = key === chosen && way.available
        return (
          <label
            key={key}
            className={cn(
              'flex min-h-16 items-center gap-[.9rem] border-t border-rule px-4 py-[.95rem] first-of-type:border-t-0',
              'has-focus-visible:outline-2 has-focus-visible:outline-offset-[-3px] has-focus-visible:outline-focus',
              isChosen && 'bg-accent-soft',
              way.available ? 'cursor-pointer hover:bg-hover' : 'cursor-not-allowed text-ink-3',
              isChosen && 'hover:bg-accent-soft',
            )}
          >
            <input
              type="radio"
              name="way-to-pay"
              value={key}
              checked={isChosen}
              aria-disabled={way.available ? undefined : true}
              onChange={() => {
                if (way.available) onChoose(key)
              }}
              className="sr-only"
            />
            <span
              aria-hidden="true"
              className={cn(
                'size-5 flex-none rounded-full bg-surface',
                isChosen ? 'border-[6px] border-accent-text' : 'border-[1.5px] border-edge',
                !way.available && 'border-dashed bg-sunken',
              )}
            />
            <span className="min-w-0 flex-1">
              <span className="block font-strong">{title}</span>
              <span className={cn('block text-small', way.available && 'text-ink-2')}>
                {way.available ? detail : (way.reason ?? 'Not possible for this box.')}
              </span>
            </span>
            {wayIcon(way)}
          </label>
        )
      })}
    </fieldset>
  )
}
