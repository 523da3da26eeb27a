import { Anchor, Group } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'

type List = 'wallboard' | 'interactions' | 'contacts' | 'flows' | 'plugins'

/** From one thing back to the list of all. */
export function Back({ tenant, to, label }: { tenant: string; to: List; label: string }) {
  return (
    <Anchor size="sm" renderRoot={(props) => <Link to={`/t/$tenant/${to}`} params={{ tenant }} {...props} />}>
      <Group gap={6}>
        <IconArrowLeft size={16} aria-hidden />
        {label}
      </Group>
    </Anchor>
  )
}
