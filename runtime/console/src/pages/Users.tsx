import { Alert, Badge, Button, Code, Group, Modal, MultiSelect, Paper, Select, Stack, Switch, Table, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconUsers } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, Refusal, type Schema } from '../api/client'
import { useSession } from '../api/session'
import { Empty } from '../ui/Empty'
import { Listing } from '../ui/Listing'
import { Loaded } from '../ui/Loaded'

type User = Schema<'User'>
type Role = Schema<'Role'>

const ROLES: Role[] = ['agent', 'supervisor', 'quality', 'planner', 'flow-editor', 'admin']

/** Who may sign in to the tenant, and as what. */
export function Users() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const [edited, edit] = useState<User | 'new'>()
  const [told, tell] = useState<Schema<'UserAdded'>>()
  const users = useQuery({
    queryKey: ['live', tenant, 'users'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/users', { params: { path: { tenant } } })),
  })
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('users.title')}
        </Title>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => edit('new')}>
          {t('users.add')}
        </Button>
      </Group>
      {told?.password && <Told of={told} />}
      <Paper withBorder p="md">
        <Loaded query={users} height={200}>
          {({ items }) =>
            items.length > 0 ? (
              <List all={items} edit={edit} />
            ) : (
              <Empty icon={IconUsers} title={t('users.none')} text={t('users.none_about')} />
            )
          }
        </Loaded>
      </Paper>
      {edited !== undefined && (
        <Editor
          tenant={tenant}
          of={edited}
          close={() => edit(undefined)}
          tell={(added) => {
            tell(added)
            edit(undefined)
          }}
        />
      )}
    </Stack>
  )
}

/** The password that was made up, this once. */
function Told({ of }: { of: Schema<'UserAdded'> }) {
  const { t } = useTranslation()
  return (
    <Alert title={t('users.told', { name: of.user.name })} role="status">
      <Text size="sm" mb="xs">
        {t('users.told_about')}
      </Text>
      <Code block>{of.password}</Code>
    </Alert>
  )
}

function List({ all, edit }: { all: User[]; edit: (user: User) => void }) {
  const { t } = useTranslation()
  const columns = ['name', 'full_name', 'as', 'agent', 'codes'] as const
  return (
    <Listing heads={columns.map((column) => t(`users.${column}`))} minWidth={720}>
      {all.map((one) => (
        <Table.Tr key={one.name}>
          <Table.Th scope="row">
            <Button variant="subtle" size="compact-sm" onClick={() => edit(one)}>
              {one.name}
            </Button>
            {one.disabled && (
              <Badge color="red" variant="light" ml="xs">
                {t('users.disabled')}
              </Badge>
            )}
          </Table.Th>
          <Table.Td>{one.full_name}</Table.Td>
          <Table.Td>
            <Group gap={4}>
              {one.roles.map((role) => (
                <Badge key={role} variant="light">
                  {t(`users.roles.${role}`)}
                </Badge>
              ))}
            </Group>
          </Table.Td>
          <Table.Td>{one.agent ?? '–'}</Table.Td>
          <Table.Td>{t(one.totp ? 'account.on' : 'account.off')}</Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}

interface EditorProps {
  tenant: string
  of: User | 'new'
  close: () => void
  /** Ends with what there is to tell, if anything. */
  tell: (added?: Schema<'UserAdded'>) => void
}

function Editor({ tenant, of, close, tell }: EditorProps) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { session } = useSession()
  const before = of === 'new' ? undefined : of
  const [name, write] = useState('')
  const [fullName, writeFull] = useState(before?.full_name ?? '')
  const [roles, choose] = useState<Role[]>(before?.roles ?? ['agent'])
  const [agent, be] = useState<string | null>(before?.agent ?? null)
  const [disabled, disable] = useState(before?.disabled ?? false)
  const agents = useQuery({
    queryKey: ['live', tenant, 'agents'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/agents', { params: { path: { tenant } } })),
  })
  const looked = () => queries.invalidateQueries({ queryKey: ['live', tenant, 'users'] })
  const path = { tenant, user: before?.name ?? '' }
  const save = useMutation({
    mutationFn: async () => {
      const set = { full_name: fullName, roles, agent }
      if (before === undefined) {
        const body = { name, ...set }
        return data(api.POST('/api/v1/tenants/{tenant}/users', { params: { path: { tenant } }, body }))
      }
      const body = { ...set, disabled }
      await data(api.PUT('/api/v1/tenants/{tenant}/users/{user}', { params: { path }, body }))
      return undefined
    },
    onSuccess: async (added) => {
      await looked()
      tell(added)
    },
  })
  const reset = useMutation({
    mutationFn: () => data(api.POST('/api/v1/tenants/{tenant}/users/{user}/reset', { params: { path } })),
    onSuccess: tell,
  })
  const remove = useMutation({
    mutationFn: async () => {
      const { error, response } = await api.DELETE('/api/v1/tenants/{tenant}/users/{user}', { params: { path } })
      if (error !== undefined) throw new Refusal(response.status, error as never)
    },
    onSuccess: async () => {
      await looked()
      tell()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const failed = save.error ?? reset.error ?? remove.error
  const wrong = (field: string) => (save.error instanceof Refusal ? save.error.fields[field] : undefined)
  const self = before !== undefined && session?.name === before.name && session.tenant === tenant
  return (
    <Modal
      opened
      onClose={close}
      title={before?.name ?? t('users.add')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack component="form" onSubmit={submit}>
        {before === undefined && (
          <TextInput
            label={t('users.name')}
            description={t('users.name_about')}
            value={name}
            onChange={(event) => write(event.currentTarget.value)}
            error={wrong('name')}
            autoComplete="off"
            data-autofocus
            required
          />
        )}
        <TextInput
          label={t('users.full_name')}
          value={fullName}
          onChange={(event) => writeFull(event.currentTarget.value)}
          error={wrong('full_name')}
        />
        <MultiSelect
          label={t('users.as')}
          data={ROLES.map((role) => ({ value: role, label: t(`users.roles.${role}`) }))}
          value={roles}
          onChange={(chosen) => choose(chosen as Role[])}
          error={wrong('roles')}
          withAsterisk
        />
        <Select
          label={t('users.agent')}
          description={t('users.agent_about')}
          data={agents.data?.items.map((one) => one.agent) ?? []}
          value={agent}
          onChange={be}
          error={wrong('agent')}
          clearable
          clearButtonProps={{ 'aria-label': t('users.no_agent') }}
        />
        {before !== undefined && !self && (
          <Switch
            label={t('users.disable')}
            checked={disabled}
            onChange={(event) => disable(event.currentTarget.checked)}
          />
        )}
        {failed !== null && (
          <Alert color="red" role="alert">
            {failed.message}
          </Alert>
        )}
        <Group justify="space-between">
          <Group gap="xs">
            {before !== undefined && !self && (
              <>
                <Button variant="default" size="xs" onClick={() => reset.mutate()} loading={reset.isPending}>
                  {t('users.reset')}
                </Button>
                <Button variant="default" size="xs" onClick={() => remove.mutate()} loading={remove.isPending}>
                  {t('users.remove')}
                </Button>
              </>
            )}
          </Group>
          <Button type="submit" loading={save.isPending}>
            {t(before === undefined ? 'users.add' : 'users.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
