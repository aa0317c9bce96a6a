import { useId, useState } from 'react'

/** Something raw that few people want to see: closed until it is asked for. */
export function Folded({ label, body }: { label: string; body: string }) {
  const [isOpen, setIsOpen] = useState(false)
  const id = useId()
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setIsOpen(!isOpen)}
        className="fold text-small"
      >
        {label}
      </button>
      {isOpen && (
        <pre id={id} tabIndex={0} aria-label={label} className="fold-body">
          {body}
        </pre>
      )}
    </>
  )
}
