import type { Model } from '../model.ts'
import { checkGiven } from '../options.ts'

/** Throws `OPTION_INVALID` for what is no model. */
export function checkModel(where: string, model: unknown): void {
  const { parameters, schema } = Object(model) as Partial<Model>
  checkGiven(where, model, {
    what: 'a model, as model(fitted.schema, parts) makes it',
    isGood: Array.isArray(parameters) && typeof schema === 'object',
  })
}
