import { Type, type Static } from 'typebox'
import { CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'

export const ROLES = ['customer', 'seller', 'admin'] as const
export type Role = (typeof ROLES)[number]
export const Role = Type.Union([Type.Literal('customer'), Type.Literal('seller'), Type.Literal('admin')])

const email = Type.String({ format: 'email', maxLength: 254 })
const personName = Type.String({ minLength: 1, maxLength: 100 })
/** Long enough for any pass phrase; longer ones only cost the hash time. */
const password = Type.String({ minLength: 8, maxLength: 128 })

export const SignUpBody = Type.Object(
  { name: personName, email, password, rememberMe: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
)
export type SignUpBody = Static<typeof SignUpBody>

export const SignInBody = Type.Object(
  {
    email,
    password: Type.String({ minLength: 1, maxLength: 128 }),
    rememberMe: Type.Optional(Type.Boolean({ description: 'False ends the session with the browser' })),
  },
  { additionalProperties: false },
)
export type SignInBody = Static<typeof SignInBody>

export const UpdateOwnUserBody = Type.Object({ name: personName }, { additionalProperties: false })

export const ChangePasswordBody = Type.Object(
  {
    currentPassword: Type.String({ minLength: 1, maxLength: 128 }),
    newPassword: password,
    revokeOtherSessions: Type.Optional(Type.Boolean({ description: 'Always true: other sessions end' })),
  },
  { additionalProperties: false },
)

export const RevokeSessionBody = Type.Object(
  { token: Type.String({ maxLength: 200, description: 'As listed by list-sessions' }) },
  { additionalProperties: false },
)

export const BanUserBody = Type.Object(
  {
    userId: Id,
    banReason: Type.Optional(Type.String({ maxLength: 500 })),
    banExpiresIn: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000, description: 'Seconds' })),
  },
  { additionalProperties: false },
)

export type BanUserBody = Static<typeof BanUserBody>

export const UnbanUserBody = Type.Object({ userId: Id }, { additionalProperties: false })

export const SetUserPasswordBody = Type.Object({ userId: Id, newPassword: password }, { additionalProperties: false })

/** A user as sign-in, sign-up and get-session answer it. */
export const SessionUser = Type.Object({
  id: Id,
  name: Type.String(),
  email: Type.String(),
  role: Role,
  shopId: Nullable(Id),
})
export type SessionUser = Static<typeof SessionUser>

export const SignedIn = Type.Object({
  token: Type.String({ description: 'Send it as Authorization: Bearer; browsers have it in a cookie' }),
  user: SessionUser,
})
export type SignedIn = Static<typeof SignedIn>

/** What sign-up answers, whether the address was free or not. */
export const SignedUp = Type.Object({ success: Type.Literal(true), message: Type.String() })
export type SignedUp = Static<typeof SignedUp>

export const CurrentSession = Nullable(
  Type.Object({ session: Type.Object({ id: Type.String(), expiresAt: Timestamp }), user: SessionUser }),
)
export type CurrentSession = Static<typeof CurrentSession>

/** A user as an admin sees it. */
export const User = Type.Object({
  id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  role: Role,
  shopId: Nullable(Id),
  shopName: Nullable(Type.String()),
  codTrusted: Type.Boolean({ description: 'May pay on delivery without the usual limits' }),
  banned: Type.Boolean(),
  createdAt: Timestamp,
})
export type User = Static<typeof User>

export const UserListQuery = Type.Object({
  ...CursorQuery,
  search: Type.Optional(Type.String({ maxLength: 100, description: 'Part of a name or e-mail address' })),
  role: Type.Optional(Role),
})
export type UserListQuery = Static<typeof UserListQuery>

export const PatchUserBody = Type.Object(
  {
    role: Type.Optional(Role),
    codTrusted: Type.Optional(Type.Boolean()),
    shopId: Type.Optional(Nullable(Id)),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type PatchUserBody = Static<typeof PatchUserBody>
