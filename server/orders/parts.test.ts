/** What parts make of their order, in every combination; what an admin's word moves of them; and where all that leads. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { saleLine } from '../../test/make.ts'
import { multisets } from '../../test/multisets.ts'
import { SHOP_ORDER_STATUSES, type ShopOrderStatus } from '../../shared/contract/orders.ts'
import type { SaleLine } from './lines.ts'
import { canPartMove, ORDER_TRANSITIONS, SHOP_ORDER_TRANSITIONS, type ShopOrderRow } from './order.ts'
import { foldOrder, orderAfter, partsCancelled, partsConfirmed, partsToMove, type PartState } from './parts.ts'

const part = (id: string, status: ShopOrderStatus): ShopOrderRow => ({
  id,
  order_id: 'order',
  shop_id: `shop of ${id}`,
  shop_name: id,
  status,
  auto_accept: true,
  commission_bps: 0,
  subtotal: 0,
  discount: 0,
  delivery_fee: 0,
  tax: 0,
  total: 0,
  returned_amount: 0,
})

const linesOf = (id: string, status: ShopOrderStatus, back: boolean, more: Partial<SaleLine> = {}) => {
  const of = { shop_order_id: id, shop_status: status, ...more }
  return [
    saleLine({ id: `thing of ${id}`, quantity: 2, returned_quantity: back ? 2 : 1, ...of }),
    saleLine({ id: `delivery of ${id}`, kind: 'delivery', product_id: null, ...of }),
  ]
}

const inWords = (moves: ReturnType<typeof partsToMove>) => {
  if (!('refused' in moves)) return `moves ${moves.parts.map(({ id }) => id).join(' ')}`
  return moves.refused === 'nothing_left' ? 'nothing left' : `waits for ${moves.part.id}`
}

describe('what an admin ships', () => {
  const TABLE: readonly [string, ShopOrderStatus, boolean, ShopOrderStatus, boolean, string][] = [
    ['both that are accepted', 'accepted', false, 'accepted', false, 'moves a b'],
    ['R4 what may go, while another shop has not answered', 'accepted', false, 'awaiting_acceptance', false, 'moves a'],
    [
      'R4 nothing, while all that is left has not been answered',
      'shipped',
      false,
      'awaiting_acceptance',
      false,
      'waits for b',
    ],
    ['R4 nothing, and who has to answer is named', 'accepted', true, 'awaiting_acceptance', false, 'waits for b'],
    ['R4 nothing, and the first is named', 'awaiting_acceptance', false, 'awaiting_acceptance', false, 'waits for a'],
    ['R3 what is left, when the other was given back', 'accepted', true, 'accepted', false, 'moves b'],
    ['R3 without waiting for what was given back', 'accepted', false, 'awaiting_acceptance', true, 'moves a'],
    ['R3 nothing, when both were given back', 'accepted', true, 'awaiting_acceptance', true, 'nothing left'],
    ['R3 nothing, when one was rejected and one given back', 'rejected', true, 'accepted', true, 'nothing left'],
    ['what its shop has not rejected', 'rejected', true, 'accepted', false, 'moves b'],
    ['what is not on its way yet', 'shipped', false, 'accepted', false, 'moves b'],
    ['nothing that is on its way', 'shipped', false, 'delivered', false, 'nothing left'],
    ['nothing that was cancelled', 'cancelled', true, 'cancelled', true, 'nothing left'],
  ]
  for (const [what, a, aBack, b, bBack, expected] of TABLE) {
    test(what, () => {
      const lines = [...linesOf('a', a, aBack), ...linesOf('b', b, bBack)]
      assert.equal(inWords(partsToMove([part('a', a), part('b', b)], lines, 'shipped')), expected)
    })
  }
})

describe('what an admin delivers', () => {
  for (const [what, a, aBack, b, expected] of [
    ['all that is on its way', 'shipped', false, 'shipped', 'moves a b'],
    ['also what was paid back meanwhile', 'shipped', true, 'shipped', 'moves a b'],
    ['not what was given back before it was sent', 'accepted', true, 'shipped', 'moves b'],
    ['not what arrived before', 'delivered', false, 'shipped', 'moves b'],
    ['what is on its way, while another is packed', 'accepted', false, 'shipped', 'moves b'],
    ['nothing, when nothing is on its way', 'accepted', false, 'rejected', 'nothing left'],
  ] as const) {
    test(what, () => {
      const lines = [...linesOf('a', a, aBack), ...linesOf('b', b, false)]
      assert.equal(inWords(partsToMove([part('a', a), part('b', b)], lines, 'delivered')), expected)
    })
  }
})

const LETTERS = {
  p: 'pending',
  w: 'awaiting_acceptance',
  a: 'accepted',
  s: 'shipped',
  d: 'delivered',
  r: 'rejected',
  c: 'cancelled',
} as const satisfies Record<string, ShopOrderStatus>

/** A letter for each part; a capital is a part of which everything was given back. */
const inLetters = (letters: string): PartState[] =>
  [...letters].map((letter, at) => ({
    id: `${at}`,
    status: LETTERS[letter.toLowerCase() as keyof typeof LETTERS],
    isGivenBack: letter !== letter.toLowerCase(),
  }))

