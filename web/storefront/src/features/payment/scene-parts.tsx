/** What the scenes of the payment page are made of. */
import type { ReactNode } from 'react'
import type { PaymentView, usePaymentState } from '../../../../../client/hooks.tsx'
import type { Order } from '../../../../../client/shapes.ts'

export type SceneProps = {
  order: Order | undefined
  payment: PaymentView
  state: ReturnType<typeof usePaymentState>
}

export function Lead({ children }: { children: ReactNode }) {
  return <p className="mt-3 max-w-[44ch] text-[1.1875rem] leading-[1.65rem] text-ink-2">{children}</p>
}

export function Aside({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="mt-9 flex gap-3 border-t border-rule pt-[1.1rem]">
      <span className="mt-0.5 flex-none">{icon}</span>
      <p className="text-ink-2">{children}</p>
    </div>
  )
}
