import type { Artifact } from '../artifact/index.ts'
import { splitKinds, type Split } from '../data/index.ts'
import type { Division } from './training-data.ts'

/** The split that an artifact was trained with, as its metrics say; nothing where they say nothing that can be used again. */
export function trainedSplit(metrics: Artifact['metrics']): Division | undefined {
  const test = metrics?.['test'] as { readonly split?: unknown } | undefined
  const split = Object(test?.split) as Readonly<Record<string, unknown>>
  if (split['kind'] === 'prepared') return { kind: 'prepared' }
  const record = splitKinds.find(({ kind }) => kind === split['kind'])
  const options = Object.keys(record?.options ?? {})
  if (record === undefined || options.some((option) => typeof split[option] !== 'number')) return undefined
  return {
    kind: record.kind,
    ...Object.fromEntries(options.map((option) => [option, split[option]])),
  } as Split
}
