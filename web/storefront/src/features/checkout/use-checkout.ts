/**
 * The checkout's state: the form with what is wrong in it, the price as the server says it, and the press of the pay
 * button. Everything about money comes from the server; this only remembers what was typed and shown.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { ApiError, fieldProblems } from '../../../../../client/api-error.ts'
import { useCart, useHundi, useQuote, useUser } from '../../../../../client/hooks.tsx'
import { placeOrderOnce } from '../../../../../client/place-order.ts'
import type { PlaceOrderBody, Quote } from '../../../../../client/shapes.ts'
import { browserStorage, readJson } from '../../../../../client/storage.ts'
import {
  ADDRESS_FIELDS,
  addressProblem,
  addressProblems,
  EMPTY_ADDRESS,
  formOfAddress,
  parseAddressForm,
  problemsFromServer,
  shippingAddress,
  type AddressField,
  type AddressForm,
} from './address.ts'
import { isSameBox, priceChanges, type PriceChange } from './price-changes.ts'
import { shortages } from './shortages.ts'
import { wayKey } from './ways-to-pay.tsx'

/** For as long as the tab lives: a reload keeps what was typed, a shared computer does not. */
const drafts = browserStorage(() => window.sessionStorage)
const DRAFT = 'hundi.checkout'

export type Pressing =
  | { state: 'ready' }
  | { state: 'placing'; waitMs: number | null }
  /** Nothing was ordered. `at` is when that was said, in milliseconds. */
  | { state: 'refused'; error: ApiError; at: number }
  /** No answer; the order may exist, and pressing again asks for the same one. */
  | { state: 'unknown'; error: ApiError }
  /** The order is placed, and the shop's account does not take its payment: pressing again does not help. */
  | { state: 'unpayable'; orderId: string; error: ApiError }
  /** The order is placed, but this guest was not given its token yet; pressing again goes on with the same order. */
  | { state: 'kept' }

export function useCheckout(onPlaced: (orderId: string) => void) {
  const { client, attempts, handOffs } = useHundi()
  const queries = useQueryClient()
  const cart = useCart()
  const user = useUser()
  const address = useAddress(user.data?.id)
  const [couponCode, setCouponCode] = useState<string | null>(null)
  const [couponProblem, setCouponProblem] = useState<string | null>(null)
  const [wanted, setWanted] = useState<string>()
  const [pressing, setPressing] = useState<Pressing>({ state: 'ready' })
  const isPlacing = useRef(false)

  const items = cart.lines.map(({ productId, quantity }) => ({ productId, quantity }))
  const { postalCode, state } = address.form
  const isPlaceKnown = state !== '' && addressProblem('postalCode', address.form) === null
  const quote = useQuote({
    items,
    ...(couponCode === null || couponProblem !== null ? {} : { couponCode }),
    ...(isPlaceKnown ? { address: { postalCode: postalCode.replaceAll(/\s/g, ''), state, country: 'IN' } } : {}),
  })
  const change = usePriceChange(quote.isPlaceholderData ? undefined : quote.data)

  const couponError = couponRefusal(quote.error)
  // Before the next paint: without the coupon there is a price to show, with it only an error.
  useLayoutEffect(() => {
    if (couponError !== null) setCouponProblem(couponError)
  }, [couponError])

  const ways = quote.data?.paymentMethods ?? []
  const way =
    ways.find((candidate) => wayKey(candidate) === wanted && candidate.available) ??
    ways.find((candidate) => candidate.available)

  // A refusal knows more than the price that was shown before it; the price that is asked for next knows more again.
  const isOutdated = pressing.state === 'refused' && quote.dataUpdatedAt < pressing.at
  const problems = quote.data === undefined ? [] : [...quote.data.problems]
  if (isOutdated && quote.data !== undefined && problems.length === 0) {
    problems.push(...shortages(pressing.error, quote.data))
  }
  const isWaitingForPrice = quote.isPlaceholderData || (isOutdated && quote.isFetching)
  // An order that may exist already holds its goods: that they are gone from the shelf must not keep it from its shopper.
  const mayExist = pressing.state === 'unknown' || pressing.state === 'kept'
  const canPress =
    way !== undefined &&
    !isWaitingForPrice &&
    // What the account refused it refuses again; another box is another order.
    pressing.state !== 'unpayable' &&
    (problems.length === 0 || mayExist)

  /** Presses the pay button. Returns the field to look at when the form is not ready to be sent. */
  async function press(): Promise<AddressField | null> {
    if (isPlacing.current || quote.data === undefined || way === undefined || !canPress) return null
    const asked = user.data ? ADDRESS_FIELDS.filter((field) => field !== 'email') : ADDRESS_FIELDS
    const wrong = address.check(asked)
    if (wrong !== null) return wrong
    isPlacing.current = true
    setPressing({ state: 'placing', waitMs: null })
    const body: PlaceOrderBody = {
      items,
      shippingAddress: shippingAddress(address.form),
      ...(user.data ? {} : { email: address.form.email.trim() }),
      paymentMethod: way.method,
      ...(way.method === 'online' && way.provider !== null ? { provider: way.provider } : {}),
      ...(couponCode === null || couponProblem !== null ? {} : { couponCode }),
      expectedTotal: quote.data.total,
      expectedCurrency: quote.data.currency,
    }
    const placement = await placeOrderOnce(client, attempts, body, user.data?.id ?? null, {
      onRetry: ({ waitMs }) => setPressing({ state: 'placing', waitMs }),
    }).finally(() => {
      isPlacing.current = false
    })
    switch (placement.kind) {
      case 'placed': {
        const { order, payment, isReplay } = placement.placed
        if (payment !== undefined) handOffs.set(order.id, payment)
        // This press made no new order: whether the one that is there can still be paid is the server's to say.
        else if (isReplay && order.paymentMethod === 'online') handOffs.set(order.id, null)
        queries.setQueryData(['order', order.id], order)
        onPlaced(order.id)
        return null
      }
      case 'payable':
        if (!user.data && !client.hasGuestToken(placement.orderId)) {
          setPressing({ state: 'kept' })
          return null
        }
        handOffs.set(placement.orderId, null)
        onPlaced(placement.orderId)
        return null
      case 'unpayable':
        setPressing({ state: 'unpayable', orderId: placement.orderId, error: placement.error })
        return null
      case 'paid':
        onPlaced(placement.orderId)
        return null
      case 'unknown':
        setPressing({ state: 'unknown', error: placement.error })
        return null
      case 'refused': {
        const { error } = placement
        setPressing({ state: 'refused', error, at: Date.now() })
        const coupon = couponRefusal(error)
        if (coupon !== null) setCouponProblem(coupon)
        // What was refused has mostly changed in the price: stock, a shop's hours, a way to pay.
        await queries.invalidateQueries({ queryKey: ['quote'] })
        return address.takeOver(problemsFromServer(fieldProblems(error)))
      }
    }
  }

  return {
    cart,
    user,
    address,
    quote,
    change,
    ways,
    way,
    chooseWay: setWanted,
    /** What would make ordering fail, as far as is known now. */
    problems,
    canPress,
    pressing,
    press,
    coupon: {
      code: couponCode,
      problem: couponProblem,
      isAsking: couponCode !== null && couponProblem === null && quote.isFetching && quote.isPlaceholderData,
      onUse: (code: string) => {
        setCouponProblem(null)
        setCouponCode(code)
      },
      onDrop: () => {
        setCouponProblem(null)
        setCouponCode(null)
      },
    },
  }
}

