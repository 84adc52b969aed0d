import { EnsuiteError } from '../errors.ts'
import type { Functions } from '../expressions/index.ts'
import type { Workflow } from '../workflow/index.ts'
import { importModule } from './import-module.ts'

export const FUNCTIONS_OPTION = [
  '--functions <module>',
  'a module that exports the functions that features call with javascript(), or the workflow that holds them',
] as const

/** Not checked yet. */
interface Exported {
  readonly workflow?: Partial<Workflow>
}

/**
 * The functions of a module: those it exports by name, or an object of functions that is its default export, or those of the workflow that it exports, also inside of its `config`.
 * Throws what `importModule` throws, and `OPTION_INVALID` where there is none.
 */
export async function readFunctions(path: string): Promise<Functions> {
  const { default: whole, ...named } = await importModule(path)
  const { workflow: own, config } = named as Exported & { readonly config?: Exported }
  const workflow = own ?? config?.workflow
  for (const given of [whole, named, workflow?.definition?.functions]) {
    const functions = Object.entries(Object(given) as Record<string, unknown>).filter(
      ([, each]) => typeof each === 'function',
    )
    if (typeof given === 'object' && functions.length > 0) return Object.fromEntries(functions) as Functions
  }
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${path} exports no function. Write: export const half = (price) => (price === null ? null : price / 2)`,
  )
}

/** As an option of what loads a workflow: nothing where no module is named. */
export const functionsOf = async ({
  functions,
}: {
  readonly functions?: string
}): Promise<{ readonly functions?: Functions }> =>
  functions === undefined ? {} : { functions: await readFunctions(functions) }
