/** What Ajv says of a value that is not what its schema says. */
export interface ValidationError {
  readonly keyword: string
  /** Where it is: `/events/0/item`. */
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** So much of a name that a request made up is said again. */
const LONGEST_NAME = 60

/**
 * What is wrong with a request, in words. `context`: the part of it, such as `body`. Of alternatives Ajv says of each why it is none: they are said together, and where the value is of the type of one
 * of them, what is wrong with that one.
 */
export function validationMessage(errors: readonly ValidationError[], context: string): string {
  const last = errors.at(-1)
  if (last === undefined) return ''
  const where = `${context}${last.instancePath}`
  if (last.keyword !== 'anyOf') return ofOne(last, where)
  const of = (keyword: string, name: string): readonly string[] =>
    errors
      .filter((each) => each.keyword === keyword && each.instancePath === last.instancePath)
      .map(({ params }) => String(params[name]))
  const names = of('required', 'missingProperty')
  if (names.length > 0) return `${where} must have ${listed(names)}`
  const values = of('const', 'allowedValue')
  if (values.length > 0) return `${where} must be ${listed(values.map((value) => `'${value}'`))}`
  const deeper = errors.find(({ keyword }) => keyword !== 'type' && keyword !== 'anyOf')
  if (deeper !== undefined) return ofOne(deeper, `${context}${deeper.instancePath}`)
  const nested = errors.find(({ instancePath }) => instancePath !== last.instancePath)
  if (nested !== undefined) return ofOne(nested, `${context}${nested.instancePath}`)
  return `${where} must be ${listed(of('type', 'type'))}`
}

function ofOne(
  { keyword, params, message = 'is not what is expected' }: ValidationError,
  where: string,
): string {
  if (keyword === 'additionalProperties')
    return `${where} must not have '${String(params['additionalProperty']).slice(0, LONGEST_NAME)}'`
  if (keyword === 'enum' && Array.isArray(params['allowedValues']))
    return `${where} must be ${listed(params['allowedValues'].map((value) => `'${String(value)}'`))}`
  return `${where} ${message}`
}

const listed = (all: readonly string[]): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)!}`
