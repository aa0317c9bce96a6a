import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useReducer, useRef } from 'react'
import { ApiError, isRefusal } from './api-error.ts'
import { CheckoutScriptError } from './checkout-script.ts'
import type { Claim } from './claims.ts'
import { queryKeys } from './query-keys.ts'
import { IDLE, nextPaymentStep, type PaymentStep } from './payment-machine.ts'
import { mustNotPay, readOutcome, type PaymentOutcome } from './payment-outcome.ts'
import { nextPollMs } from './poll-schedule.ts'
import { sleep } from './retry.ts'
import { useHundi } from './provider.tsx'
import { openWindow } from './windows.ts'
import type { HandOff, OrderPaymentState } from './shapes.ts'

export type PaymentView = {
  step: PaymentStep
  /** Opens the provider's window, or goes to the provider's page. A second press while it is open does nothing. */
  pay(): void
  /** Gives up on a window that never showed; the order stays payable, and what the server knows still counts. */
  leave(): void
  /** Sends the claim that is still written down once more, after the tries were used up. */
  tellAgain(): void
  /** Has the provider asked once more whether a payment is under way. */
  ask(): void
}

/** After the window was closed the provider is asked at once, and again while the bank has not decided. */
const CHECK_GAPS_MS: readonly number[] = [4_000, 4_000]

/** What keeps a claim from being heard for now: it says nothing about the claim itself, which stays written down. */
const NOT_HEARD: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'not_your_order'])

/**
 * Paying one order in the browser: opens the provider's window, tells the server what it said, and keeps telling over a
 * broken network. A claim found in storage (a reload in the middle) is told at once. What became of the money is not
 * here: that is usePaymentState.
 */
export function usePayment(orderId: string): PaymentView {
  const { client, claims, handOffs } = useHundi()
  const queries = useQueryClient()
  const [step, send] = useReducer(nextPaymentStep, IDLE)
  // State is set only after a render; these two stop a second click and a second telling within the same moment.
  const isOpening = useRef(false)
  const isTelling = useRef(false)
  const isChecking = useRef(false)
  const closeWindow = useRef<(() => void) | null>(null)

  /** Asks the provider, through the shop, whether a payment is under way; a few times while the bank has not decided. */
  const check = useCallback(async () => {
    if (isChecking.current) return
    isChecking.current = true
    let isAnswered = false
    try {
      for (const gapMs of [...CHECK_GAPS_MS, null]) {
        const asked = await client.askPayment(orderId).catch(() => undefined)
        isAnswered = asked?.hasAnswered ?? false
        if (asked !== undefined) queries.setQueryData(queryKeys.paymentState(orderId), asked.state)
        const isOpen = asked === undefined || !asked.hasAnswered || readOutcome(asked.state, false) === 'undecided'
        if (!isOpen || gapMs === null) break
        await sleep(gapMs)
      }
    } finally {
      isChecking.current = false
      send({ type: 'checked', isAnswered })
      await queries.invalidateQueries({ queryKey: queryKeys.order(orderId) })
    }
  }, [client, orderId, queries])

  const tell = useCallback(
    async (claim: Claim) => {
      if (isTelling.current) return
      isTelling.current = true
      claims.keep(claim)
      send({ type: 'approved' })
      try {
        const answer = await client.verifyPayment(claim, {
          onRetry: ({ attempt, waitMs }) => {
            send({ type: 'retrying', attempt, waitMs })
            setTimeout(() => send({ type: 'asking' }), waitMs)
          },
        })
        claims.forget(orderId)
        queries.setQueryData<OrderPaymentState>(queryKeys.paymentState(orderId), (known) =>
          known === undefined ? known : { ...known, ...answer },
        )
        send({ type: 'told' })
      } catch (error) {
        // A refusal is an answer: asking again would bring the same. Without an answer the claim stays written down, and
        // so it does when nobody is signed in any more who could bring it.
        if (isRefusal(error) && !NOT_HEARD.has(error.code)) claims.forget(orderId)
        send({ type: 'refused', problem: problemOf(error) })
        // What cannot be checked proves nothing: the provider is asked instead.
        if (error instanceof ApiError && error.code === 'invalid_signature') void check()
      } finally {
        isTelling.current = false
        await queries.invalidateQueries({ queryKey: queryKeys.order(orderId) })
      }
    },
    [check, client, claims, orderId, queries],
  )

  const open = useCallback(
    async (handOff: HandOff) => {
      closeWindow.current = await openWindow(handOff.checkout, {
        onApproved: (brought) => void tell({ ...brought, orderId }),
        onDeclined: (reason) => {
          send({ type: 'declined', reason })
          void queries.invalidateQueries({ queryKey: queryKeys.paymentState(orderId) })
        },
        onDismissed: () => {
          closeWindow.current = null
          send({ type: 'dismissed' })
        },
      })
      if (closeWindow.current !== null) send({ type: 'opened' })
    },
    [orderId, queries, tell],
  )

  const pay = useCallback(async () => {
    if (isOpening.current) return
    isOpening.current = true
    send({ type: 'pay' })
    try {
      const fresh = handOffs.get(orderId)
      handOffs.delete(orderId)
      await open(fresh ?? (await client.createPayment({ orderId })))
    } catch (error) {
      send({ type: 'refused', problem: problemOf(error) })
      // Already paid, or cancelled meanwhile: the state says which.
      await queries.invalidateQueries({ queryKey: queryKeys.order(orderId) })
    } finally {
      isOpening.current = false
    }
  }, [client, handOffs, open, orderId, queries])

  const tellAgain = useCallback(() => {
    const claim = claims.find(orderId)
    if (claim !== undefined) void tell(claim)
  }, [claims, orderId, tell])

  useEffect(() => {
    tellAgain()
    if (handOffs.has(orderId)) void pay()
  }, [handOffs, orderId, pay, tellAgain])

  // Closing the window is no proof that nothing was paid: the provider is asked before anybody is asked to pay again.
  const isLeft = step.step === 'checking'
  useEffect(() => {
    if (isLeft) void check()
  }, [check, isLeft])

  useEffect(() => {
    // Coming back from the provider's page by the back button shows this page as it was left: waiting for a window.
    const onShow = (event: PageTransitionEvent) => {
      if (event.persisted) send({ type: 'dismissed' })
    }
    window.addEventListener('pageshow', onShow)
    return () => {
      window.removeEventListener('pageshow', onShow)
      closeWindow.current?.()
    }
  }, [])

  const { data: known, error: trouble } = useQuery<OrderPaymentState>({
    queryKey: queryKeys.paymentState(orderId),
    enabled: false,
  })
  const isSettled = known !== undefined && mustNotPay(readOutcome(known, false))
  useEffect(() => {
    if (!isSettled) return
    // The server knew before the window did; an open window would invite a second payment.
    closeWindow.current?.()
    closeWindow.current = null
    claims.forget(orderId)
    send({ type: 'settled' })
  }, [claims, isSettled, orderId])

  // Somebody has signed in again, here or in another tab: what could not be told is told now.
  const isUnheard = step.step === 'stuck' && step.claimed && NOT_HEARD.has(step.problem.code)
  const isHeardAgain = isUnheard && known !== undefined && trouble === null
  useEffect(() => {
    if (isHeardAgain) tellAgain()
  }, [isHeardAgain, tellAgain])

  const leave = useCallback(() => {
    closeWindow.current?.()
    closeWindow.current = null
    send({ type: 'dismissed' })
  }, [])

  return { step, pay: () => void pay(), leave, tellAgain, ask: () => send({ type: 'ask' }) }
}

