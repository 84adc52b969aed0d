import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'
import { viewChecks } from './check-views.ts'
import { keepDraw } from './kept-share.ts'
import type { Backend, Kernels } from './kernels.ts'
import type { UpdateRule } from './rules/index.ts'

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

  /** A rule's states by their names; those that are missing are so, and one too many has a number. */
  const named = (
    { states: names }: UpdateRule,
    states: readonly Float32Array[],
  ): Readonly<Record<string, Float32Array>> =>
    Object.fromEntries(states.map((state, at) => [names[at] ?? String(at), state]))
  const checkStates = (
    { name, states: names }: UpdateRule,
    states: readonly Float32Array[],
    length: number,
  ): void => {
    if (states.length !== names.length)
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `${name} has the states ${names.join(', ') || 'none'}, received ${states.length}. Give it those, in this order.`,
      )
    for (const [at, state] of states.entries()) checkLength(`${name}: ${names[at]!}`, state, length)
  }

  return {
    get available() {
      return end - next
    },
    float32: (length) => new Float32Array(buffer, allocate('float32', length), length),
    int32: (length) => new Int32Array(buffer, allocate('int32', length), length),

    update: (rule, updated, settings) => {
      const factors = rule.factors(settings)
      const { parameters, gradients, states, width = 1 } = updated
      checkViews(rule.name, { parameters, gradients, ...named(rule, states) })
      checkLength(`${rule.name}: gradients`, gradients, parameters.length)
      const tableRows = checkWidth(`${rule.name}: parameters`, parameters, width)
      checkStates(rule, states, rule.perRow ? tableRows : parameters.length)
      backend.update(rule, updated, factors)
    },

    updateRows: (rule, updated, settings) => {
      const factors = rule.factors(settings)
      const { parameters, gradients, states, rows, width } = updated
      const where = `${rule.name}Rows`
      checkViews(where, { parameters, gradients, ...named(rule, states), rows })
      const tableRows = checkWidth(`${where}: parameters`, parameters, width)
      checkLength(`${where}: gradients`, gradients, rows.length * width)
      checkStates(rule, states, rule.perRow ? tableRows : parameters.length)
      checkIds(`${where}: rows`, rows, tableRows)
      backend.updateRows(rule, updated, factors)
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

    blend: (target, source, share) => {
      checkNumber('blend: share', share, { min: 0, max: 1 })
      checkViews('blend', { target, source })
      checkLength('blend: source', source, target.length)
      backend.blend(target, source, [Math.fround(1 - share), Math.fround(share)])
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
