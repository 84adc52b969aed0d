import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { ModelInputs } from '../workflow/index.ts'
import { checkOptions, checkTexts } from '../options.ts'
import { isSource, type SessionSource } from '../workflow/session-source.ts'
import type { Sessions } from './sessions.ts'

export interface ItemContentOptions {
  /** What was known of the first items before, by feature: it stands where no event says another thing. `warmStart` has it as `content`. */
  readonly before?: Readonly<Record<string, Float32Array>>
}

/**
 * What is known of each item, by feature: what its latest event says that says something [items] each; 0 where none does. For `model`, as `content`.
 * Give it the sessions of training alone: what others say of an item would be known too early. Rejects with `OPTION_INVALID` for a feature that is none.
 */
export async function itemContent(
  sessions: Sessions | SessionSource,
  schema: ModelInputs,
  features: readonly string[],
  options: ItemContentOptions = {},
): Promise<Readonly<Record<string, Float32Array>>> {
  checkTexts('itemContent: features', features)
  checkOptions('itemContent', options, ['before'])
  const { before = {} } = options
  const known = [...Object.keys(schema.categorical), ...schema.continuous]
  const odd = features.find((name) => !known.includes(name))
  if (odd !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `itemContent: '${odd}' is no feature of the sessions. There are: ${known.join(', ') || 'none'}.`,
    )
  const found = features.map((name) => {
    const values = new Float32Array(schema.items)
    // More items than there are would be those of another workflow.
    values.set(before[name]?.subarray(0, schema.items) ?? [])
    /** When that was said. */
    const times = new Float64Array(schema.items).fill(-Infinity)
    return { name, values, times }
  })
  for await (const part of partsOf(sessions)) for (const each of found) learn(each, part, schema)
  return Object.fromEntries(found.map(({ name, values }) => [name, values]))
}

async function* partsOf(sessions: Sessions | SessionSource): AsyncIterable<Sessions> {
  if (!isSource(sessions)) yield sessions
  else for (const block of sessions.blocks.keys()) yield await sessions.read([block])
}

function learn(
  {
    name,
    values,
    times,
  }: { readonly name: string; readonly values: Float32Array; readonly times: Float64Array },
  { items, categorical, continuous, times: when }: Sessions,
  schema: ModelInputs,
): void {
  const isCode = Object.hasOwn(schema.categorical, name)
  const column = (isCode ? categorical : continuous)[name]!
  for (const [event, item] of items.entries()) {
    const value = column[event]!
    // Without times the order is that of the events.
    const time = when?.[event] ?? 0
    const says = isCode ? value >= RESERVED : !Number.isNaN(value)
    if (!says || item < RESERVED || time < times[item]!) continue
    values[item] = value
    times[item] = time
  }
}
