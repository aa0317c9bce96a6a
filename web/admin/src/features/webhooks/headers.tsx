/** The headers of a delivery, as they came. */
export function Headers({ headers }: { headers: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(headers)
  if (entries.length === 0) return <p className="text-ink-2">None were kept.</p>
  return (
    <dl className="facts is-raw">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt className="id">{name}</dt>
          <dd className="id">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