/**
 * What the server says about the money of an order, asked again with growing gaps until it is final or the schedule
 * ends. Also asks when the tab comes back into view and when the network returns.
 * @param claimed whether this browser has a "paid" that the server has not answered for
 */
export function usePaymentState(orderId: string, claimed: boolean) {
  const { client } = useHundi()
  const queries = useQueryClient()
  // Each outcome begins its own schedule: a payment that is confirmed after ten idle minutes is asked about at once.
  const phase = useRef<{ outcome: PaymentOutcome | undefined; askedBefore: number }>({
    outcome: undefined,
    askedBefore: 0,
  })
  function scheduleOf(data: OrderPaymentState | undefined, questions: number) {
    const outcome = data === undefined ? undefined : readOutcome(data, claimed)
    if (phase.current.outcome !== outcome) {
      phase.current = { outcome, askedBefore: Math.max(questions - 1, 0) }
    }
    const asked = questions - phase.current.askedBefore
    return { outcome, asked, nextAskMs: nextPollMs(asked, outcome) }
  }
  const query = useQuery({
    queryKey: queryKeys.paymentState(orderId),
    queryFn: ({ signal }) => client.getPaymentState(orderId, { signal }),
    // The schedule below is the retry.
    retry: false,
    staleTime: 0,
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
    // The title of a tab in the background is what tells its owner.
    refetchIntervalInBackground: true,
    refetchInterval: ({ state }) => {
      if (state.error !== null && isRefusal(state.error)) return false
      return scheduleOf(state.data, state.dataUpdateCount + state.errorUpdateCount).nextAskMs ?? false
    },
  })
  const counts = queries.getQueryState(queryKeys.paymentState(orderId))
  const { outcome, asked, nextAskMs } = scheduleOf(
    query.data,
    (counts?.dataUpdateCount ?? 0) + (counts?.errorUpdateCount ?? 0),
  )
  const refusal = isRefusal(query.error) ? query.error : null
  return {
    state: query.data,
    outcome,
    /** Questions asked since the outcome is what it is, answered or not. */
    asked,
    /** Between the last question and the next one; null when none follows by itself, or one is being asked. */
    nextAskMs: refusal !== null || query.isFetching ? null : nextAskMs,
    isAsking: query.isFetching,
    /** No further question follows by itself. */
    hasStopped: refusal === null && nextAskMs === null,
    /** The last question was not answered; what is shown is the answer before. */
    isOffline: query.error instanceof ApiError && refusal === null,
    /** Nobody is signed in any more who may ask, or somebody else is. Asking goes on once the right one is. */
    isSignedOut: refusal?.status === 401 || refusal?.status === 403,
    error: query.error,
    askNow: () => void query.refetch(),
  }
}

function problemOf(error: unknown) {
  if (error instanceof ApiError) return { code: error.code, message: error.message }
  if (error instanceof CheckoutScriptError) return { code: 'script', message: error.message }
  return { code: 'bug', message: error instanceof Error ? error.message : 'Something unexpected happened.' }
}
