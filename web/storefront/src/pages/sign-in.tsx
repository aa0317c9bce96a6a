import { Link, useRouter, useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { ApiError } from '../../../../client/api-error.ts'
import { useSignIn, useSignOut, useSignUp, useUser } from '../../../../client/hooks.tsx'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Field } from '../../../ui/field.tsx'
import { Glyph } from '../../../ui/glyph.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { accountProblem, accountRefusal, type AccountField } from '../features/account/account-words.ts'
import { usePageTitle } from '../lib/use-page-title.ts'

/** Sign in, make an account, or see who is signed in. */
export function SignInPage() {
  const user = useUser()
  usePageTitle(user.data ? 'Your account' : 'Sign in')
  return (
    <div className="mx-auto max-w-[460px] px-5 pt-8 pb-4 lg:pt-14">
      {user.isPending ? <Skeleton label="One moment" rows={3} /> : user.data ? <Account /> : <SignInForm />}
    </div>
  )
}

function Account() {
  const user = useUser().data
  const signOut = useSignOut()
  return (
    <>
      <h1 className="shop-face text-[2.15rem] lg:text-[2.9rem]">{user?.name}</h1>
      <p className="mt-2 text-read text-ink-2">{user?.email}</p>
      <div className="mt-7 flex flex-col gap-3">
        <Link to="/orders" className={buttonClass({ size: 'hero' })}>
          My orders
        </Link>
        <Button
          variant="outline"
          size="hero"
          busy={signOut.isPending}
          busyLabel="Signing out"
          onClick={() => signOut.mutate()}
        >
          Sign out
        </Button>
      </div>
    </>
  )
}

function SignInForm() {
  const [isNew, setNew] = useState(false)
  const [problems, setProblems] = useState<{ [Field in AccountField]?: string | undefined }>({})
  const router = useRouter()
  const { to } = useSearch({ strict: false }) as { to?: string }
  const signIn = useSignIn()
  const signUp = useSignUp()
  const doing = isNew ? signUp : signIn

  const goOn = () => router.history.push(to ?? '/')
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const value = (field: AccountField) => String(form.get(field) ?? '')
    const asked: AccountField[] = isNew ? ['name', 'email', 'password'] : ['email', 'password']
    const found: Partial<Record<AccountField, string>> = {}
    for (const field of asked) {
      const problem = accountProblem(field, value(field), isNew)
      if (problem !== null) found[field] = problem
    }
    setProblems(found)
    const first = asked.find((field) => found[field] !== undefined)
    if (first !== undefined) return document.getElementById(`account-${first}`)?.focus()
    const credentials = { email: value('email').trim(), password: value('password') }
    if (isNew) signUp.mutate({ ...credentials, name: value('name').trim() }, { onSuccess: goOn })
    else signIn.mutate(credentials, { onSuccess: goOn })
  }
  const field = (name: AccountField) => ({
    id: `account-${name}`,
    name,
    error: problems[name] ?? null,
    onBlur: (event: { target: { value: string } }) => {
      const problem = event.target.value === '' ? null : accountProblem(name, event.target.value, isNew)
      setProblems((known) => ({ ...known, [name]: problem ?? undefined }))
    },
  })
  return (
    <form noValidate onSubmit={submit}>
      <h1 className="shop-face text-[2.15rem] lg:text-[2.9rem]">{isNew ? 'Make an account' : 'Sign in'}</h1>
      <p className="mt-2 text-read text-ink-2">
        {isNew
          ? 'It keeps your orders and your box, on every device.'
          : 'Your box comes with you. You can also order without an account.'}
      </p>
      <div className="mt-6 grid gap-4">
        {isNew && <Field {...field('name')} label="Name" autoComplete="name" maxLength={100} />}
        <Field {...field('email')} label="E-mail" type="email" inputMode="email" autoComplete="email" maxLength={254} />
        <Field
          {...field('password')}
          label="Password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          maxLength={128}
          help={isNew ? 'Eight letters or more; a sentence is good.' : undefined}
        />
      </div>
      {doing.isError && (
        <p role="alert" className="mt-4 flex gap-2 font-medium text-failed">
          <Glyph look="failed" className="mt-[3px]" />
          {accountRefusal(doing.error instanceof ApiError ? doing.error : null, isNew)}
        </p>
      )}
      <div className="mt-6 grid gap-3">
        <Button type="submit" size="hero" busy={doing.isPending} busyLabel={isNew ? 'Making it' : 'Signing in'}>
          {isNew ? 'Make the account' : 'Sign in'}
        </Button>
        <Button
          variant="quiet"
          size="touch"
          onClick={() => {
            setProblems({})
            signIn.reset()
            signUp.reset()
            setNew(!isNew)
          }}
        >
          {isNew ? 'I have an account' : 'Make an account instead'}
        </Button>
      </div>
    </form>
  )
}
