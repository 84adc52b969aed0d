import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'

type View = Float32Array | Int32Array | Uint32Array

/** The checks of arguments against one memory. All throw `SHAPE_MISMATCH`. */
export function viewChecks(buffer: ArrayBuffer) {
  return {
    /** Every array must be a view on the memory. */
    checkViews: (where: string, views: Readonly<Record<string, View>>): void => {
      for (const name in views) {
        if (views[name]!.buffer === buffer) continue
        throw mismatch(
          `${where}: ${name} must be a view on the memory of these kernels, received another array. Allocate it with float32 or int32, or copy into one that was.`,
        )
      }
    },

    checkLength: (where: string, view: View, length: number, orMore?: 'or more'): void => {
      if (orMore === undefined ? view.length === length : view.length >= length) return
      throw mismatch(
        `${where} must have ${length}${orMore === undefined ? '' : ' or more'} elements, received ${view.length}. Pass a subarray of that length.`,
      )
    },

    /** Rows of a table of that width. */
    checkWidth: (where: string, table: View, width: number): number => {
      checkNumber(`${where}: width`, width, { integer: true, min: 1 })
      if (table.length % width === 0) return table.length / width
      throw mismatch(
        `${where} must have whole rows of width ${width}, received ${table.length} elements. Check the width.`,
      )
    },

    checkIds: (where: string, ids: Int32Array, rows: number): void => {
      for (let index = 0; index < ids.length; index++) {
        const id = ids[index]!
        if (id >= 0 && id < rows) continue
        throw mismatch(
          `${where} must be from 0 to ${rows - 1}, the rows of the table, received ${id} at position ${index}. Check the vocabulary that made them.`,
        )
      }
    },
  }
}

function mismatch(message: string): EnsuiteError {
  return new EnsuiteError('SHAPE_MISMATCH', message)
}
