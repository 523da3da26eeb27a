import { useComputedColorScheme } from '@mantine/core'
import {
  Background,
  Controls,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge as Drawn,
  type Node as DrawnNode,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { createContext, memo, useContext, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Graph as Flow, Node, Problem } from './places'
import { edgeOf, titleOf } from './words'

/** From so many nodes on only those in sight are drawn. */
const MANY = 150

interface Props {
  graph: Flow
  problems: Problem[]
  shown: number | undefined
  choose: (node: Node) => void
}

interface Looked {
  shown: number | undefined
  choose: (node: Node) => void
}

const Look = createContext<Looked>({ shown: undefined, choose: () => undefined })

type Shape = DrawnNode<{ node: Node; title: string; wrong: boolean }>

const Box = memo(function Box({ data }: { data: Shape['data'] }) {
  const { shown, choose } = useContext(Look)
  const { node, title, wrong } = data
  const classes = ['flow-node', `is-${node.kind}`, wrong && 'is-wrong', !node.reachable && 'is-unreachable']
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <button
        type="button"
        className={classes.filter(Boolean).join(' ')}
        aria-pressed={shown === node.id}
        title={node.text}
        onClick={() => choose(node)}
      >
        <strong>{title}</strong>
        <span>{node.text}</span>
      </button>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  )
})

const TYPES = { box: Box }

/** A script as a graph, as the server has laid it out. */
export function Graph(props: Props) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

function Canvas({ graph, problems, shown, choose }: Props) {
  const { t } = useTranslation()
  const scheme = useComputedColorScheme('light')
  const flow = useReactFlow()
  const { node_width: width, node_height: height } = graph
  const nodes = useMemo<Shape[]>(
    () =>
      graph.nodes.map((node) => ({
        id: String(node.id),
        type: 'box',
        position: { x: node.x, y: node.y },
        width,
        height,
        draggable: false,
        data: {
          node,
          title: titleOf(t, node),
          wrong: problems.some((one) => one.severity === 'error' && inside(one, node)),
        },
      })),
    [graph, problems, t, width, height],
  )
  const edges = useMemo<Drawn[]>(
    () =>
      graph.edges.map((edge) => ({
        id: String(edge.id),
        source: String(edge.from),
        target: String(edge.to),
        type: 'smoothstep',
        label: edgeOf(t, edge),
        markerEnd: { type: MarkerType.ArrowClosed },
        focusable: false,
        ...(edge.kind === 'call' ? { style: { strokeDasharray: '6 4' } } : {}),
      })),
    [graph, t],
  )
  useEffect(() => {
    const node = graph.nodes.find((one) => one.id === shown)
    if (node === undefined) return
    const zoom = Math.max(flow.getZoom(), 0.7)
    void flow.setCenter(node.x + width / 2, node.y + height / 2, { zoom })
  }, [shown, graph, flow, width, height])
  const looked = useMemo(() => ({ shown, choose }), [shown, choose])
  return (
    <Look.Provider value={looked}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        colorMode={scheme}
        fitView
        fitViewOptions={{ maxZoom: 1, minZoom: 0.4 }}
        minZoom={0.1}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        onlyRenderVisibleElements={MANY < nodes.length}
        proOptions={{ hideAttribution: true }}
        aria-label={t('studio.graph')}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </Look.Provider>
  )
}

const inside = (problem: Problem, node: Node) =>
  node.line <= problem.line && problem.line <= node.end_line && !['start', 'finish', 'branch', 'loop'].includes(node.kind)
