import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { SessionUser } from '../../../../../client/api.ts'
import { Button } from '../../../../ui/button.tsx'
import { ErrorState } from '../../../../ui/empty.tsx'
import { readProblem } from '../../lib/api.ts'
import { userQuery } from '../../lib/queries.ts'
import { AdminsOnly, SignIn } from './sign-in.tsx'

/** Lets admins in and tells everybody else what is the matter. The server decides again on every call. */
export function Gate({ children }: { children: (user: SessionUser) => ReactNode }) {
  const { data: user, error, isPending, refetch } = useQuery(userQuery)
  if (isPending) return <div className="min-h-dvh bg-page" aria-busy="true" />
  if (error && user === undefined) {
    const { message, reference } = readProblem(error)
    return (
      <main className="grid min-h-dvh place-items-center bg-page">
        <ErrorState
          level={1}
          title="The server could not be asked who you are"
          reference={reference}
          action={<Button onClick={() => void refetch()}>Ask again</Button>}
        >
          {message}
        </ErrorState>
      </main>
    )
  }
  if (!user) return <SignIn />
  if (user.role !== 'admin') return <AdminsOnly name={user.name} email={user.email} />
  return children(user)
}
