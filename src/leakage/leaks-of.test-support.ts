import { join } from 'node:path'
import { fitSplit } from '../data/index.ts'
import { prepareFrom } from '../datasets/prepared.test-support.ts'
import { expressions as f } from '../expressions/index.ts'
import { workflow } from '../workflow/index.ts'
import { checkLeakage } from './check-leakage.ts'
import type { LeakFinding } from './leakage-input.ts'

/** What is found in a data set that is prepared from `folder`, with these columns as features, and divided by time. */
export async function leaksOf(
  name: string,
  {
    folder,
    codes,
    numbers,
  }: { readonly folder: string; readonly codes: readonly string[]; readonly numbers: readonly string[] },
): Promise<readonly LeakFinding[]> {
  const prepared = await prepareFrom(name, folder)
  const definition = workflow({
    ...{ session: 'session', item: 'item', time: 'time' },
    features: {
      ...Object.fromEntries(codes.map((column) => [column, f.category(column)])),
      ...Object.fromEntries(numbers.map((column) => [column, f.normalize(f.column(column, 'number'))])),
    },
  })
  const split = { kind: 'time', validation: 0.1, test: 0.1 } as const
  const events = { path: join(prepared.folder, 'events.parquet') }
  const { fitted, train, validation, test } = await fitSplit(definition, events, split)
  return checkLeakage({ train, validation, test, fitted, split: split.kind, now: Date.UTC(2025, 0, 1) })
}
