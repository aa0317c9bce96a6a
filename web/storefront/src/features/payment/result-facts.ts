/** What the words of the payment page are made from, and what they are. */
import type { PaymentStep } from '../../../../../client/payment-machine.ts'
import type { Order, OrderPaymentState } from '../../../../../client/shapes.ts'
import type { Phrase } from '../../../../ui/phrase.ts'
import type { Scene } from './scene.ts'

export type ResultAction = {
  key: 'pay' | 'ask' | 'order' | 'sign_in' | 'refill' | 'products'
  label: Phrase
}

export type ResultWords = {
  title: string
  /** Of the browser's tab, so that it can be read from another tab. */
  tab: string
  lead: Phrase
  /** What stands apart, below the buttons. */
  aside: Phrase | null
  /** The first is the big one. */
  actions: ResultAction[]
}

export type Facts = {
  scene: Scene
  /** Undefined while it is not known, and to a browser that may not see it. */
  order: Order | undefined
  state: OrderPaymentState | undefined
  step: PaymentStep
  /** This browser may be told of the money, and not of the order. */
  isStranger: boolean
  /** It takes longer than most payments do. */
  isSlow: boolean
  now: number
}

export type Words = { title: string; lead: Phrase; aside?: Phrase | null; actions?: ResultAction[] }

export const SEE_ORDER: ResultAction = { key: 'order', label: ['See the order'] }

export function endSentence(text: string): string {
  return /[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
}
