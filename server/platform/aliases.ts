import { invalidField } from './errors.ts'

/**
 * The value of a field that goes by two names, for clients that know it by the other one.
 *
 * @throws validation_failed naming the alias when both are given and say different things
 */
export function underEitherName<
  Body extends object,
  Name extends keyof Body & string,
  Alias extends keyof Body & string,
>(body: Body, name: Name, alias: Alias): Body[Name] | Body[Alias] | undefined {
  const [value, other]: [unknown, unknown] = [body[name], body[alias]]
  if (value !== undefined && other !== undefined && value !== other) {
    throw invalidField(alias, `says something else than ${name}`)
  }
  return body[name] ?? body[alias]
}