/** The address form: what is typed, what is wrong with it, kept over a reload, begun with the last order's address. */
function useAddress(userId: string | undefined) {
  const { client } = useHundi()
  const [form, setForm] = useState<AddressForm>(() => parseAddressForm(readJson(drafts, DRAFT)))
  const [problems, setProblems] = useState<Partial<Record<AddressField, string>>>({})
  const isPristine = ADDRESS_FIELDS.every((field) => form[field] === '')

  const last = useQuery({
    queryKey: ['last-address', userId],
    queryFn: async ({ signal }) => {
      const [latest] = (await client.listMyOrders({ limit: 1 }, { signal })).items
      return latest === undefined ? null : (await client.getOrder(latest.id, { signal })).shippingAddress
    },
    enabled: userId !== undefined && isPristine,
    staleTime: Number.POSITIVE_INFINITY,
  })
  useEffect(() => {
    if (isPristine && last.data != null) setForm(formOfAddress(last.data, null))
  }, [isPristine, last.data])

  return {
    form,
    problems,
    change(changes: Partial<AddressForm>) {
      const next = { ...form, ...changes }
      setForm(next)
      drafts.set(DRAFT, JSON.stringify(next))
      setProblems((known) => {
        const left = { ...known }
        for (const field of together(Object.keys(changes) as AddressField[])) {
          if (known[field] === undefined) continue
          const problem = addressProblem(field, next)
          if (problem === null) delete left[field]
          else left[field] = problem
        }
        return left
      })
    },
    /** Checks a field that was left. An empty one is not scolded before the button is pressed. */
    leave(field: AddressField) {
      setProblems((known) => {
        const found = { ...known }
        for (const each of together([field])) {
          const problem = form[each].trim() === '' ? null : addressProblem(each, form)
          if (problem === null) delete found[each]
          else found[each] = problem
        }
        return found
      })
    },
    /** Checks what is asked for and gives the first field that is wrong. */
    check(asked: readonly AddressField[]): AddressField | null {
      const found = addressProblems(form, asked)
      setProblems(found)
      return ADDRESS_FIELDS.find((field) => found[field] !== undefined) ?? null
    },
    /** Shows what the server found wrong and gives the first such field. */
    takeOver(found: Partial<Record<AddressField, string>>): AddressField | null {
      setProblems((known) => ({ ...known, ...found }))
      return ADDRESS_FIELDS.find((field) => found[field] !== undefined) ?? null
    },
    clear() {
      setForm(EMPTY_ADDRESS)
      drafts.remove(DRAFT)
    },
  }
}

/** These fields, and those that are right or wrong only with them: a PIN code belongs to a state. */
function together(fields: readonly AddressField[]): AddressField[] {
  return fields.includes('state') && !fields.includes('postalCode') ? [...fields, 'postalCode'] : [...fields]
}

/** Notices when the same box costs something else than a moment ago. */
function usePriceChange(quote: Quote | undefined): { before: number; changes: PriceChange[] } | null {
  const shown = useRef<Quote>(undefined)
  const [change, setChange] = useState<{ before: number; changes: PriceChange[] } | null>(null)
  useEffect(() => {
    if (quote === undefined) return
    const before = shown.current
    shown.current = quote
    if (before === undefined || before === quote) return
    if (!isSameBox(before, quote)) return setChange(null)
    if (before.subtotal !== quote.subtotal) setChange({ before: before.total, changes: priceChanges(before, quote) })
  }, [quote])
  return change
}

function couponRefusal(error: unknown): string | null {
  return error instanceof ApiError && (error.code === 'coupon_invalid' || error.code === 'coupon_exhausted')
    ? error.message
    : null
}
