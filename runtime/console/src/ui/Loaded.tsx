import { Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './Failure'

interface Props<T> {
  query: UseQueryResult<T, Error>
  /** Of the place that is kept for it, in pixels. */
  height: number
  children: (data: T) => ReactNode
}

/** What a question to the server has brought: what there is to show, a place for it, or what went wrong. */
export function Loaded<T>({ query, height, children }: Props<T>) {
  if (query.error !== null) return <Failure error={query.error} again={() => void query.refetch()} />
  return query.data === undefined ? <Skeleton h={height} /> : <>{children(query.data)}</>
}
