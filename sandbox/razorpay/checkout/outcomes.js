/** The list of what can happen: the first six at once, with keys, and all the others behind a link. */
import { dashes, element } from '/assets/element.js'

const WITH_KEYS = 6

/** Once an order is paid, these are still possible. */
const POSSIBLE_WHEN_PAID = new Set(['double_capture', 'closed', 'forged_page', 'forged_webhook'])

/**
 * @param facts what the sandbox says of the order
 * @param {(scenario: object) => void} onChange called with the chosen scenario, at once and on each change
 */
export function outcomePicker(facts, onChange) {
  const possible = facts.scenarios.filter((each) => facts.notPayable === null || POSSIBLE_WHEN_PAID.has(each.name))
  const inputs = new Map()
  let chosen = possible[0]
  const reasons = element(
    'select',
    { id: 'reason', 'data-failure': true },
    ...facts.failures.map(({ reason, title }) => element('option', { value: reason }, `${title} (${reason})`)),
  )
  const why = element('label', { class: 'field why', hidden: true }, element('span', {}, 'Reason'), reasons)

  const row = (scenario, at) => {
    const input = element('input', { type: 'radio', name: 'outcome', value: scenario.name, class: 'unseen' })
    inputs.set(scenario.name, input)
    input.addEventListener('change', () => choose(scenario.name))
    return element(
      'label',
      { class: 'outcome', 'data-outcome': scenario.name },
      input,
      element('span', { class: 'dot', 'aria-hidden': 'true' }),
      element(
        'span',
        { class: 'words' },
        element('b', {}, scenario.title),
        ' ',
        element('span', { class: 'id' }, scenario.name),
        element('span', { class: 'description' }, scenario.description),
      ),
      dashes(scenario),
      at < WITH_KEYS ? element('kbd', {}, at + 1) : element('span', { class: 'no-key' }),
    )
  }
  const rows = possible.map(row)
  const more = element('div', { class: 'outcomes', hidden: true }, ...rows.slice(WITH_KEYS))
  const link = element(
    'button',
    { type: 'button', class: 'link', 'data-action': 'all' },
    `All ${rows.length} scenarios`,
  )
  link.addEventListener('click', () => {
    more.hidden = false
    link.hidden = true
    more.querySelector('input')?.focus()
  })

  function choose(name, failure) {
    const scenario = possible.find((each) => each.name === name)
    if (scenario === undefined) return
    chosen = scenario
    inputs.get(name).checked = true
    if (failure !== undefined) reasons.value = failure
    // The reason belongs to the row that fails, so it opens right under it.
    why.hidden = scenario.page !== 'refused' || scenario.api === 'never'
    if (!why.hidden) inputs.get(name).closest('.outcome').after(why)
    onChange(scenario)
  }
  choose(chosen.name)

  return {
    nodes: [
      facts.notPayable !== null && element('p', { class: 'said' }, facts.notPayable),
      element(
        'div',
        { class: 'heading' },
        element('b', { id: 'what' }, 'What should happen'),
        element(
          'span',
          { class: 'columns-of-dashes', 'aria-hidden': 'true' },
          ...['Page', 'Hook', 'API'].map((name) => element('span', {}, name)),
        ),
      ),
      element(
        'div',
        { role: 'radiogroup', 'aria-labelledby': 'what' },
        element('div', { class: 'outcomes' }, ...rows.slice(0, WITH_KEYS)),
        more,
      ),
      rows.length > WITH_KEYS && link,
    ].filter(Boolean),
    choose,
    chosen: () => chosen,
    failure: () => (why.hidden ? undefined : reasons.value),
    /** The keys 1 to 6. */
    press(key) {
      const scenario = possible[Number(key) - 1]
      if (/^[1-6]$/.test(key) && scenario !== undefined) {
        choose(scenario.name)
        inputs.get(scenario.name).focus()
      }
    },
  }
}

/** What will be seen, when: solid for what happens at once, stitched for what comes later. */
export function storyOf(scenario) {
  return scenario.story.map(({ at, text, certain }) =>
    element('li', { class: certain ? null : 'later' }, element('span', { class: 'at' }, at), element('span', {}, text)),
  )
}
