import { Alert, Badge, Button, Grid, Group, Paper, Stack, Table, Text, Textarea, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Back } from '../ui/Back'
import { Loaded } from '../ui/Loaded'

export function Contact() {
  const { t } = useTranslation()
  const { tenant, contact } = useParams({ from: '/t/$tenant/contacts/$contact' })
  const path = { params: { path: { tenant, contact } } }
  const one = useQuery({
    queryKey: ['live', tenant, 'contact', contact],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/contacts/{contact}', path)),
  })
  return (
    <Stack>
      <Back tenant={tenant} to="contacts" label={t('contacts.back')} />
      <Loaded query={one} height={320}>
        {(card) => (
          <>
            <Group>
              <Title order={1} size="h3">
                {card.name || card.id}
              </Title>
              {card.segment !== null && <Badge variant="light">{card.segment}</Badge>}
            </Group>
            <Grid>
              <Grid.Col span={{ base: 12, lg: 5 }}>
                <Card of={card} />
              </Grid.Col>
              <Grid.Col span={{ base: 12, lg: 7 }}>
                <Stack>
                  <Notes tenant={tenant} of={card} />
                  <History tenant={tenant} of={card} />
                </Stack>
              </Grid.Col>
            </Grid>
          </>
        )}
      </Loaded>
    </Stack>
  )
}

function Card({ of }: { of: Schema<'Contact'> }) {
  const { t } = useTranslation()
  const rows = [
    [t('contacts.phones'), of.phones.join(', ')],
    [t('contacts.emails'), of.emails.join(', ')],
    [t('contacts.language'), of.language ?? ''],
    [t('contacts.external_id'), of.external_id ?? ''],
    ...Object.entries(of.fields),
  ] as [string, string][]
  return (
    <Paper withBorder p="md">
      <Table verticalSpacing={6}>
        <Table.Tbody>
          {rows
            .filter(([, value]) => value !== '')
            .map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td>{value}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Paper>
  )
}

function Notes({ tenant, of }: { tenant: string; of: Schema<'Contact'> }) {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  const [text, write] = useState('')
  const add = useMutation({
    mutationFn: () =>
      data(
        api.POST('/api/v1/tenants/{tenant}/contacts/{contact}/notes', {
          params: { path: { tenant, contact: of.id } },
          body: { text },
        }),
      ),
    onSuccess: async () => {
      write('')
      await queries.invalidateQueries({ queryKey: ['live', tenant, 'contact', of.id] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Paper withBorder p="md" component="form" onSubmit={submit}>
      <Title order={2} size="h5" mb="sm">
        {t('contacts.notes')}
      </Title>
      <Textarea
        label={t('contacts.note')}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        autosize
        minRows={2}
      />
      {add.error !== null && (
        <Alert color="red" mt="xs">
          {add.error.message}
        </Alert>
      )}
      <Group justify="flex-end" mt="xs">
        <Button type="submit" size="xs" loading={add.isPending} disabled={text.trim() === ''}>
          {t('contacts.add')}
        </Button>
      </Group>
      <Stack gap="sm" mt="sm">
        {[...of.notes].reverse().map((note, index) => (
          <div key={index}>
            <Text size="sm" c="dimmed">
              {moment.format(Date.parse(note.at))}, {note.author}
            </Text>
            <Text style={{ whiteSpace: 'pre-wrap' }}>{note.text}</Text>
          </div>
        ))}
      </Stack>
    </Paper>
  )
}

/** The latest interactions from the contact's first number. */
function History({ tenant, of }: { tenant: string; of: Schema<'Contact'> }) {
  const { t, i18n } = useTranslation()
  const ani = of.phones[0] ?? of.emails[0]
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  const latest = useQuery({
    queryKey: ['live', tenant, 'contact', of.id, 'interactions'],
    queryFn: () => {
      const query = { ani, limit: 10 }
      return data(api.GET('/api/v1/tenants/{tenant}/interactions', { params: { path: { tenant }, query } }))
    },
    enabled: ani !== undefined,
  })
  if (!latest.data || latest.data.items.length === 0) return null
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('interactions.title')}
      </Title>
      <Stack gap={4} align="flex-start">
        {latest.data.items.map((one) => (
          <Button
            key={one.id}
            variant="subtle"
            size="compact-sm"
            renderRoot={(props) => (
              <Link to="/t/$tenant/interactions/$interaction" params={{ tenant, interaction: one.id }} {...props} />
            )}
          >
            {[moment.format(Date.parse(one.arrived_at)), one.channel, one.queue].filter(Boolean).join(' · ')}
          </Button>
        ))}
      </Stack>
    </Paper>
  )
}
