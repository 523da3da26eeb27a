import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'
import { usual, type Limits } from './limits'

interface Props {
  of: Schema<'Queue'>
  limits: Limits
  save: (limits: Limits) => void
  close: () => void
}

/** Asks when a queue wants attention; an empty field watches nothing. */
export function LimitsDialog({ of, limits, save, close }: Props) {
  const { t } = useTranslation()
  const [draft, change] = useState(limits)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save(draft)
    close()
  }
  // A field is in the units that people think in: percent, seconds, contacts.
  const field = (kind: keyof Limits, times: number, max: number, unit?: string) => (
    <NumberInput
      data-autofocus={kind === 'service_level' || undefined}
      label={t(`board.limit.${kind}`)}
      suffix={unit === undefined ? undefined : ` ${unit}`}
      min={0}
      max={max}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="strict"
      value={draft[kind] === null ? '' : Math.round(draft[kind] * times)}
      onChange={(value) => change({ ...draft, [kind]: typeof value === 'number' ? value / times : null })}
      hideControls
    />
  )
  return (
    <Modal opened onClose={close} title={t('board.limits_of', { queue: of.queue })} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <form onSubmit={submit}>
        <Stack>
          {field('service_level', 100, 100, '%')}
          {field('longest_wait_ms', 1 / 1_000, 86_400, t('board.seconds'))}
          {field('waiting', 1, 100_000)}
          <Text size="sm" c="dimmed">
            {t('board.limits_about')}
          </Text>
          <Group justify="space-between">
            <Button variant="subtle" onClick={() => change(usual(of))}>
              {t('board.usual')}
            </Button>
            <Button type="submit">{t('board.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
