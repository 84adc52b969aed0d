import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { FittedWorkflow } from '../workflow/index.ts'

type Options = Readonly<Record<string, unknown>>

/**
 * Options of a head with what only the vocabulary of its target knows, since a config is written before anything is learnt: `classes` where it is left out, and the
 * code of a `positive` that is a value, such as 'sale'. Throws `OPTION_INVALID` for a value that was not learnt.
 */
export function headOptions(kind: string, options: Options, fitted: FittedWorkflow): Options {
  const { target, classes, positive } = options
  if (typeof target !== 'string') return options
  if (kind === 'multi-class' && classes === undefined)
    return { ...options, classes: fitted.vocabulary(target).size - RESERVED }
  if (typeof positive !== 'string') return options
  const vocabulary = fitted.vocabulary(target)
  if (vocabulary.values.includes(positive)) return { ...options, positive: vocabulary.encode(positive) }
  throw new EnsuiteError(
    'OPTION_INVALID',
    `Head '${kind}' has the positive value '${positive.slice(0, 100)}', which '${target}' does not have. It has: ${vocabulary.values.slice(0, 10).join(', ')}${vocabulary.values.length > 10 ? ', …' : ''}.`,
  )
}
