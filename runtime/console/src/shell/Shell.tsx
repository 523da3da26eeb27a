import { ActionIcon, AppShell, Badge, Burger, Button, Group, Menu, NavLink, Select, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAddressBook, IconChartBar, IconClipboardList, IconHeadset, IconHistory, IconLayoutDashboard, IconLogout, IconMicrophone, IconPuzzle, IconRoute, IconSearch, IconUserCircle, IconUsers, IconUsersGroup, type Icon } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useLive, type Connection } from '../api/live'
import { useSession, type Right } from '../api/session'
import { DeskProvider } from '../desk/context'
import { Supervised } from '../desk/Supervise'
import { Controls } from './Controls'

const PAGES = [
  { to: '/t/$tenant/desk', name: 'desk', right: 'serve', icon: IconHeadset },
  { to: '/t/$tenant/wallboard', name: 'wallboard', right: 'look', icon: IconLayoutDashboard },
  { to: '/t/$tenant/agents', name: 'agents', right: 'supervise', icon: IconUsersGroup },
  { to: '/t/$tenant/interactions', name: 'interactions', right: 'read-interactions', icon: IconHistory },
  { to: '/t/$tenant/recordings', name: 'recordings', right: 'listen', icon: IconMicrophone },
  { to: '/t/$tenant/contacts', name: 'contacts', right: 'read-contacts', icon: IconAddressBook },
  { to: '/t/$tenant/report', name: 'report', right: 'report', icon: IconChartBar },
  { to: '/t/$tenant/flows', name: 'flows', right: 'read-flows', icon: IconRoute },
  { to: '/t/$tenant/plugins', name: 'plugins', right: 'read-plugins', icon: IconPuzzle },
  { to: '/t/$tenant/users', name: 'users', right: 'manage-users', icon: IconUsers },
  { to: '/t/$tenant/audit', name: 'audit', right: 'audit', icon: IconClipboardList },
] as const satisfies { to: string; name: string; right: Right; icon: Icon }[]

/** Nobody waits for it: the page is there first. */
const Palette = lazy(() => import('./Palette'))

const Watch = lazy(() => import('../board/Watch').then(({ Watch }) => ({ default: Watch })))

const COLOURS: Record<Connection, string> = { connecting: 'gray', live: 'teal', lost: 'red' }

export function Shell() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const navigate = useNavigate()
  const queries = useQueryClient()
  const connection = useLive(tenant)
  const [opened, { toggle, close }] = useDisclosure()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const tenants = useQuery({ queryKey: ['tenants'], queryFn: () => data(api.GET('/api/v1/tenants')) })
  const { session, may } = useSession()
  const signOut = async () => {
    await api.DELETE('/api/v1/session')
    queries.clear()
    await navigate({ to: '/signin' })
  }
  const agent = session?.tenant === tenant ? (session.agent ?? null) : null
  const pages = PAGES.filter(({ name, right }) => may(right) && (name !== 'desk' || agent !== null))
  const names = tenants.data?.items.map((one) => ({ value: one.id, label: one.name || one.id })) ?? []
  const actions = pages.map(({ to, name, icon: Picture }) => ({
    id: name,
    label: t(`${name}.title`),
    leftSection: <Picture size={20} />,
    onClick: () => void navigate({ to, params: { tenant } }),
  }))
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('navigation')} />
            <img src="/icon.svg" width={28} height={28} alt="" />
            <Text fw={700} visibleFrom="xs">
              Jackfield
            </Text>
            <Select
              aria-label={t('tenant')}
              size="xs"
              w={160}
              data={names.length > 0 ? names : [tenant]}
              value={tenant}
              allowDeselect={false}
              onChange={(other) =>
                other !== null && void navigate({ to: '/t/$tenant/wallboard', params: { tenant: other } })
              }
            />
          </Group>
          <Group gap="sm" wrap="nowrap">
            <Badge variant="dot" color={COLOURS[connection]} size="lg" role="status" visibleFrom="xs">
              {t(`connection.${connection}`)}
            </Badge>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconSearch size={14} />}
              onClick={() => void import('./Palette').then(({ spotlight }) => spotlight.open())}
              visibleFrom="md"
            >
              {t('search')}
            </Button>
            <Controls />
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="default" size="lg" aria-label={session?.full_name || session?.name || t('account.title')}>
                  <IconUserCircle size={20} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Label>{session?.full_name || session?.name}</Menu.Label>
                <Menu.Item
                  leftSection={<IconUserCircle size={16} aria-hidden />}
                  onClick={() => void navigate({ to: '/t/$tenant/account', params: { tenant } })}
                >
                  {t('account.title')}
                </Menu.Item>
                <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
                  {t('sign_out')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t('navigation')}>
        {pages.map(({ to, name, icon: Picture }) => (
          <NavLink
            key={name}
            renderRoot={(props) => <Link to={to} params={{ tenant }} {...props} />}
            label={t(`${name}.title`)}
            leftSection={<Picture size={18} />}
            active={path.includes(`/${name}`)}
            aria-current={path.includes(`/${name}`) ? 'page' : undefined}
            variant="filled"
            onClick={close}
            mb={4}
            style={{ borderRadius: 8 }}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main>
        <DeskProvider tenant={tenant} agent={agent}>
          <Supervised />
          <Outlet />
        </DeskProvider>
        <Suspense>
          <Watch tenant={tenant} here={path.endsWith('/wallboard')} />
        </Suspense>
      </AppShell.Main>
      <Suspense>
        <Palette actions={actions} />
      </Suspense>
    </AppShell>
  )
}
