import type { Served } from '../artifact/index.ts'
import { elapsedSeconds } from '../data/elapsed.ts'
import { EnsuiteError } from '../errors.ts'
import type { EncodedInputs } from '../workflow/model-inputs.ts'

/** The columns at some places, by the names of the graph's inputs. */
export function graphInputs(
  { items, categorical, continuous, times }: EncodedInputs,
  places: Int32Array,
  { served, timeColumn }: { readonly served: Served; readonly timeColumn: string },
): Readonly<Record<string, Int32Array | Float32Array>> {
  const codes = (column: Int32Array): Int32Array => Int32Array.from(places, (at) => column[at]!)
  return {
    items: codes(items),
    ...(served.inputs.includes('elapsed') && { elapsed: elapsedAt(times, places, timeColumn) }),
    ...Object.fromEntries(
      Object.entries(categorical).map(([name, column]) => [`categorical.${name}`, codes(column)]),
    ),
    ...Object.fromEntries(
      Object.entries(continuous).map(([name, column]) => [
        `continuous.${name}`,
        // A model reads 0 where a number is missing.
        Float32Array.from(places, (at) => (Number.isNaN(column[at]!) ? 0 : column[at]!)),
      ]),
    ),
  }
}

function elapsedAt(times: Float64Array | undefined, places: Int32Array, column: string): Int32Array {
  if (times === undefined)
    throw new EnsuiteError(
      'COLUMN_MISSING',
      `The model reads when events were, and these events tell no times. Give each event its '${column}' (on the command line by --events, not --items).`,
    )
  return elapsedSeconds(Float64Array.from(places, (at) => times[at]!))
}
