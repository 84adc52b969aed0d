import { conditionText, type VectorFilter } from './filter.ts'
import { OWN } from './milvus-collection.ts'
import { milvusText } from './milvus-text.ts'
import type { VectorSchema } from './vector-store.ts'

/** A filter as a server takes it: text, and the texts among its values where they travel beside it. */
export interface MilvusFilter {
  readonly filter: string
  readonly exprValues?: Readonly<Record<string, string>>
}

const dialect = {
  equals: '==',
  truth: ['(id == "")', '(id != "")'],
  name: (attribute: string) => `${OWN}${attribute}`,
} as const

/** A filter with its values as escaped literals, which every server takes. Throws `OPTION_INVALID` for what is no filter of the schema. */
export const literalFilter = (filter: VectorFilter, schema: VectorSchema): MilvusFilter => ({
  filter: conditionText(filter, schema, {
    ...dialect,
    literal: (value) => (typeof value === 'string' ? milvusText(value) : String(value)),
  }),
})

/** A filter whose texts travel beside it, for servers that take templates. Numbers do not: the SDK makes whole ones 64 bits wide, which 1e300 is not. */
export function templateFilter(filter: VectorFilter, schema: VectorSchema): MilvusFilter {
  const exprValues: Record<string, string> = {}
  const text = conditionText(filter, schema, {
    ...dialect,
    literal: (value) => {
      if (typeof value !== 'string') return String(value)
      const name = `v${Object.keys(exprValues).length}`
      exprValues[name] = value
      return `{${name}}`
    },
  })
  return { filter: text, exprValues }
}

/** Rows of these ids. They are literals always: a list of texts as a template is taken by no server that is tested. */
export const oneOf = (ids: readonly string[]): string => `id in [${ids.map(milvusText).join(', ')}]`
