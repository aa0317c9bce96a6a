import { Button } from '../../../ui/button.tsx'

/** The way to the rows after those that are shown; nothing when there are none. */
export function MoreRows({
  list,
  words,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
  words: string
}) {
  if (!list.hasNextPage) return null
  return (
    <div className="pt-4">
      <Button
        variant="outline"
        size="compact"
        busy={list.isFetchingNextPage}
        busyLabel="Asking"
        onClick={() => void list.fetchNextPage()}
      >
        {words}
      </Button>
    </div>
  )
}
