import { useQuery } from '@tanstack/react-query'
import { adminsQuery } from './watch-queries.ts'

/** Names an admin whom the API gives by id; somebody who is no admin any more is "an admin" of that time. */
export function useAdminName(): (id: string) => string {
  const { data: admins } = useQuery(adminsQuery)
  return (id) => admins?.find((admin) => admin.id === id)?.name ?? 'an admin'
}
