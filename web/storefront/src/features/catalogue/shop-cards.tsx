import { Link } from '@tanstack/react-router'
import { useShops } from '../../../../../client/hooks.tsx'
import { deliveryIn } from './delivery.ts'
import type { Shop } from '../../../../../client/shapes.ts'
import { Money } from '../../../../ui/money.tsx'
import { Picture } from '../../lib/picture.tsx'

/** The shops, each with its front and what delivery costs. */
export function ShopCards() {
  const shops = useShops()
  if (shops.data === undefined || shops.data.length === 0) return null
  return (
    <section id="shops" aria-labelledby="shops-title" className="scroll-mt-4">
      <h2 id="shops-title" className="shop-face mt-10 mb-4 text-[1.6rem] lg:mt-[3.4rem] lg:mb-5 lg:text-[2.125rem]">
        Who packs your box
      </h2>
      <ul className="grid gap-[1.4rem] md:grid-cols-3">
        {shops.data.map((shop) => (
          <li key={shop.id}>
            <Link to="/shops/$slug" params={{ slug: shop.slug }} className="group block rounded-3">
              <span className="block overflow-hidden rounded-3">
                <Picture src={shop.image} width={400} height={220} />
              </span>
              <h3 className="shop-face mt-3 text-[1.35rem] group-hover:underline group-hover:decoration-1 group-hover:underline-offset-4">
                {shop.name}
              </h3>
              <p className="mt-1 text-ink-2">
                {[shop.city, shop.state].filter((part) => part !== null).join(', ')}. <Delivery shop={shop} />
              </p>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What delivery from a shop costs, in a sentence: of things sold in this currency, else in the shop's own. */
export function Delivery({ shop, currency = shop.deliveryCurrency }: { shop: Shop; currency?: string }) {
  if (!shop.acceptingOrders) return <span className="font-medium text-failed">Takes no orders right now.</span>
  const delivery = deliveryIn(shop, currency)
  if (delivery === undefined) return <span className="font-medium text-failed">Not delivered at the moment.</span>
  if (delivery.fee === 0) return 'Delivers free.'
  if (delivery.freeAbove === null) {
    return (
      <>
        Delivery <Money amount={delivery.fee} currency={currency} />.
      </>
    )
  }
  return (
    <>
      Free delivery above <Money amount={delivery.freeAbove} currency={currency} />.
    </>
  )
}
