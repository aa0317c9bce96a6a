import { Field, Select } from '../../../../ui/field.tsx'
import { INDIAN_STATES, stateOfPin } from '../../../../../shared/india.ts'
import { phoneDigits, type AddressField, type AddressForm } from './address.ts'

/** The id of a field's control, for moving the focus to what is wrong. */
export const fieldId = (field: AddressField) => `checkout-${field}`

/**
 * Where the box goes. A field is checked when it is left, and on each key once it was wrong.
 *
 * @param askEmail guests have no account whose address could be used
 */
export function AddressFields({
  form,
  problems,
  askEmail,
  onChange,
  onLeave,
}: {
  form: AddressForm
  problems: Partial<Record<AddressField, string>>
  askEmail: boolean
  onChange: (changes: Partial<AddressForm>) => void
  onLeave: (field: AddressField) => void
}) {
  const field = (name: AddressField) => ({
    id: fieldId(name),
    name,
    value: form[name],
    error: problems[name] ?? null,
    onBlur: () => onLeave(name),
  })
  const text = (name: AddressField) => ({
    ...field(name),
    onChange: (event: { target: { value: string } }) => onChange({ [name]: event.target.value }),
  })
  const changePin = (value: string) => {
    const before = stateOfPin(form.postalCode)
    const state = stateOfPin(value)
    // Fills the state, but never overwrites one that the shopper picked differently.
    const isOurs = form.state === '' || form.state === before
    onChange({ postalCode: value, ...(state !== undefined && isOurs ? { state } : {}) })
  }
  return (
    <div className="mt-4 grid grid-cols-1 gap-4 sm:grid-cols-6">
      {askEmail && (
        <Field
          {...text('email')}
          label="E-mail"
          type="email"
          inputMode="email"
          autoComplete="email"
          maxLength={254}
          wrapperClassName="sm:col-span-6"
        />
      )}
      <Field {...text('name')} label="Name" autoComplete="name" maxLength={120} wrapperClassName="sm:col-span-3" />
      <div className="relative sm:col-span-3">
        <Field
          {...text('phone')}
          onBlur={() => {
            onChange({ phone: phoneDigits(form.phone) })
            onLeave('phone')
          }}
          label="Phone, for the courier"
          type="tel"
          inputMode="tel"
          autoComplete="tel-national"
          maxLength={20}
          className="num pl-[3.1rem]"
        />
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-[1.425rem] left-[.8rem] flex h-[46px] items-center text-[1rem] text-ink-3"
        >
          +91
        </span>
      </div>
      <Field
        {...field('postalCode')}
        onChange={(event) => changePin(event.target.value)}
        label="PIN code"
        inputMode="numeric"
        autoComplete="postal-code"
        maxLength={7}
        className="num"
        wrapperClassName="sm:col-span-2"
      />
      <Field
        {...text('line1')}
        label="House and street"
        autoComplete="address-line1"
        maxLength={220}
        wrapperClassName="sm:col-span-4"
      />
      <Field
        {...text('line2')}
        label="Landmark or flat, if it helps"
        autoComplete="address-line2"
        maxLength={220}
        wrapperClassName="sm:col-span-6"
      />
      <Field
        {...text('city')}
        label="Town or city"
        autoComplete="address-level2"
        maxLength={120}
        wrapperClassName="sm:col-span-3"
      />
      <Select {...text('state')} label="State" autoComplete="address-level1" wrapperClassName="sm:col-span-3">
        <option value="">Pick one</option>
        {INDIAN_STATES.map((state) => (
          <option key={state} value={state}>
            {state}
          </option>
        ))}
      </Select>
    </div>
  )
}
