import { useMutation, useQueryClient } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { type FormEvent, useId, useRef, useState } from 'react'
import type { Order } from '../../../../../shared/contract/orders.ts'
import type { RefundBody } from '../../../../../shared/contract/payments.ts'
import { readAmount } from '../../../../../shared/typed-amount.ts'
import { Button } from '../../../../ui/button.tsx'
import { Dialog } from '../../../../ui/dialog.tsx'
import { Field, Select, Textarea } from '../../../../ui/field.tsx'
import { formatMoney, providerName } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { useToast } from '../../../../ui/toast.tsx'
import { adminApi } from '../../lib/api.ts'
import { refreshMoney } from '../../lib/queries.ts'
import { useKeyFor } from '../../lib/once.ts'
import { PhraseText } from '../../../../ui/phrase-text.tsx'
import { ProblemLine } from '../../lib/problem-line.tsx'
import { Choice, ChoiceGroup } from '../../lib/choice.tsx'
import { RefundLines } from './refund-lines.tsx'
import {
  amountOf,
  canRestock,
  holdsStock,
  problemsOf,
  type Quantities,
  type Refundable,
  refundBody,
  refundConsequences,
  type RefundKind,
} from './refund-plan.ts'

/**
 * Sends money back: all, an amount, or what certain things cost; to where it came from or to the wallet. What it brings
 * about stands above the button and changes with every choice.
 *
 * @param sources payments that still hold money; at least one
 * @param alone what one person can send back without a second who agrees; null for no limit
 */
export function RefundDialog({
  order,
  sources,
  alone,
  onClose,
}: {
  order: Order
  sources: [Refundable, ...Refundable[]]
  alone: number | null
  onClose: () => void
}) {
  const client = useQueryClient()
  const toast = useToast()
  const keyFor = useKeyFor()
  const formId = useId()
  const first = useRef<HTMLInputElement>(null)
  const [paymentId, setPaymentId] = useState(sources[0].payment.id)
  const [kind, setKind] = useState<RefundKind>('all')
  const [typed, setTyped] = useState('')
  const [quantities, setQuantities] = useState<Quantities>({})
  const [destination, setDestination] = useState<'source' | 'wallet'>('source')
  const [restock, setRestock] = useState(false)
  const [reason, setReason] = useState('')
  const [message, setMessage] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const source = sources.find((each) => each.payment.id === paymentId) ?? sources[0]
  const { currency } = order
  const read = readAmount(typed, currency)
  const plan = {
    payment: source.payment,
    kind,
    amount: 'amount' in read ? read.amount : null,
    amountProblem: 'problem' in read ? read.problem : null,
    quantities,
    destination,
    restock,
    reason,
    message,
  }
  const amount = amountOf(plan, order, source.amount)
  const problems = problemsOf(plan, order, source)
  const isReady = amount !== null && Object.values(problems).every((problem) => problem === null)
  const needsSecond = amount !== null && alone !== null && amount > alone
  const act = useMutation({
    mutationFn: (body: RefundBody) => adminApi.refund(body, keyFor(body)),
    onSuccess: (refund) => {
      const money = formatMoney(refund.amount, refund.currency)
      toast({
        title: refund.approval === 'pending' ? `${money} waits for a second person` : `${money} is going back`,
        look: refund.approval === 'pending' ? 'review' : 'refunded',
      })
      onClose()
    },
    onSettled: () => refreshMoney(client),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setIsChecked(true)
    if (isReady && !act.isPending) act.mutate(refundBody(plan, amount))
  }
  const shown = isReady || kind === 'all' ? amount : (amount ?? 0)
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !act.isPending && onClose()}
      title={
        shown ? (
          <>
            Send back <Money amount={shown} currency={currency} />?
          </>
        ) : (
          'Send back how much?'
        )
      }
      initialFocus={first}
      className="sm:max-w-[560px]"
      actions={
        <>
          <Button variant="outline" onClick={onClose} disabled={act.isPending}>
            Keep the money
          </Button>
          <Button type="submit" form={formId} busy={act.isPending} busyLabel="Asking for it">
            <span>
              {needsSecond ? 'Ask to send back' : 'Send back'}{' '}
              {shown ? <Money amount={shown} currency={currency} /> : null}
            </span>
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="mt-3 grid gap-4">
        <p className="text-ink-2">
          <Money amount={source.amount} currency={currency} className="font-strong" /> can still go back
          {source.wayWords && ` to ${source.wayWords}`}.
        </p>
        {sources.length > 1 && (
          <Select label="Of which payment" value={paymentId} onChange={(event) => setPaymentId(event.target.value)}>
            {sources.map(({ payment, amount: held, wayWords }) => (
              <option key={payment.id} value={payment.id}>
                {[providerName(payment.provider), wayWords, formatMoney(held, currency)].filter(Boolean).join(', ')}
              </option>
            ))}
          </Select>
        )}
        <ChoiceGroup legend="How much">
          <Choice ref={first} name="kind" checked={kind === 'all'} onChange={() => setKind('all')}>
            Everything, <Money amount={source.amount} currency={currency} />
          </Choice>
          <Choice name="kind" checked={kind === 'items'} onChange={() => setKind('items')}>
            What certain things cost
          </Choice>
          <Choice name="kind" checked={kind === 'amount'} onChange={() => setKind('amount')}>
            An amount
          </Choice>
        </ChoiceGroup>
        {problems.all && (
          <p className="flex items-start gap-[.4rem] text-small font-medium text-failed">
            <TriangleAlert size={16} strokeWidth={1.7} aria-hidden="true" className="mt-px flex-none" />
            {problems.all}
          </p>
        )}
        {kind === 'items' && (
          <RefundLines
            order={order}
            quantities={quantities}
            onChange={setQuantities}
            error={isChecked ? problems.items : null}
          />
        )}
        {kind === 'amount' && (
          <Field
            label={`Amount in ${currency}`}
            inputMode="decimal"
            autoComplete="off"
            value={typed}
            maxLength={20}
            onChange={(event) => setTyped(event.target.value)}
            error={isChecked || typed !== '' ? problems.amount : null}
          />
        )}
        {order.userId !== null && (
          <ChoiceGroup legend="Where to">
            <Choice name="destination" checked={destination === 'source'} onChange={() => setDestination('source')}>
              Where it came from
            </Choice>
            <Choice name="destination" checked={destination === 'wallet'} onChange={() => setDestination('wallet')}>
              The customer’s wallet
            </Choice>
          </ChoiceGroup>
        )}
        {holdsStock(order) && canRestock(plan) && (
          <label className="flex min-h-8 w-fit cursor-pointer items-center gap-3">
            <input
              type="checkbox"
              className="size-[18px] accent-accent"
              checked={restock}
              onChange={(event) => setRestock(event.target.checked)}
            />
            Put the things back in stock
          </label>
        )}
        <Textarea
          label="Reason, kept for good"
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
          error={isChecked ? problems.reason : null}
        />
        <Textarea
          label="What the customer reads, if you like"
          help="Left empty it says: “The shop gave it back.” The reason above is never shown to the customer."
          rows={2}
          value={message}
          maxLength={300}
          onChange={(event) => setMessage(event.target.value)}
        />
        <ul className="grid gap-[.45rem] border-l-[3px] border-dashed border-refunded-mark pl-4 text-ink-2">
          {refundConsequences(plan, order, source, alone).map((phrase, index) => (
            <li key={index}>
              <PhraseText phrase={phrase} />
            </li>
          ))}
        </ul>
      </form>
      <ProblemLine error={act.error} />
    </Dialog>
  )
}
