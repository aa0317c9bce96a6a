import { useEffect, useState } from 'react'

/** Seconds that are left of a wait, counting down: `4 s`. Starts anew with each wait. */
export function Seconds({ ms }: { ms: number }) {
  const [left, setLeft] = useState(ms)
  useEffect(() => {
    const until = Date.now() + ms
    setLeft(ms)
    const timer = setInterval(() => setLeft(Math.max(until - Date.now(), 0)), 250)
    return () => clearInterval(timer)
  }, [ms])
  return <span className="num">{Math.ceil(left / 1000)} s</span>
}
