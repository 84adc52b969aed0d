import { PADDING } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { altered } from './checked-files.ts'
import { encodeSafetensors, ownBytes, placedTensors, type TensorDtype } from './safetensors.ts'

const FILE = 'sessions.safetensors'

/** What a baseline reads of sessions: `offsets` [count + 1] and `items` [events] as I32, `times` [events] as F64 where there are some. Nothing says whose they were. */
export function encodeSessions({ count, offsets, items, times }: Sessions): Uint8Array {
  const events = offsets[count]!
  const column = <Data extends Int32Array | Float64Array>(data: Data, length: number) => ({
    shape: [length],
    data: data.subarray(0, length) as Data,
  })
  return encodeSafetensors({
    tensors: {
      // Those of eight bytes first, so that all are where a reader in place wants them.
      ...(times && { times: column(times, events) }),
      offsets: column(offsets, count + 1),
      items: column(items, events),
    },
    metadata: { format: 'ensuite' },
  })
}

/**
 * The sessions that were written, without features and ids. `codes`: one more than the highest code of an item.
 * Throws `ARTIFACT_INVALID` unless they are sessions of these items.
 */
export function decodeSessions(bytes: Uint8Array, { codes }: { readonly codes: number }): Sessions {
  const { tensors } = placedTensors(bytes, FILE, ['I32', 'F64'])
  const names = [...tensors.keys()].toSorted().join()
  if (names !== 'items,offsets' && names !== 'items,offsets,times')
    throw altered(FILE, `it should hold items, offsets and perhaps times, and holds ${names || 'nothing'}`)
  const values = (name: string, dtype: TensorDtype): ArrayBuffer => {
    const placed = tensors.get(name)!
    if (placed.dtype !== dtype || placed.shape.length !== 1)
      throw altered(FILE, `'${name}' should be one row of ${dtype}`)
    return ownBytes(bytes, placed)
  }
  const offsets = new Int32Array(values('offsets', 'I32'))
  const items = new Int32Array(values('items', 'I32'))
  const times = tensors.has('times') ? new Float64Array(values('times', 'F64')) : undefined
  const falls = offsets.some((offset, at) => offset < (offsets[at - 1] ?? 0))
  if (offsets.length === 0 || offsets[0] !== 0 || falls || offsets.at(-1) !== items.length)
    throw altered(FILE, `its offsets should rise from 0 to its ${items.length} events`)
  if (items.some((code) => code <= PADDING || code >= codes))
    throw altered(FILE, `its items should be codes from ${PADDING + 1} to ${codes - 1}`)
  if (times !== undefined && (times.length !== items.length || !times.every(Number.isFinite)))
    throw altered(FILE, 'it should hold a time, a number, of each event')
  return {
    count: offsets.length - 1,
    offsets,
    items,
    categorical: {},
    continuous: {},
    ...(times && { times }),
    ids: [],
  }
}
