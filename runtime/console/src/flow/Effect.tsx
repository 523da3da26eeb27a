import { List, Paper, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'

interface Props {
  tenant: string
  flow: string
  script: string
}

/** What the script would have done for yesterday's callers. */
export function Effect({ tenant, flow, script }: Props) {
  const { t, i18n } = useTranslation()
  const effect = useQuery({
    queryKey: ['effect', tenant, flow, script],
    queryFn: () =>
      data(
        api.POST('/api/v1/tenants/{tenant}/flows/{flow}/effect', {
          params: { path: { tenant, flow } },
          body: { script },
        }),
      ),
    placeholderData: (before) => before,
    staleTime: Infinity,
    retry: false,
  })
  const found = effect.data
  if (found === undefined) return null
  const number = new Intl.NumberFormat(i18n.language)
  const points = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1, signDisplay: 'always' })
  const contained =
    found.contained_before === null || found.contained_after === null
      ? null
      : (found.contained_after - found.contained_before) * 100
  return (
    <Paper withBorder p="sm">
      <Title order={2} size="h5">
        {t('studio.yesterday')}
      </Title>
      {found.callers === 0 ? (
        <Text size="sm" c="dimmed">
          {t('studio.nobody')}
        </Text>
      ) : (
        <>
          <Text size="sm">
            {t('studio.moved', {
              moved: number.format(found.moved),
              callers: number.format(found.callers),
              loops: number.format(found.loops),
              failures: number.format(found.failures),
            })}
            {contained !== null && ` ${t('studio.contained', { points: points.format(contained) })}`}
          </Text>
          <List size="sm">
            {found.moves.slice(0, 5).map((move) => (
              <List.Item key={`${move.from}>${move.to}`}>
                {number.format(move.callers)}: {move.from || t('studio.nowhere')} → {move.to || t('studio.nowhere')}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Paper>
  )
}
