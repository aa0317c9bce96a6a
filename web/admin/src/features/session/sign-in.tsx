import { useMutation, useQueryClient } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { ApiError } from '../../../../../client/api-error.ts'
import { HundiMark } from '../../../../ui/brand.tsx'
import { Button } from '../../../../ui/button.tsx'
import { Field } from '../../../../ui/field.tsx'
import { queryClient, sessionApi, USER_KEY } from '../../lib/api.ts'
import { usePageTitle } from '../../lib/page-title.ts'

type Missing = { email?: string; password?: string }

/** The door of the panel. */
export function SignIn() {
  usePageTitle('Sign in')
  const client = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  const [missing, setMissing] = useState<Missing>({})
  const signIn = useMutation({
    mutationFn: (credentials: { email: string; password: string }) => sessionApi.signIn(credentials),
    onSuccess: () => {
      // What somebody else has seen is not for who signs in now.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== USER_KEY[0] })
      return client.invalidateQueries({ queryKey: USER_KEY })
    },
  })

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (signIn.isPending) return
    const entered = new FormData(event.currentTarget)
    const email = textOf(entered.get('email')).trim()
    const password = textOf(entered.get('password'))
    const found: Missing = {
      ...(/^\S+@\S+$/.test(email) ? {} : { email: 'An e-mail address, such as meera@example.com.' }),
      ...(password === '' ? { password: 'Your password, please.' } : {}),
    }
    setMissing(found)
    const first = found.email ? 'email' : found.password ? 'password' : null
    if (first) form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus()
    else signIn.mutate({ email, password })
  }

  return (
    <Door title="Sign in to the panel">
      <form ref={form} onSubmit={submit} noValidate className="mt-6 grid gap-4">
        <Field label="E-mail" name="email" type="email" autoComplete="username" error={missing.email} autoFocus />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          error={missing.password}
        />
        {signIn.error && (
          <p role="alert" className="flex items-start gap-2 text-small font-medium text-failed">
            <TriangleAlert size={16} strokeWidth={1.7} aria-hidden="true" className="mt-px flex-none" />
            {problemOf(signIn.error)}
          </p>
        )}
        <Button type="submit" size="touch" busy={signIn.isPending} busyLabel="Signing in" className="mt-1">
          Sign in
        </Button>
      </form>
    </Door>
  )
}

/** For somebody who is signed in and is no admin. */
export function AdminsOnly({ name, email }: { name: string; email: string }) {
  usePageTitle('For admins only')
  const signOut = useMutation({
    mutationFn: () => sessionApi.signOut(),
    onSettled: () => queryClient.invalidateQueries({ queryKey: USER_KEY }),
  })
  return (
    <Door title="This panel is for admins">
      <p className="mt-3 text-read text-ink-2">
        You are signed in as {name} ({email}), and this account is not an admin. An admin can change that, or you sign
        in with another account.
      </p>
      <div className="mt-6 flex flex-wrap gap-3">
        <Button busy={signOut.isPending} busyLabel="Signing out" onClick={() => signOut.mutate()}>
          Sign in as someone else
        </Button>
        <a href="/" className="link self-center px-2">
          Go to the shop
        </a>
      </div>
    </Door>
  )
}

function Door({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="panel-door min-h-dvh bg-page">
      <div className="spine" aria-hidden="true" />
      <main className="mx-auto w-full max-w-[420px] px-5 py-[max(3rem,16dvh)]">
        <div className="mb-8 flex items-center gap-3">
          <HundiMark className="size-10" />
          <span className="text-[1.75rem] leading-none font-semibold tracking-[-0.012em]">Hundi</span>
        </div>
        <h1 className="text-h1">{title}</h1>
        {children}
      </main>
    </div>
  )
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : ''
}

function problemOf(error: Error): string {
  if (!(error instanceof ApiError)) return 'That did not work. Nothing changed; try once more.'
  if (error.status === 401 || error.status === 403) return 'E-mail and password do not belong together.'
  if (error.code === 'rate_limited') return 'Too many tries. Wait a minute, then try once more.'
  if (error.status === 0) return 'The server does not answer. Nothing changed; try once more.'
  return error.message
}
