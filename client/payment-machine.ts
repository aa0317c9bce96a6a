/**
 * The steps of paying in the browser, from pressing the button to having told the server. Pure: what happens is a
 * signal, what to show is the step. No step says that money has moved; only the server's answer does (readOutcome).
 */

export type PaymentProblem = {
  /** An error code of the API, or `script` when the provider's window could not be loaded. */
  code: string
  message: string
}

export type PaymentStep =
  /** Nothing under way. */
  | { step: 'idle' }
  /** Asking for the hand-off and loading the provider's window. */
  | { step: 'opening' }
  /** The shopper is at the provider; `declined` is what the provider said about the last try in this window. */
  | { step: 'open'; declined: string | null }
  /** The provider's window said yes, and the server is being told. With `waitMs` the connection is broken for now. */
  | { step: 'telling'; attempt: number; waitMs: number | null }
  /** The server has it; from here on only its answers count. */
  | { step: 'told' }
  /** The shopper closed the window; the provider is being asked whether a payment is under way all the same. */
  | { step: 'checking' }
  /**
   * The shopper closed the window before paying. `isAnswered`: the provider was asked after that, and has answered;
   * `declined`: what it had said about the last try in the window.
   */
  | { step: 'left'; declined: string | null; isAnswered: boolean }
  /** Paying could not begin, or the server refused what the window said. */
  | { step: 'stuck'; problem: PaymentProblem; claimed: boolean }

export type PaymentSignal =
  | { type: 'pay' }
  | { type: 'opened' }
  | { type: 'declined'; reason: string }
  | { type: 'dismissed' }
  | { type: 'ask' }
  | { type: 'checked'; isAnswered: boolean }
  | { type: 'approved' }
  | { type: 'retrying'; attempt: number; waitMs: number }
  | { type: 'asking' }
  | { type: 'told' }
  | { type: 'refused'; problem: PaymentProblem }
  | { type: 'settled' }

export const IDLE: PaymentStep = { step: 'idle' }

/** The step after a signal. Total: a signal that means nothing in a step leaves it as it is. */
export function nextPaymentStep(now: PaymentStep, signal: PaymentSignal): PaymentStep {
  switch (signal.type) {
    case 'pay':
      // While a window is open or a claim is under way, a second press must not start a second payment. After `told`
      // the button is only there when the server has said that this payment failed.
      return isPaying(now) || (now.step === 'stuck' && now.claimed) ? now : { step: 'opening' }
    case 'opened':
      return now.step === 'opening' ? { step: 'open', declined: null } : now
    case 'declined':
      return now.step === 'open' ? { step: 'open', declined: signal.reason } : now
    case 'dismissed':
      // Some windows also report that they close after success: what was approved stays approved.
      if (now.step !== 'open' && now.step !== 'opening') return now
      // A refusal is an answer. Without one a closed window is no proof that nothing was paid.
      return now.step === 'open' && now.declined !== null
        ? { step: 'left', declined: now.declined, isAnswered: true }
        : { step: 'checking' }
    case 'ask':
      return isPaying(now) || now.step === 'told' || (now.step === 'stuck' && now.claimed) ? now : { step: 'checking' }
    case 'checked':
      // What the window said could not be checked, and the provider has been asked instead.
      if (isRefusedClaim(now)) return signal.isAnswered ? IDLE : now
      return now.step === 'checking' || now.step === 'left'
        ? { step: 'left', declined: null, isAnswered: signal.isAnswered }
        : now
    case 'approved':
      // Even from `left`: a window that is closed while the bank still works can report success afterwards.
      return now.step === 'telling' || now.step === 'told' ? now : { step: 'telling', attempt: 1, waitMs: null }
    case 'retrying':
      return now.step === 'telling' ? { step: 'telling', attempt: signal.attempt, waitMs: signal.waitMs } : now
    case 'asking':
      return now.step === 'telling' ? { step: 'telling', attempt: now.attempt + 1, waitMs: null } : now
    case 'told':
      return now.step === 'telling' ? { step: 'told' } : now
    case 'refused':
      return { step: 'stuck', problem: signal.problem, claimed: now.step === 'telling' }
    case 'settled':
      return IDLE
  }
}

/** The server could not check what the window said: it proves nothing, and the provider knows. */
function isRefusedClaim(now: PaymentStep): boolean {
  return now.step === 'stuck' && now.claimed && now.problem.code === 'invalid_signature'
}

/** True while the button that pays must not be pressed again. */
export function isPaying(now: PaymentStep): boolean {
  return now.step === 'opening' || now.step === 'open' || now.step === 'telling' || now.step === 'checking'
}
