import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'
import { adamWFactors } from './adam-w.ts'
import { viewChecks } from './check-views.ts'
import { keepDraw } from './kept-share.ts'
import type { Backend, Kernels } from './kernels.ts'

const ALIGNMENT = 64

/** Puts allocation and all checks around a backend, so that no backend can be reached with a wrong argument. */
export function checkedKernels(backend: Backend): Kernels {
  const { buffer, end } = backend
  const { checkViews, checkLength, checkIds, checkWidth } = viewChecks(buffer)
  let next = backend.start

  /** Byte offset of a new view of `length` elements of four bytes. */
  const allocate = (kind: string, length: number): number => {
    checkNumber(`${kind}(length): length`, length, { integer: true, min: 0 })
    const bytes = roundedUp(length * 4)
    if (bytes > end - next) {
      throw new EnsuiteError(
        'MEMORY_FULL',
        `${kind}(${length}) needs ${bytes} bytes, ${end - next} are free. Create the kernels with more bytes.`,
      )
    }
    next += bytes
    return next - bytes
  }

  return {
    get available() {
      return end - next
    },
    float32: (length) => new Float32Array(buffer, allocate('float32', length), length),
    int32: (length) => new Int32Array(buffer, allocate('int32', length), length),

    adamW: (update, options) => {
      const factors = adamWFactors(options)
      const { parameters, gradients, firstMoment, secondMoment } = update
      checkViews('adamW', { parameters, gradients, firstMoment, secondMoment })
      checkLength('adamW: gradients', gradients, parameters.length)
      checkLength('adamW: firstMoment', firstMoment, parameters.length)
      checkLength('adamW: secondMoment', secondMoment, parameters.length)
      backend.adamW(update, factors)
    },

    adamWRows: (update, options) => {
      const factors = adamWFactors(options)
      const { parameters, gradients, firstMoment, secondMoment, rows, width } = update
      checkViews('adamWRows', { parameters, gradients, firstMoment, secondMoment, rows })
      const tableRows = checkWidth('adamWRows: parameters', parameters, width)
      checkLength('adamWRows: gradients', gradients, rows.length * width)
      checkLength('adamWRows: firstMoment', firstMoment, parameters.length)
      checkLength('adamWRows: secondMoment', secondMoment, parameters.length)
      checkIds('adamWRows: rows', rows, tableRows)
      backend.adamWRows(update, factors)
    },

    scatterAddRows: (table, ids, values, width, scale = 1) => {
      checkNumber('scatterAddRows: scale', scale, {})
      checkViews('scatterAddRows', { table, ids, values })
      const tableRows = checkWidth('scatterAddRows: table', table, width)
      checkLength('scatterAddRows: values', values, ids.length * width)
      checkIds('scatterAddRows: ids', ids, tableRows)
      backend.scatterAddRows(table, { ids, values, width }, Math.fround(scale))
    },

    combineRows: (rows, out) => {
      const { ids, values, width } = rows
      const { slots } = out
      checkViews('combineRows', { ids, values, rows: out.rows, 'out.values': out.values, slots })
      checkWidth('combineRows: values', values, width)
      checkLength('combineRows: values', values, ids.length * width)
      const most = Math.min(ids.length, slots.length)
      checkLength('combineRows: out.rows', out.rows, most, 'or more')
      checkLength('combineRows: out.values', out.values, most * width, 'or more')
      checkIds('combineRows: ids', ids, slots.length)
      return backend.combineRows(rows, out)
    },

    sumOfSquares: (values) => {
      checkViews('sumOfSquares', { values })
      return backend.sumOfSquares(values)
    },

    fill: (values, value) => {
      checkViews('fill', { values })
      backend.fill(values, Math.fround(value))
    },

    dropoutMask: (mask, probability, state) => {
      const draw = keepDraw(probability)
      checkViews('dropoutMask', { mask })
      checkLength('dropoutMask: state', state, 16)
      backend.dropoutMask(mask, draw, state)
    },
  }
}

/** The next multiple of 64, where the next view begins. */
export function roundedUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