describe('what parts make of their order', () => {
  /** Each choice of one to three of seven states, once. */
  const TABLE = {
    cancelled: 'r c rr rc cc rrr rrc rcc ccc',
    pending: `p pp pw pa ps pd pr pc ppp ppw ppa pps ppd ppr ppc pww pwa pws pwd pwr pwc paa pas pad par pac pss psd psr
      psc pdd pdr pdc prr prc pcc`,
    confirmed: `w a ww wa ws wd wr wc aa as ad ar ac www wwa wws wwd wwr wwc waa was wad war wac wss wsd wsr wsc wdd wdr
      wdc wrr wrc wcc aaa aas aad aar aac ass asd asr asc add adr adc arr arc acc`,
    shipped: 's ss sd sr sc sss ssd ssr ssc sdd sdr sdc srr src scc',
    delivered: 'd dd dr dc ddd ddr ddc drr drc dcc',
  } as const
  const rows = Object.entries(TABLE).flatMap(([status, all]) =>
    all.split(/\s+/).map((letters) => [letters, status] as const),
  )

  test('each combination of states of up to three parts is in the table, once', () => {
    const every = multisets(Object.keys(LETTERS), 3).map((letters) => letters.join(''))
    assert.deepEqual([...rows.map(([letters]) => letters), ''].sort(), every.sort())
    assert.equal(foldOrder([]), 'cancelled')
  })

  for (const [letters, expected] of rows) {
    test(`${letters} is ${expected}`, () => {
      for (const parts of [inLetters(letters), inLetters(letters).toReversed()]) {
        assert.equal(foldOrder(parts), expected)
      }
    })
  }

  for (const [what, letters, expected] of [
    ['R3 all given back before it was sent: it stands, and nothing is to be sent', 'A W AW', 'confirmed'],
    ['R3 what was given back before it was sent is not waited for', 'As Ws As AWs', 'shipped'],
    ['R3 nor once the rest has arrived', 'Ad Wd AWd', 'delivered'],
    ['R3 something else is still to be sent', 'Aa Aw Aas Wad', 'confirmed'],
    ['what is on its way arrives, also when it was paid back meanwhile', 'S Sd SA Sr', 'shipped'],
    ['what was paid back after it had arrived has arrived', 'D Dd DA Dr', 'delivered'],
    ['R3 the rest was rejected or cancelled', 'Ar Ac Wrc', 'confirmed'],
    ['all that was given back was rejected or cancelled too', 'R C RC Rc', 'cancelled'],
    ['what was rejected counts for nothing', 'Rs Cs', 'shipped'],
  ] as const) {
    test(`${what}: ${letters} is ${expected}`, () => {
      for (const each of letters.split(' ')) assert.equal(foldOrder(inLetters(each)), expected, each)
    })
  }
})

