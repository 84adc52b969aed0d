import { decodeSafetensors, type AnyArtifact, type Artifact } from '../artifact/index.ts'
import { RESERVED } from '../codes.ts'
import type { ArtifactConfig } from './artifact-config.ts'
import { headsTable } from './heads-table.ts'
import { table } from './output.ts'
import { count, plain } from './schema-table.ts'

/** What an artifact is, for people: its parts, its parameters by part, its files, and what was measured. */
export function describeArtifact(artifact: Artifact, config: ArtifactConfig): string {
  return [
    ...shownFacts(artifact, factsOf(artifact, config)),
    parameterTable(artifact),
    fileTable(artifact),
    ...metricTable(artifact, artifact.manifest.model.block.kind),
    ...savedHeads(artifact),
  ].join('\n')
}

export type Facts = readonly (readonly [name: string, text: string | undefined])[]

/** When it was saved, and what there is to say of it; facts without a text are left out. */
export const shownFacts = (
  { manifest: { createdAt, packageVersion } }: AnyArtifact,
  facts: Facts,
): readonly string[] => [
  `Saved ${createdAt} by ensuite ${packageVersion}.`,
  '',
  ...facts.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(12)}${plain(text)}`])),
  '',
]

export const fileTable = ({ manifest }: AnyArtifact): string =>
  table(
    ['file', 'bytes', 'SHA-256'],
    Object.entries(manifest.files).map(([name, { bytes, sha256 }]) => [
      name,
      count(bytes),
      `${sha256.slice(0, 12)}…`,
    ]),
  )

function factsOf({ manifest, metrics, history }: Artifact, config: ArtifactConfig): Facts {
  const { schema, inputs, masking, block, heads, maxLength } = manifest.model
  const { split, learnFrom, train } = config
  const { epoch, update, metric } = Object(metrics?.['best']) as Readonly<Record<string, unknown>>
  const features = [
    `${count(schema.items - RESERVED)} items`,
    ...Object.entries(schema.categorical).map(
      ([name, codes]) => `${name} (${count(codes - RESERVED)} values)`,
    ),
    ...schema.continuous.map((name) => `${name} (number)`),
  ]
  const best =
    typeof epoch === 'number'
      ? [
          `the best was ${epoch}${typeof update === 'number' ? `, at update ${update}` : ''} (${short(metric)})`,
        ]
      : []
  const trained = history === undefined ? best : [`${history.length} trained`, ...best]
  return [
    ['schema', features.join(', ')],
    ['inputs', worded(inputs)],
    ['masking', part(masking)],
    ['block', part(block)],
    ['block from', config.model?.block?.from],
    ['warm start', startOf(manifest.startedFrom, config.warmStart)],
    ...heads.map((head) => ['head', part(head)] as const),
    ['max length', String(maxLength)],
    ['split', split && part({ kind: split.kind, options: { ...split, kind: undefined } })],
    ['learnt from', learnFrom && `${learnFrom} events`],
    ['training', train && worded(train)],
    ['optimizer', train?.optimizer && worded(train.optimizer)],
    ['schedule', train?.schedule && worded(train.schedule)],
    ['averaging', train?.averaging && worded(train.averaging)],
    ...(train?.parts ?? []).map((each) => ['part', worded(each)] as const),
    ['epochs', trained.length === 0 ? undefined : trained.join(', ')],
  ]
}

const startOf = (digest: string | undefined, folder: string | undefined): string | undefined =>
  digest === undefined ? undefined : [folder ?? 'an artifact', `(digest ${digest.slice(0, 12)}…)`].join(' ')

export const part = ({ kind, options }: { readonly kind: string; readonly options: object }): string =>
  [kind, worded(options)].filter((text) => text !== '').join(': ')

/** Options as `name value`; what is empty or holds further names is left out. */
export const worded = (options: object): string =>
  Object.entries(options)
    .flatMap(([name, value]: readonly [string, unknown]) => {
      const text = Array.isArray(value) ? value.map(short).join(' ') : isOne(value) ? short(value) : ''
      return text === '' ? [] : [`${name} ${text}`]
    })
    .join(', ')

const isOne = (value: unknown): boolean => ['number', 'string', 'boolean'].includes(typeof value)

const short = (value: unknown): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(5))) : isOne(value) ? String(value) : ''

/** By the first word of their names, in the order of the file. */
function parameterTable({ weightsFile }: Artifact): string {
  const parts = new Map<string, { tensors: number; numbers: number }>()
  const add = (name: string, tensors: number, numbers: number): void => {
    const before = parts.get(name) ?? { tensors: 0, numbers: 0 }
    parts.set(name, { tensors: before.tensors + tensors, numbers: before.numbers + numbers })
  }
  const tensors = Object.entries(decodeSafetensors(weightsFile, 'weights.safetensors').tensors)
  for (const [name, { data }] of tensors) add(name.split('.')[0]!, 1, data.length)
  const numbers = tensors.reduce((sum, [, { data }]) => sum + data.length, 0)
  const rows = [...parts, ['all', { tensors: tensors.length, numbers }] as const]
  return table(
    ['part', 'tensors', 'parameters', 'bytes'],
    rows.map(([name, each]) => [
      plain(name),
      count(each.tensors),
      count(each.numbers),
      count(4 * each.numbers),
    ]),
  )
}

/** The metrics of what was saved, called by its kind, beside those of the floors; nothing where none were saved. */
export function metricTable({ manifest, metrics }: AnyArtifact, kind: string): readonly string[] {
  const names = Object.keys(manifest.metrics).filter((name) => name.includes('@'))
  if (names.length === 0) return []
  const test = Object(metrics?.['test']) as { readonly floors?: Readonly<Record<string, object>> }
  const rows = Object.entries({ [kind]: manifest.metrics, ...test.floors })
  const cell = (result: object, name: string): string => {
    const value = (result as Readonly<Record<string, unknown>>)[name]
    return typeof value === 'number' ? value.toFixed(4) : ''
  }
  return [
    table(
      ['test', ...names.map(plain)],
      rows.map(([row, result]) => [plain(row), ...names.map((name) => cell(result, name))]),
    ),
  ]
}

/** The metrics of the heads that score no items, beside their constants; nothing where none were saved. */
function savedHeads({ manifest, metrics }: Artifact): readonly string[] {
  const { heads } = Object(metrics?.['test']) as { readonly heads?: unknown }
  const results = Object.entries(Object(heads) as object).map(([name, result]: [string, unknown]) => {
    const { metrics: own, constant } = Object(result) as Readonly<Record<string, unknown>>
    return [
      name,
      { metrics: numbers(own), ...(constant !== undefined && { constant: numbers(constant) }) },
    ] as const
  })
  return results.length === 0
    ? []
    : [headsTable(Object.fromEntries(results), { model: manifest.model.block.kind })]
}

const numbers = (values: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(Object(values) as object).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  )
