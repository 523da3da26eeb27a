// Where things stand in a script, and which node stands where the cursor is.
import type { Schema } from '../api/client'

export type Node = Schema<'FlowNode'>
export type Problem = Schema<'FlowProblem'>
export type Graph = NonNullable<Schema<'FlowAnalysis'>['graph']>

/** A place in a script; lines and columns begin with 1. */
export interface Place {
  line: number
  column: number
}

const before = (a: Place, b: Place) => a.line < b.line || (a.line === b.line && a.column <= b.column)

/** The node that the cursor is in: the innermost around it, else the one that begins last before it. */
export function nodeAt(nodes: Node[], at: Place): Node | undefined {
  const begun = nodes.filter((node) => node.kind !== 'finish' && before(node, at))
  const last = (all: Node[]) => all.reduce<Node | undefined>((a, b) => (a !== undefined && before(b, a) && !before(a, b) ? a : b), undefined)
  const around = begun.filter((node) => before(at, { line: node.end_line, column: node.end_column + 1 }))
  return last(around) ?? last(begun)
}
