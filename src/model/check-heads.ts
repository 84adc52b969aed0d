import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { FeatureSchema, Inputs } from '../inputs/index.ts'
import type { Head } from '../heads/index.ts'

/** Throws `OPTION_INVALID` for heads that cannot be told apart, predict what is not there, or would see what they predict. */
export function checkHeads(
  schema: FeatureSchema,
  { context, content }: Inputs,
  heads: readonly Head[],
): void {
  checkTargets(schema, heads)
  if (heads.every(({ weight }) => weight === 0))
    throw refused('model: the weight of every head is 0, so nothing is learnt. Raise one of them.')
  if (
    content !== undefined &&
    !heads.some((head) => head.kind === 'next-item' && head.options['tieWeights'] !== false)
  )
    throw refused(
      'model: inputs.content gives items their embeddings, and no head scores with them. Add heads.nextItem() (tieWeights true), or leave content out.',
    )
  for (const { name, target } of heads) {
    if (target !== undefined && context.columns.includes(target))
      throw refused(
        `Head '${name}' predicts '${target}', which is context: it would see what it predicts. Take it out of inputs.context.`,
      )
  }
}

/** Throws `OPTION_INVALID` for heads that cannot be told apart or predict what the features do not have. */
export function checkTargets(schema: FeatureSchema, heads: readonly Head[]): void {
  if (!(heads instanceof Array) || heads.length === 0)
    throw refused('model: heads is a list of one head or more, such as [heads.nextItem()].')
  const twice = heads.find(({ name }, at) => heads.findIndex((other) => other.name === name) !== at)
  if (twice !== undefined)
    throw refused(`model: two heads are called '${twice.name}'. Give one of them another name.`)
  for (const { kind, name, target, classes, options } of heads) {
    if (target === undefined) continue
    const columns = [...Object.keys(schema.categorical), ...schema.continuous]
    if (!columns.includes(target))
      throw refused(
        `Head '${name}' predicts '${target}', which is no feature of the sessions. There are: ${columns.join(', ') || 'none'}.`,
      )
    if (kind === 'regression' && Object.hasOwn(schema.categorical, target))
      throw refused(
        `Head '${name}' predicts an amount, and '${target}' is a category. Use heads.multiClass or heads.binary.`,
      )
    if (kind === 'binary') checkPositive({ name, target, positive: options['positive'] }, schema)
    if (classes !== undefined) checkClasses({ name, target, classes }, schema)
  }
}

const refused = (message: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', message)

/** Which code of a category counts as 1; a number has none. */
function checkPositive(
  {
    name,
    target,
    positive,
  }: {
    readonly name: string
    readonly target: string
    readonly positive: number | string | boolean | undefined
  },
  { categorical }: FeatureSchema,
): void {
  const codes = Object.hasOwn(categorical, target) ? categorical[target]! : undefined
  const vocabulary = `fitted.vocabulary('${target}').encode(…)`
  if (codes === undefined && positive !== undefined)
    throw refused(
      `Head '${name}' takes code ${String(positive)} of '${target}' as 1, which is a number. Leave positive out: a number counts as 1 above 0.`,
    )
  if (codes === undefined) return
  if (positive === undefined)
    throw refused(
      `Head '${name}' predicts whether '${target}' is one of ${codes - RESERVED} values. Say which: positive: ${vocabulary}.`,
    )
  if (typeof positive !== 'number' || positive < RESERVED || positive >= codes)
    throw refused(
      `Head '${name}' takes code ${String(positive)} of '${target}' as 1, whose values have the codes from ${RESERVED} to ${codes - 1}. Take it from the vocabulary: ${vocabulary}; a value that it does not know has code 1.`,
    )
}

/** A class that no code stands for would never be a target, and a code without a class could not be predicted. */
function checkClasses(
  { name, target, classes }: Required<Pick<Head, 'name' | 'target' | 'classes'>>,
  { categorical }: FeatureSchema,
): void {
  const codes = Object.hasOwn(categorical, target) ? categorical[target]! : undefined
  if (codes === undefined)
    throw refused(`Head '${name}' predicts classes of '${target}', which is a number. Use heads.regression.`)
  if (classes !== codes - RESERVED)
    throw refused(
      `Head '${name}' has ${classes} classes, and '${target}' ${codes - RESERVED} values. Give it classes: ${codes - RESERVED}.`,
    )
}
