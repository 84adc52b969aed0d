import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkOptions } from '../options.ts'

type Values = Readonly<Record<string, unknown>>

/**
 * Options of one of several kinds, with the defaults of that kind in their places; its name stands in the option `named`. Throws `OPTION_UNKNOWN`, and `OPTION_INVALID` also for an
 * option of another kind.
 */
export function settleKind<Kind extends string>(
  where: string,
  options: object,
  {
    kinds,
    named,
    otherwise,
  }: {
    readonly kinds: Readonly<Record<Kind, { readonly defaults: object }>>
    readonly named: string
    /** Where the options do not say the kind. */
    readonly otherwise: Kind
  },
): Values {
  const choices = Object.keys(kinds) as Kind[]
  const names = (kind: Kind): readonly string[] => Object.keys(kinds[kind].defaults)
  checkOptions(where, options, [named, ...new Set(choices.flatMap(names))])
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const kind = (given[named] ?? otherwise) as Kind
  checkChoice(`${where}: ${named}`, kind, choices)
  const misplaced = Object.keys(given).find((name) => name !== named && !names(kind).includes(name))
  if (misplaced !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: '${misplaced}' is of ${choices.filter((each) => names(each).includes(misplaced)).join(', ')}, and its ${named} is '${kind}'. Leave it out, or choose another ${named}.`,
    )
  return { [named]: kind, ...kinds[kind].defaults, ...given }
}
