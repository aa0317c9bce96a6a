/** What a paid order's shops pack, one line for each. */
import type { Order } from '../../../../../client/shapes.ts'
import { Status } from '../../../../ui/status.tsx'
import { Picture } from '../../lib/picture.tsx'
import { splitTitle } from '../../lib/split-title.ts'

export function PartsPaid({ order }: { order: Order }) {
  return (
    <ul className="mt-8 border-t-2 border-ink">
      {order.shopOrders.map((part) => {
        const things = order.items.filter((item) => item.shopId === part.shopId)
        return (
          <li key={part.id} className="flex items-center gap-4 border-b border-rule py-[.9rem]">
            <Picture src={things[0]?.image} className="size-[60px] flex-none rounded-2" eager />
            <div className="min-w-0 flex-1">
              <p className="font-strong">{part.shopName}</p>
              <p className="truncate text-small text-ink-2">
                {things.map((item) => `${item.quantity} × ${splitTitle(item.title).name}`).join(', ')}
              </p>
            </div>
            <Status kind="shop_order" state={part.status} className="text-small" />
          </li>
        )
      })}
    </ul>
  )
}
