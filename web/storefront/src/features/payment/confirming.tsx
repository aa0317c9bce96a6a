/** Somebody said yes; the server is being told, or asks the provider. */
import type { ReactNode } from 'react'
import { Button } from '../../../../ui/button.tsx'
import { countInWords, providerName, sentence } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { askedSoFar } from './result-words.ts'
import type { SceneProps } from './scene-parts.tsx'
import { Seconds } from './seconds.tsx'
import { Steps } from './steps.tsx'

export function Confirming({ order, payment, state }: SceneProps) {
  const { step } = payment
  const who = state.state?.provider == null ? 'the provider' : providerName(state.state.provider)
  const isClaim = step.step === 'telling' || step.step === 'stuck'
  const shops = order?.shopOrders.length ?? 0
  return (
    <>
      <Trouble payment={payment} state={state} />
      <Steps
        steps={[
          {
            key: 'approved',
            look: 'none',
            title: (
              <>You approved {state.state && <Money amount={state.state.amount} currency={state.state.currency} />}</>
            ),
            detail: isClaim ? 'The payment window said so' : `${sentence(who)} knows of it`,
            line: isClaim ? 'none' : 'fact',
          },
          {
            key: 'confirming',
            look: 'processing',
            title: `Confirming with ${who}`,
            detail: <Asked state={state} />,
            line: 'running',
          },
          {
            key: 'confirmed',
            look: 'none',
            title: 'Order confirmed',
            detail: shops > 0 && `${sentence(countInWords(shops, 'shop'))} ${shops === 1 ? 'starts' : 'start'} packing`,
            line: 'none',
          },
        ]}
      />
    </>
  )
}

/** How often was asked, and when the next question is: never a countdown that has run out. */
function Asked({ state }: Pick<SceneProps, 'state'>) {
  if (state.isAsking) return 'Asking now.'
  return (
    <>
      {askedSoFar(state.asked)}.{' '}
      {state.nextAskMs !== null && (
        <>
          Next in <Seconds key={state.asked} ms={state.nextAskMs} />.
        </>
      )}
    </>
  )
}

/** A broken network, or a claim that the server could not make sense of. */
function Trouble({ payment, state }: Pick<SceneProps, 'payment' | 'state'>) {
  const { step } = payment
  let words: ReactNode = null
  if (step.step === 'telling' && step.waitMs !== null) {
    words = (
      <>
        No network. Your payment is safe. Trying again in <Seconds key={step.attempt} ms={step.waitMs} />.
      </>
    )
  } else if (step.step === 'stuck' && step.claimed) {
    if (step.problem.code !== 'invalid_signature') {
      words = 'The shop could not be reached. Your payment is safe; the provider tells the shop as well.'
    }
  } else if (state.isOffline) {
    words = 'No network. Your payment is safe. We ask again as soon as it is back.'
  }
  if (words === null) return null
  return (
    <div role="status" className="mt-5 border-l-[3px] border-dashed border-pending-mark py-1 pl-4">
      <p className="font-strong">{words}</p>
      {step.step === 'stuck' && step.claimed && (
        <Button variant="outline" size="default" className="mt-2" onClick={payment.tellAgain}>
          Tell the shop again
        </Button>
      )}
    </div>
  )
}
