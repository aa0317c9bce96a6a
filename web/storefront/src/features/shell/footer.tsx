import { Link } from '@tanstack/react-router'
import { Logo } from '../../lib/logo.tsx'

export function Footer() {
  return (
    <footer className="mt-20 bg-band text-band-ink [--focus:var(--band-ink)]">
      <div className="wrap grid gap-5 py-10 lg:grid-cols-[1.4fr_1fr_1fr] lg:gap-12">
        <div>
          <Logo />
          <p className="mt-3 max-w-[36ch] text-small opacity-85">
            An invented shop. It exists to show how Hundi takes an order and looks after the money.
          </p>
        </div>
        <div className="text-small">
          <h2 className="font-strong">If a payment goes wrong</h2>
          <p className="mt-[.4rem] opacity-85">
            A payment that comes twice goes back by itself. One that comes late confirms your order if everything is
            still there, or goes back. What becomes of any other the order’s page says.
          </p>
        </div>
        <div className="text-small">
          <h2 className="font-strong">Help</h2>
          <p className="mt-[.4rem] flex flex-wrap gap-x-4 opacity-85">
            <Link to="/orders" className="inline-flex min-h-11 items-center underline underline-offset-3 lg:min-h-0">
              Your orders
            </Link>
            <Link to="/products" className="inline-flex min-h-11 items-center underline underline-offset-3 lg:min-h-0">
              All things
            </Link>
          </p>
        </div>
      </div>
    </footer>
  )
}
