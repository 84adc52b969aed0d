import { Command } from 'commander'
import { EnsuiteError } from '../../errors.ts'
import {
  inferSchema,
  type InferredColumn,
  type InferredSchema,
  type Role,
  writeSchema,
} from '../../schema/index.ts'
import { droppingConfig } from '../dropping-config.ts'
import { createOutput } from '../output.ts'
import { eventSource, type SourceFlags } from '../parse.ts'
import { count, plain, schemaTable } from '../schema-table.ts'
import { sourceOptions } from '../source-options.ts'
import { quoted, sourceWords } from '../source-words.ts'

interface Flags extends SourceFlags {
  readonly set?: readonly string[]
  readonly out?: string
  readonly json: boolean
}

const EXAMPLES = `
Roles: session, user, item, time (one column each), categorical, continuous, text, ignore.

Examples:
  $ ensuite schema clicks.csv
  $ ensuite schema clicks.csv --set visit=session --set page=ignore --out data/shop
  $ ensuite schema events/ --json`

/** `ensuite schema`: what the columns of a log are, guessed, corrected and written as Merlin's schema files. */
export function schemaCommand(): Command {
  return sourceOptions(new Command('schema').description('guess what the columns of a log of events are'))
    .option(
      '--set <column=role>',
      'correct a guess; may be given several times',
      (pair: string, before: readonly string[] | undefined) => [...(before ?? []), pair],
    )
    .option('--out <folder>', 'write schema.pbtxt and .merlin/schema.json there')
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (events: readonly string[], flags: Flags) => {
      const output = createOutput(flags)
      const inferred = await inferSchema(eventSource(events, flags), { roles: rolesOf(flags.set ?? []) })
      if (flags.out !== undefined) await writeSchema(inferred.schema, flags.out)
      output.result(jsonOf(inferred, flags.out), () =>
        [
          schemaTable(inferred),
          `${count(inferred.events)} events. Counts and ranges are of all of them; roles are guesses from the first 20,000.`,
          nextStep(inferred, events, flags),
          ...(flags.out === undefined ? [] : [`Written to ${flags.out}: schema.pbtxt, .merlin/schema.json.`]),
        ].join('\n'),
      )
    })
}

/** `column=role` → the roles by column; the name of a column may hold a `=` itself. */
function rolesOf(pairs: readonly string[]): Readonly<Record<string, Role>> {
  const roles = new Map<string, Role>()
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=')
    if (at < 1)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `--set expects column=role, such as sku=item, received '${pair}'.`,
      )
    const name = pair.slice(0, at)
    if (roles.has(name))
      throw new EnsuiteError('OPTION_INVALID', `--set gives column '${name}' two roles. Give it one.`)
    // Whether it is a role is checked with the columns.
    roles.set(name, pair.slice(at + 1) as Role)
  }
  return Object.fromEntries(roles)
}

function jsonOf({ schema, events, columns }: InferredSchema, out: string | undefined): object {
  const text = (bound: InferredColumn['min']): number | string | undefined =>
    typeof bound === 'bigint' ? String(bound) : bound
  return {
    events,
    columns: columns.map((column, index) => ({
      ...column,
      min: text(column.min),
      max: text(column.max),
      tags: schema.columns[index]!.tags,
    })),
    ...(out !== undefined && { out }),
  }
}

/** The command that trains with these roles, or what it still needs: events without an id or a time are refused, unless a workflow drops them. */
function nextStep({ columns }: InferredSchema, events: readonly string[], flags: Flags): string {
  const named = (role: Role): string | undefined => columns.find((column) => column.role === role)?.name
  const session = named('session') ?? named('user')
  const item = named('item')
  const unknown = [session === undefined ? 'session' : [], item === undefined ? 'item' : []].flat()
  if (session === undefined || item === undefined)
    return `No ${unknown.join(' and no ')} was found. Say which: ${unknown.map((role) => `--set COLUMN=${role}`).join(' ')}.`
  const time = named('time')
  const start = ['ensuite train', ...events.map(quoted), ...sourceWords(flags)]
  // The time is first: what lacks one is dropped by the first step.
  const holes = [time, session, item].flatMap((role) =>
    columns.filter(({ name, missing }) => name === role && missing > 0),
  )
  if (holes.length > 0)
    return [
      `Rows without a value are refused: ${holes.map(({ name, missing }) => `${count(missing)} of ${plain(name)}`).join(', ')}. Fill or remove them, or drop them in a workflow.mjs:`,
      ...droppingConfig({ session, item, time: columns.find(({ name }) => name === time), holes }),
      `Next: ${[...start, '--config workflow.mjs --out artifacts/model'].join(' ')}`,
    ].join('\n')
  return [
    'Next:',
    ...start,
    `--session ${quoted(session)} --item ${quoted(item)}`,
    ...(time === undefined ? [] : [`--time ${quoted(time)}`]),
    '--out artifacts/model',
  ].join(' ')
}
