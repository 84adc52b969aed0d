import type { EventSource } from '../events/event-source.ts'
import { expressions as f } from '../expressions/index.ts'
import { workflow } from './workflow.ts'

interface Columns {
  readonly session: string
  readonly item: string
  readonly time?: string
  readonly categorical?: readonly string[]
}

/** What is in files, as texts by session: what the tests of reading compare. */
export interface RawSessions {
  readonly sessionIds: readonly string[]
  readonly offsets: Int32Array
  readonly times: readonly unknown[] | undefined
  readonly columns: Readonly<Record<string, readonly unknown[]>>
}

export async function readSessions(source: EventSource, columns: Columns): Promise<RawSessions> {
  const { session, item, time, categorical = [] } = columns
  const texts = Object.fromEntries(
    [item, ...categorical].map((name, at) => [`f${at}`, f.column(name, 'text')]),
  )
  const fitted = await workflow({
    session,
    item,
    ...(time !== undefined && { time }),
    features: { ...texts, ...(time !== undefined && { when: f.column(time, 'time') }) },
  }).fit(source)
  const { sessionIds, offsets, features } = await fitted.table(source)
  return {
    sessionIds,
    offsets,
    times: features['when'],
    columns: Object.fromEntries([item, ...categorical].map((name, at) => [name, features[`f${at}`]!])),
  }
}

/** The raw values of one column, session by session. */
export function valuesBySession(
  { sessionIds, offsets, columns }: RawSessions,
  column: string,
): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries(
    sessionIds.map((id, index) => [id, columns[column]!.slice(offsets[index], offsets[index + 1])]),
  )
}