/** What may happen to an order of some parts: a move of a part, units of it given back, or standing again. */
type Step = { part: number; do: ShopOrderStatus | 'give back' | 'put back' }

test('whatever happens to parts in whatever order, the order moves on by its table, and back only as one stands again', () => {
  const kinds = [...SHOP_ORDER_STATUSES, 'give back', 'put back'] as const
  const step = fc.record({ part: fc.nat({ max: 2 }), do: fc.constantFrom(...kinds) })
  let reopened = 0
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 40 }),
      (shops, steps) => {
        let lines = shops.flatMap((shop_accepts, at) => linesOf(`${at}`, 'accepted', false, { shop_accepts }))
        // Paid for: from then on only people move parts.
        let status = orderAfter(lines, [])
        for (const { part: at, do: what } of steps satisfies Step[]) {
          const own = lines.find((line) => line.shop_order_id === `${at}`)
          if (own === undefined) continue
          const before = status
          if (what === 'give back' || what === 'put back') {
            const returned_quantity = what === 'give back' ? 2 : 1
            lines = lines.map((line) => (line === own ? { ...line, returned_quantity } : line))
          } else if (canPartMove(own.shop_status, what)) {
            assert.ok((SHOP_ORDER_TRANSITIONS[own.shop_status] as readonly string[]).includes(what))
            const change = { id: `${at}`, from: own.shop_status, to: what }
            const foreseen = orderAfter(lines, [change])
            lines = lines.map((line) => (line.shop_order_id === `${at}` ? { ...line, shop_status: what } : line))
            assert.equal(orderAfter(lines, []), foreseen)
          }
          status = orderAfter(lines, [])
          if (status === before) continue
          if (status === 'confirmed') {
            assert.equal(what, 'put back', `${before} to ${status}`)
            reopened += 1
          } else assert.ok((ORDER_TRANSITIONS[before] as readonly string[]).includes(status), `${before} to ${status}`)
        }
        const parts = new Map(lines.map((line) => [line.shop_order_id, line.shop_status]))
        if (status === 'cancelled')
          assert.ok([...parts.values()].every((each) => each === 'rejected' || each === 'cancelled'))
        if (status === 'confirmed') assert.ok(partsCancelled(lines).length > 0, 'so it can be cancelled')
      },
    ),
    { numRuns: 2_000, seed: 8 },
  )
  assert.ok(reopened > 0)
})

test('R4 no part ever moves where its own state does not allow it', () => {
  for (const to of ['shipped', 'delivered'] as const) {
    for (const a of SHOP_ORDER_STATUSES) {
      for (const b of SHOP_ORDER_STATUSES) {
        for (const [aBack, bBack] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ] as const) {
          const lines = [...linesOf('a', a, aBack), ...linesOf('b', b, bBack)]
          const moves = partsToMove([part('a', a), part('b', b)], lines, to)
          if ('refused' in moves) continue
          assert.ok(moves.parts.length > 0)
          for (const { status } of moves.parts) assert.ok(canPartMove(status, to), `${status} to ${to}`)
        }
      }
    }
  }
})

test('parts are confirmed as their shops take orders, and end with their order unless their shops ended them', () => {
  const lines = [
    ...linesOf('a', 'pending', false),
    ...linesOf('b', 'cancelled', false, { shop_accepts: false }),
    ...linesOf('c', 'rejected', true),
  ]
  assert.deepEqual(partsConfirmed(lines.slice(0, 4)), [
    { id: 'a', from: 'pending', to: 'accepted' },
    { id: 'b', from: 'cancelled', to: 'awaiting_acceptance' },
  ])
  assert.deepEqual(partsCancelled(lines), [{ id: 'a', from: 'pending', to: 'cancelled' }])
  const away = ['accepted', 'shipped', 'awaiting_acceptance', 'delivered'].flatMap((status, at) =>
    linesOf(`${at}`, status as ShopOrderStatus, false),
  )
  assert.deepEqual(partsCancelled(away), [
    { id: '0', from: 'accepted', to: 'cancelled' },
    { id: '2', from: 'awaiting_acceptance', to: 'cancelled' },
  ])
})
