import { Button } from '../../../ui/button.tsx'
import { ErrorState } from '../../../ui/empty.tsx'
import { readProblem } from './api.ts'

/** A list or page that could not be read, with a way to ask again. */
export function ReadError({
  title,
  error,
  onAgain,
  level,
}: {
  title: string
  error: unknown
  onAgain: () => void
  level?: 1 | 2
}) {
  const { message, reference } = readProblem(error)
  return (
    <ErrorState
      title={title}
      reference={reference}
      action={<Button onClick={onAgain}>Ask again</Button>}
      {...(level ? { level } : {})}
    >
      {message}
    </ErrorState>
  )
}
