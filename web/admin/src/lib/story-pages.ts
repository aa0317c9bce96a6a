import type { OrderStory } from '../../../../shared/contract/orders.ts'

/**
 * The newest pages of a story as one. They are read one after another, because each begins where the one after it ended:
 * pages that were read at different times could leave out what happened between them.
 *
 * @param getPage gives the newest page, or the one that a cursor leads to
 */
export async function readStory(
  getPage: (cursor: string | undefined) => Promise<OrderStory>,
  pages: number,
): Promise<OrderStory> {
  let story = await getPage(undefined)
  for (let read = 1; read < pages && story.older !== null; read += 1) {
    const before = await getPage(story.older)
    story = {
      ...story,
      older: before.older,
      events: [...before.events, ...story.events],
      providerCalls: [...before.providerCalls, ...story.providerCalls],
      webhookEvents: [...before.webhookEvents, ...story.webhookEvents],
    }
  }
  return story
}
