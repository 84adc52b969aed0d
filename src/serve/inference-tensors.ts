import type { Body } from './api/schemas.ts'
import { MOST_ROWS } from './api/inference-schemas.ts'
import { MOST_SESSION_EVENTS } from './api/event-schemas.ts'
import { RequestProblem } from './problems.ts'
import type { StoredEvent } from './sessions/session-store.ts'

type Tensor = Body<'infer'>['inputs'][number]
type Value = string | number | boolean

/** What JavaScript holds exactly of the types of the protocol. */
const datatypes: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  BYTES: 'string',
  BOOL: 'boolean',
  INT8: 'number',
  INT16: 'number',
  INT32: 'number',
  INT64: 'number',
  UINT8: 'number',
  UINT16: 'number',
  UINT32: 'number',
  UINT64: 'number',
  FP32: 'number',
  FP64: 'number',
}

const invalid = (detail: string): RequestProblem => new RequestProblem('REQUEST_INVALID', detail)

/**
 * The sessions of a request: `inputs` are tensors [rows, time], or [time] for one session, each named after a column; that of the items
 * may be named `items`. Where the item is '' there is no event.
 */
export function sessionsOf(
  inputs: readonly Tensor[],
  itemColumn: string,
): readonly (readonly StoredEvent[])[] {
  const tensors = inputs.map((tensor) => ({ ...tensor, values: valuesOf(tensor) }))
  const items =
    tensors.find(({ name }) => name === itemColumn) ?? tensors.find(({ name }) => name === 'items')
  if (items === undefined)
    throw invalid(`inputs should hold the items of the sessions, named '${itemColumn}' or 'items'.`)
  const time = items.shape.at(-1)!
  const rows = items.shape.length === 1 ? 1 : items.shape[0]!
  if (rows === 0 || rows > MOST_ROWS || time > MOST_SESSION_EVENTS)
    throw invalid(`A request holds 1 to ${MOST_ROWS} sessions of up to ${MOST_SESSION_EVENTS} events.`)
  const others = tensors.filter((tensor) => tensor !== items)
  const strange = others.find(({ shape }) => shape.join() !== items.shape.join())
  if (strange !== undefined) throw invalid('The tensors of a request should be of one shape.')
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: time }, (__, at) => row * time + at).flatMap((place): readonly StoredEvent[] => {
      const item = items.values[place]!
      if (item === '') return []
      const values = others.map(({ name, values: own }) => [name, own[place]!] as const)
      return [{ item: String(item), ...(values.length > 0 && { values: Object.fromEntries(values) }) }]
    }),
  )
}

/** The values of a tensor in row-major order; `data` may be nested. */
function valuesOf({ datatype, shape, data }: Tensor): readonly Value[] {
  const type = Object.hasOwn(datatypes, datatype) ? datatypes[datatype] : undefined
  if (type === undefined) throw invalid(`datatype should be one of ${Object.keys(datatypes).join(', ')}.`)
  const flat = data.some((each) => Array.isArray(each)) ? data.flat() : data
  if (flat.length !== shape.reduce((all, size) => all * size, 1))
    throw invalid('data should have as many values as the shape says.')
  if (!flat.every((value): value is Value => typeof value === type && String(value).length <= 1024))
    throw invalid(`data of ${datatype} should be ${type}s.`)
  return flat
}

interface Output {
  readonly name: string
  readonly datatype: string
  readonly shape: number[]
  readonly data: (string | number)[]
}

/** Tensors [rows, k]; rows with fewer items are filled with '' and 0. */
export function outputsOf(
  rows: readonly (readonly { readonly item: string; readonly score: number }[])[],
): Output[] {
  const k = Math.max(...rows.map(({ length }) => length))
  const places = rows.flatMap((row) => Array.from({ length: k }, (_, at) => row[at]))
  const shape = [rows.length, k]
  return [
    { name: 'items', datatype: 'BYTES', shape, data: places.map((each) => each?.item ?? '') },
    { name: 'scores', datatype: 'FP32', shape, data: places.map((each) => each?.score ?? 0) },
  ]
}
