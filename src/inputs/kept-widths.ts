import { ownValue } from '../own-value.ts'
import { aggregations } from './aggregations.ts'
import { embeddingWidth } from './categorical.ts'
import type { FeatureSchema } from './feature-schema.ts'
import type { InputOptions, Inputs } from './input-options.ts'

export interface WidthsBefore {
  readonly schema: FeatureSchema
  readonly inputs: Inputs
}

/**
 * Options whose tables are as wide as before, though the rule for it would give a vocabulary that has grown more: a width is written down where the rule gives another one now.
 * Widths that are given stay. `width`: the model's.
 */
export function keptWidths(
  schema: FeatureSchema,
  options: InputOptions,
  { before, width }: { readonly before: WidthsBefore; readonly width: number },
): InputOptions {
  const { leaveOut = [], lists = {}, shared = [], context, content, aggregation = 'concat' } = options
  const { itemWidth = width } = options
  const kept = (
    names: readonly string[],
    given: Readonly<Record<string, number>> | undefined,
    own: { readonly was: Readonly<Record<string, number>> | undefined; readonly most: number },
  ): Readonly<Record<string, number>> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const [codes, now] = [ownValue(before.schema.categorical, name), ownValue(schema.categorical, name)]
        if (codes === undefined || now === undefined || (given !== undefined && Object.hasOwn(given, name)))
          return []
        const size = ownValue(own.was ?? {}, name) ?? embeddingWidth(codes, own.most)
        return size === embeddingWidth(now, own.most) ? [] : [[name, size]]
      }),
    )
  const fused = context === undefined || (context.fusion ?? 'repeat') === 'repeat' ? [] : context.columns
  // The others of a list or a group look up in the table of its first.
  const others = [...Object.values(lists).map(({ of }) => of), ...shared].flatMap((group) => group.slice(1))
  const own = Object.keys(schema.categorical).filter(
    (name) => ![...leaveOut, ...fused, ...others].includes(name),
  )
  const widths = kept([...(aggregations[aggregation].atModelWidth ? [] : own), ...fused], options.widths, {
    was: before.inputs.widths,
    most: width,
  })
  const ofContent = kept(content?.features ?? [], content?.widths, {
    was: before.inputs.content?.widths,
    most: itemWidth,
  })
  return {
    ...options,
    ...(Object.keys(widths).length > 0 && { widths: { ...options.widths, ...widths } }),
    ...(content !== undefined &&
      Object.keys(ofContent).length > 0 && {
        content: { ...content, widths: { ...content.widths, ...ofContent } },
      }),
  }
}
