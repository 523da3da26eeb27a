import { Button, Table } from '@mantine/core'
import type { AnchorHTMLAttributes, ReactNode } from 'react'

interface Props {
  /** What stands above each column. */
  heads: string[]
  /** Below it the table is scrolled, in pixels. */
  minWidth: number
  highlightOnHover?: boolean
  /** The rows. */
  children: ReactNode
}

/** A table of many of a kind. */
export function Listing({ heads, minWidth, highlightOnHover, children }: Props) {
  return (
    <Table.ScrollContainer minWidth={minWidth}>
      <Table verticalSpacing="xs" highlightOnHover={highlightOnHover}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** What a link is made of besides where it leads. */
type Linked = (props: AnchorHTMLAttributes<HTMLAnchorElement>) => ReactNode

/** The first cell of a row: a link to what the row is about. */
export function Opener({ link, children }: { link: Linked; children: ReactNode }) {
  return (
    <Table.Th scope="row">
      <Button variant="subtle" size="compact-sm" renderRoot={link}>
        {children}
      </Button>
    </Table.Th>
  )
}
