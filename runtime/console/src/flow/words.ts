// What a node and an edge are called.
import type { TFunction } from 'i18next'
import type { Schema } from '../api/client'
import type { Node, Problem } from './places'

/** A node in a few words: what it does, and with what. */
export function titleOf(t: TFunction, node: Node): string {
  if (node.kind === 'call') return t('studio.node.call', { name: node.verb })
  if (node.verb !== null) return node.verb
  return t(`studio.node.${node.kind}`)
}

export function edgeOf(t: TFunction, edge: Schema<'FlowEdge'>): string {
  if (edge.label !== '') return edge.label
  return edge.kind === 'next' || edge.kind === 'again' || edge.kind === 'call' ? '' : t(`studio.edge.${edge.kind}`)
}

/** What is wrong, in the language of the page; in English where that has no words for it. */
export function problemOf(t: TFunction, problem: Problem): string {
  const text = t(`problems.${problem.code}`, { ...problem.names, defaultValue: problem.message })
  const near = problem.names['nearest'] ?? ''
  return near === '' || problem.code === 'syntax' ? text : `${text} ${t('studio.nearest', { name: near })}`
}
