import { invalidField } from './errors.ts'

/**
 * The value of a field that goes by two names, for clients that know it by the other one.
 *
 * @throws validation_failed naming the alias when both are given and say different things
 */
export function underEitherName<Name extends string, Alias extends string, T>(
  body: { [Key in Name | Alias]?: T },
  name: Name,
  alias: Alias,
): T | undefined {
  const [value, other] = [body[name], body[alias]]
  if (value !== undefined && other !== undefined && value !== other) {
    throw invalidField(alias, `says something else than ${name}`)
  }
  return value ?? other
}
