import type { TrainingStart } from '../../train/index.ts'

/** Servers before MLflow 2.8 take no longer values. */
const LONGEST = 500
const LONGEST_KEY = 250

/** What is trained, as the server keeps parameters: flat, texts, under names that it takes. */
export function paramsOf({
  model,
  parameters,
  data,
  options,
  seed,
  kind,
}: TrainingStart): Readonly<Record<string, string>> {
  const { schema: _schema, heads, masking, block, inputs, maxLength } = model
  const { windows, ...sizes } = data
  const tree = {
    ...{ kind, seed, parameters: parameters.total, trained: parameters.trained, maxLength, inputs },
    block: { kind: block.kind, ...block.options },
    masking: { kind: masking.kind, ...masking.options },
    heads: Object.fromEntries(heads.map((head, at) => [String(at), { kind: head.kind, ...head.options }])),
    data: { ...sizes, ...(windows && { windows: windows.length }) },
    train: options,
  }
  return Object.fromEntries(leaves(tree, '').map(([key, value]) => [nameFor(key), shortened(value)]))
}

/** Values by their paths; a list is one value. */
function leaves(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return value === undefined ? [] : [[path, typeof value === 'string' ? value : JSON.stringify(value)]]
  return Object.entries(value).flatMap(([name, each]) => leaves(each, path === '' ? name : `${path}.${name}`))
}

const shortened = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`)

/** A name that the server takes: `ndcg@10` is `ndcg_at_10`. */
export const nameFor = (name: string): string =>
  name
    .replaceAll('@', '_at_')
    .replace(/[^\w\-. /:]/g, '_')
    .slice(0, LONGEST_KEY)
