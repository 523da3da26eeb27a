import { Center, Stack, Text, ThemeIcon } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'

/** Says why there is nothing here, and what would bring something. */
export function Empty({ icon: Picture, title, text }: { icon: Icon; title: string; text: string }) {
  return (
    <Center py="xl">
      <Stack align="center" gap="xs">
        <ThemeIcon variant="light" size={48} radius="xl" aria-hidden>
          <Picture size={26} />
        </ThemeIcon>
        <Text fw={600}>{title}</Text>
        <Text c="dimmed" size="sm" ta="center" maw={420}>
          {text}
        </Text>
      </Stack>
    </Center>
  )
}
