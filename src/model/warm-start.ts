import { EnsuiteError } from '../errors.ts'
import type { FeatureSchema, WidthsBefore } from '../inputs/index.ts'
import type { Parameter } from '../nn/index.ts'

/** What a model goes on from: the weights of an artifact, under vocabularies that may have grown since. `warmStart` makes it. */
export interface WarmStart {
  /** Of the artifact, 64 hexadecimal digits: a run's fingerprint has it, and the manifest of what the run trains. */
  readonly digest: string
  /** The features that the model must be made for. */
  readonly schema: FeatureSchema
  /** Those that the weights were trained with, and what became of them. */
  readonly before: WidthsBefore
  /** By parameter name. */
  readonly weights: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  >
  /** What was known of each item, by the features of `inputs.content`: for `itemContent`. */
  readonly content: Readonly<Record<string, Float32Array>>
}

type Values = Readonly<Record<string, Float32Array>>

/** Differences that a message names. */
const MOST = 4

/**
 * The starting values of all parameters that are trained, by name: those of the artifact, each row at its code, which an extended workflow leaves as it is. Rows of new codes are those of
 * `given` where the model has been given some, and else not here: they are drawn, as at a start from scratch. The mean of the known rows, and zero, were tried in their place, and learn no faster.
 * Throws `OPTION_INVALID` for a model of other features than `warmStart` was told, `SHAPE_MISMATCH` naming the parameters that do not fit.
 */
export function warmValues(
  { schema: expected, weights }: WarmStart,
  {
    schema,
    parameters,
    given,
  }: { readonly schema: FeatureSchema; readonly parameters: readonly Parameter[]; readonly given: Values },
): Values {
  if (JSON.stringify(schema) !== JSON.stringify(expected))
    throw new EnsuiteError(
      'OPTION_INVALID',
      'model: warmStart was made for another workflow. Give it the one whose schema this is: warmStart(artifact, fitted).',
    )
  checkFit(weights, parameters)
  const trained = parameters.filter(({ trainable }) => trainable)
  return Object.fromEntries(
    trained.map(({ name }) => {
      const { data } = weights[name]!
      const start = given[name]?.slice()
      if (start === undefined) return [name, data] as const
      start.set(data)
      return [name, start] as const
    }),
  )
}

function checkFit(weights: WarmStart['weights'], parameters: readonly Parameter[]): void {
  const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`
  const odd = [
    ...parameters.flatMap(({ name, shape, byCode }) => {
      const found = Object.hasOwn(weights, name) ? weights[name]!.shape : undefined
      if (found === undefined) return [`'${name}' is not in it`]
      const [rows, ...rest] = byCode ? shape : []
      const fits =
        found.join() === shape.join() ||
        (rows !== undefined && found[0]! <= rows && found.slice(1).join() === rest.join())
      return fits ? [] : [`'${name}' has the shape ${text(found)} in it, and ${text(shape)} here`]
    }),
    ...Object.keys(weights).flatMap((name) =>
      parameters.some((each) => each.name === name) ? [] : [`'${name}' is in it alone`],
    ),
  ]
  if (odd.length === 0) return
  const more = odd.length > MOST ? `; and ${odd.length - MOST} more` : ''
  throw new EnsuiteError(
    'SHAPE_MISMATCH',
    `model: the weights of the artifact that it goes on from are of another model: ${odd.slice(0, MOST).join('; ')}${more}. Give it the inputs, block, heads and maxLength of the artifact, or leave warmStart out.`,
  )
}
