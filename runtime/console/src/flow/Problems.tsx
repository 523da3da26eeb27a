import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Place, Problem } from './places'
import { problemOf } from './words'

const COLOURS = { error: 'red', warning: 'orange', info: 'gray' }

/** What is wrong; each leads to its place. */
export function Problems({ all, goTo }: { all: Problem[]; goTo: (place: Place) => void }) {
  const { t } = useTranslation()
  return (
    <Paper withBorder p="sm">
      <Title order={2} size="h5">
        {t('studio.problems')}
      </Title>
      <Text size="sm" c="dimmed" role="status">
        {all.length === 0 ? t('studio.no_problems') : t('studio.count', { count: all.length })}
      </Text>
      <Stack gap={4} mah={180} style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label={t('studio.problems')}>
        {all.map((problem, index) => (
          <Group key={index} gap="xs" wrap="nowrap">
            <Button size="compact-xs" variant="default" onClick={() => goTo({ ...problem })}>
              {problem.line}:{problem.column}
            </Button>
            <Badge variant="light" color={COLOURS[problem.severity]} style={{ flexShrink: 0 }}>
              {t(`studio.severity.${problem.severity}`)}
            </Badge>
            <Text size="sm">{problemOf(t, problem)}</Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  )
}
