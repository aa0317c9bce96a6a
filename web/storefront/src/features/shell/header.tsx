import { Link } from '@tanstack/react-router'
import { ShoppingCart, UserRound } from 'lucide-react'
import { useCart, useShops, useUser } from '../../../../../client/hooks.tsx'
import { countOf } from '../../../../ui/format.ts'
import { Logo } from '../../lib/logo.tsx'
import { SearchBox } from './search-box.tsx'

const NAV = 'flex h-11 items-center gap-[.4rem] rounded-2 px-2 font-medium hover:bg-hover'

export function Header() {
  const user = useUser()
  const cart = useCart()
  return (
    <header>
      <FreeDelivery />
      <div className="wrap flex h-[60px] items-center gap-3 lg:h-19 lg:gap-8">
        <Link to="/" aria-label="Saat Dabbe, to the shop" className="rounded-2">
          <Logo />
        </Link>
        <SearchBox className="hidden max-w-[460px] flex-1 lg:flex" />
        <nav aria-label="Shop" className="-mr-2 ml-auto flex items-center lg:-mr-1 lg:gap-2">
          <Link to="/" hash="shops" className={`${NAV} hidden lg:flex`}>
            Shops
          </Link>
          <Link to="/orders" className={NAV}>
            Orders
          </Link>
          <Link to="/sign-in" className={NAV} aria-label={user.data ? `Your account, ${user.data.name}` : 'Sign in'}>
            <UserRound size={18} strokeWidth={1.7} aria-hidden="true" />
            <span className="hidden max-w-[12ch] truncate lg:inline">
              {user.data ? firstName(user.data.name) : 'Sign in'}
            </span>
          </Link>
          <Link to="/cart" className={`${NAV} relative`} aria-label={`Your box, ${countOf(cart.count, 'thing')}`}>
            <ShoppingCart size={18} strokeWidth={1.7} aria-hidden="true" />
            <span
              aria-hidden="true"
              className="num absolute top-0.5 -right-1 min-w-[18px] rounded-full bg-pop px-1 text-center text-[.6875rem] leading-[18px] font-semibold text-pop-ink"
              style={{ visibility: cart.count === 0 ? 'hidden' : 'visible' }}
            >
              {cart.count > 99 ? '99+' : cart.count}
            </span>
          </Link>
        </nav>
      </div>
      <div className="wrap pb-3 lg:hidden">
        <SearchBox className="flex" />
      </div>
    </header>
  )
}

/** One line above everything, only when some shop really delivers for free. */
function FreeDelivery() {
  const shops = useShops()
  const isTrue = shops.data === undefined || shops.data.some((shop) => shop.freeDeliveryAbove !== null)
  if (!isTrue) return null
  return (
    <p className="bg-band px-4 py-2 text-center text-small text-band-ink">
      Free delivery from each shop above its own small limit
    </p>
  )
}

function firstName(name: string): string {
  return name.trim().split(/\s+/)[0] ?? name
}
