import type { InferredColumn } from '../schema/index.ts'

export interface DroppingRoles {
  readonly session: string
  readonly item: string
  readonly time: Pick<InferredColumn, 'name' | 'unit'> | undefined
  /** Those of them that some events lack, the time first. */
  readonly holes: readonly Pick<InferredColumn, 'name'>[]
}

/** A config, line by line, that drops the events that lack what each must have. */
export function droppingConfig({ session, item, time, holes }: DroppingRoles): readonly string[] {
  const timeType = time?.unit === 'seconds' ? 'seconds' : 'time'
  const column = (name: string): string =>
    `f.column(${scriptText(name)}, '${name === time?.name ? timeType : 'text'}')`
  const keeps = holes.map(({ name }) => `{ keep: f.present(${column(name)}) }`)
  return [
    `  import { features as f, workflow as define } from 'ensuite'`,
    '  export const workflow = define({',
    `    session: ${scriptText(session)},`,
    `    item: f.category(${scriptText(item)}),`,
    ...(time === undefined
      ? []
      : [`    time: ${timeType === 'seconds' ? column(time.name) : scriptText(time.name)},`]),
    `    steps: [${keeps.join(', ')}],`,
    '  })',
  ]
}

/** A name as a script takes it, in quotes. It may come from a stranger: what would tell a terminal something is escaped. */
const scriptText = (name: string): string =>
  `'${JSON.stringify(name)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll(/\p{Cc}/gu, escaped)}'`

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
