/** A tax rate in basis points as people write it: 500 is `5 %`, 1250 is `12.5 %`. */
export function taxRate(bps: number): string {
  const percent = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 2 }).format(bps / 100)
  return `${percent} %`
}
