import { Button, Center } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Loaded } from './Loaded'

/** A part of a list, and where the next one begins. */
export interface Part<T> {
  items: T[]
  next?: string | null
}

interface Props<T> {
  query: UseInfiniteQueryResult<InfiniteData<Part<T>>, Error>
  height: number
  children: (items: T[]) => ReactNode
}

/** A list as far as it was asked for, and a way to ask for more. */
export function Parts<T>({ query, height, children }: Props<T>) {
  const { t } = useTranslation()
  return (
    <>
      <Loaded query={query} height={height}>
        {({ pages }) => children(pages.flatMap((part) => part.items))}
      </Loaded>
      {query.hasNextPage && (
        <Center mt="md">
          <Button
            variant="default"
            size="xs"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('more')}
          </Button>
        </Center>
      )}
    </>
  )
}

/** How an infinite query finds its next part. */
export const byParts = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (part: { next?: string | null }) => part.next ?? undefined,
}
