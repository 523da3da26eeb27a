import { Badge, Button, Group, List, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Graph, Node } from './places'
import { edgeOf, titleOf } from './words'

interface Props {
  graph: Graph
  shown: number | undefined
  choose: (node: Node) => void
}

/** The graph in words: every step, and where it goes on. */
export function Outline({ graph, shown, choose }: Props) {
  const { t } = useTranslation()
  const name = (id: number) => {
    const node = graph.nodes[id]
    return node === undefined ? '' : `${titleOf(t, node)} (${t('studio.line', { line: node.line })})`
  }
  return (
    <List type="ordered" spacing={4} mah={560} style={{ overflow: 'auto' }} tabIndex={0} aria-label={t('studio.steps')}>
      {graph.nodes.map((node) => (
        <List.Item key={node.id}>
          <Group gap="xs" wrap="nowrap">
            <Button
              size="compact-sm"
              variant={shown === node.id ? 'light' : 'subtle'}
              aria-pressed={shown === node.id}
              onClick={() => choose(node)}
            >
              {titleOf(t, node)}
            </Button>
            <Text size="sm">{node.text}</Text>
            {node.function !== null && <Badge variant="light">{node.function}</Badge>}
            {!node.reachable && (
              <Badge variant="light" color="red">
                {t('studio.unreachable')}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed">
            {graph.edges
              .filter((edge) => edge.from === node.id)
              .map((edge) => [edgeOf(t, edge), name(edge.to)].filter((one) => one !== '').join(': '))
              .join('; ')}
          </Text>
        </List.Item>
      ))}
    </List>
  )
}
