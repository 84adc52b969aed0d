import { Command } from 'commander'
import { readAnyArtifact } from '../../artifact/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { loadRecommender, type Recommendations, type Recommender } from '../../recommend/index.ts'
import type { Event, WorkflowPast } from '../../workflow/index.ts'
import { FUNCTIONS_OPTION, functionsOf } from '../read-functions.ts'
import { createOutput, table } from '../output.ts'
import { ownUnits } from '../own-units.ts'
import { list, number } from '../parse.ts'

interface Flags {
  readonly items?: readonly string[]
  readonly events?: string
  readonly past?: string
  readonly k?: number
  readonly keepSeen: boolean
  readonly functions?: string
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite recommend artifacts/shop --items A13,A16
  $ ensuite recommend artifacts/shop --items '" A13","Shoe, red"'      (ids with spaces at their ends, or commas)
  $ ensuite recommend artifacts/shop --events '[{"item_id": "A13", "colour": "red"}]' -k 5 --json`

/** `ensuite recommend`: what comes next after a few items. */
export function recommendCommand(): Command {
  return new Command('recommend')
    .description('recommend the next items of a session')
    .argument('<artifact>', 'folder written by train')
    .option(
      '--items <ids>',
      'the items of the session, oldest first, between commas; one with commas or spaces at its ends between quotes',
      list,
    )
    .option('--events <json>', 'the events of the session as a JSON array of objects: side features too')
    .option(
      '--past <file>',
      'events of all sessions up to now, this one too: for features such as recentCount',
    )
    .option('-k, --k <n>', 'how many; 10 unless given, or the whole of a smaller catalogue', number)
    .option('--keep-seen', 'recommend items again that the session has had', false)
    .option(...FUNCTIONS_OPTION)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (artifact: string, flags: Flags) => {
      const output = createOutput(flags)
      if ((flags.items === undefined) === (flags.events === undefined))
        throw new EnsuiteError(
          'OPTION_INVALID',
          'Give the session by --items A,B or by --events JSON, one of the two.',
        )
      const functions = await functionsOf(flags)
      const recommender = await loadRecommender(artifact, functions)
      try {
        const column = recommender.itemColumn
        const events = flags.items?.map((item): Event => ({ [column]: item })) ?? parseEvents(flags.events!)
        const { items, unknown, fallback, predictions } = await recommender.recommend(events, {
          ...(flags.k !== undefined && { k: flags.k }),
          // A model that scores no items has none to leave out.
          ...(flags.keepSeen && { excludeSeen: false }),
          ...(await pastOf(recommender, flags)),
        })
        if (unknown.length > 0) output.note(`Unknown items, skipped: ${unknown.join(', ')}`)
        if (fallback !== undefined)
          output.note(
            events.every((event) => unknown.includes(String(event[column])))
              ? 'No known item is left in the session: these are the popular ones.'
              : 'Nothing is told of any item after this session: these are the popular ones.',
          )
        const hasAmounts = Object.values(predictions ?? {}).some((each) => typeof each === 'number')
        const units = hasAmounts ? ownUnits(predictions!, await readAnyArtifact(artifact, functions)) : {}
        output.result(
          {
            ...{ items, unknown },
            ...(fallback && { fallback }),
            ...(predictions && { predictions }),
            ...(Object.keys(units).length > 0 && { ownUnits: units }),
          },
          () =>
            [
              ...(items.length === 0
                ? []
                : [
                    table(
                      ['item', 'score'],
                      items.map(({ item, score }) => [item, score.toFixed(4)]),
                    ),
                  ]),
              ...Object.entries(predictions ?? {}).map(
                ([head, prediction]) => `${head}: ${shownPrediction(prediction)}${shownUnit(units[head])}`,
              ),
            ].join('\n'),
        )
      } finally {
        await recommender.close()
      }
    })
}

/** Of a normalised number, which says little to people, what it is in the unit of its column. */
const shownUnit = (amount: number | null | undefined): string => {
  if (amount === undefined) return ''
  return amount === null ? ' (normalised)' : ` (normalised; ${amount.toFixed(4)} in the unit of the column)`
}

/** Of classes, the five likeliest. */
const shownPrediction = (prediction: NonNullable<Recommendations['predictions']>[string]): string =>
  typeof prediction === 'number'
    ? prediction.toFixed(4)
    : Object.entries(prediction)
        .sort(([, left], [, right]) => right - left)
        .slice(0, 5)
        .map(([value, probability]) => `${value} ${probability.toFixed(4)}`)
        .join(', ')

async function pastOf(recommender: Recommender, { past }: Flags): Promise<{ readonly past?: WorkflowPast }> {
  if (past !== undefined && recommender.needsPast) return { past: await recommender.readPast({ path: past }) }
  if (past === undefined && !recommender.needsPast) return {}
  throw new EnsuiteError(
    'OPTION_INVALID',
    past === undefined
      ? 'The workflow has features that look at other sessions. Give the events of all sessions up to now: --past <file>.'
      : 'No feature of the workflow looks at other sessions. Leave --past out.',
  )
}

function parseEvents(text: string): readonly Event[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new EnsuiteError(
      'OPTION_INVALID',
      `--events is not JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    )
  }
  if (!Array.isArray(parsed) || parsed.some((each) => typeof each !== 'object' || each === null))
    throw new EnsuiteError(
      'OPTION_INVALID',
      '--events expects a JSON array of objects, such as [{"item_id": "A13"}].',
    )
  return parsed as readonly Event[]
}
