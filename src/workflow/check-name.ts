import { EnsuiteError } from '../errors.ts'
import { isText, shown } from '../expressions/index.ts'

/** Throws `OPTION_INVALID` unless this is the name of a column. */
export function checkName(role: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${role} of workflow must be the name of a column, received ${shown(name)}.`,
  )
}

/** Throws `OPTION_INVALID` unless these can be columns of one file. */
export function checkFeatureNames(names: readonly string[]): void {
  for (const [at, name] of names.entries()) {
    if (name === '' || name.includes('\0') || !isText(name))
      throw new EnsuiteError(
        'OPTION_INVALID',
        `workflow expects features with names, such as 'brand', received one called ${shown(name)}. Rename it.`,
      )
    const other = names.slice(0, at).find((before) => before.toLowerCase() === name.toLowerCase())
    if (other === undefined) continue
    throw new EnsuiteError(
      'OPTION_INVALID',
      other === name
        ? `workflow: a feature and a value of context are both called '${name}'. Rename one.`
        : `workflow: '${other}' and '${name}' are one name but for the case of letters, which files of sessions do not tell apart. Rename one.`,
    )
  }
}
