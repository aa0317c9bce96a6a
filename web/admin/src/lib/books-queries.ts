import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { AccountFilter, LineFilter, RunFilter, StatementFilter } from '../../../../client/admin-books.ts'
import { adminApi } from './api.ts'

const RUNS_EVERY_MS = 10_000
const RUNNING_EVERY_MS = 1_000
/** The books of a busy shop fill as one reads; a statement is read at leisure. */
const ACCOUNTS_EVERY_MS = 30_000
/** The most a page of accounts may hold. */
const ACCOUNTS_PAGE = 100

export function runsQuery(filter: Omit<RunFilter, 'cursor'>) {
  return infiniteQueryOptions({
    queryKey: ['runs', 'list', filter],
    queryFn: ({ signal, pageParam }) => adminApi.listRuns({ ...filter, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some((run) => run.status === 'running'))
        ? RUNNING_EVERY_MS
        : RUNS_EVERY_MS,
  })
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ['runs', 'run', id],
    queryFn: ({ signal }) => adminApi.getRun(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? RUNNING_EVERY_MS : false),
  })
}

/** @param isRunning lines still come */
export function runLinesQuery(
  id: string,
  filter: Pick<LineFilter, 'subject' | 'outcome' | 'open'>,
  isRunning: boolean,
) {
  return infiniteQueryOptions({
    // Part of the key, so that the lines are asked for once more when the last of them has come.
    queryKey: ['runs', 'lines', id, filter, isRunning],
    queryFn: ({ signal, pageParam }) => adminApi.listRunLines(id, { ...filter, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: isRunning ? RUNNING_EVERY_MS * 3 : false,
    placeholderData: keepPreviousData,
  })
}

export function accountsQuery(filter: Pick<AccountFilter, 'at' | 'kind'>) {
  return infiniteQueryOptions({
    queryKey: ['ledger', 'accounts', filter],
    queryFn: ({ signal, pageParam }) =>
      adminApi.listAccounts({ ...filter, limit: ACCOUNTS_PAGE, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: filter.at === undefined ? ACCOUNTS_EVERY_MS : false,
    placeholderData: keepPreviousData,
  })
}

export function statementQuery(filter: Omit<StatementFilter, 'cursor' | 'limit'>) {
  return infiniteQueryOptions({
    queryKey: ['ledger', 'statement', filter],
    queryFn: ({ signal, pageParam }) => adminApi.getStatement({ ...filter, limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}
