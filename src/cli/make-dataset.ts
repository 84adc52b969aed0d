import { join, resolve } from 'node:path'
import { checkOutput, checkSourceFiles, type Dataset, findSource, prepareFound } from '../datasets/index.ts'
import type { PreparedDataset } from '../events/index.ts'
import { fetchDataset } from './fetch-dataset.ts'
import { inNewFolder } from './new-folder.ts'
import { type Output, table } from './output.ts'
import { duration } from './progress.ts'
import { quoted } from './source-words.ts'

export interface MakeDatasetFlags {
  readonly from?: string
  readonly out?: string
  readonly acceptLicence: boolean
  readonly seed: number
}

/** Fetches or finds the files of a data set, prepares them, and says what is there now. */
export async function makeDataset(dataset: Dataset, flags: MakeDatasetFlags, output: Output): Promise<void> {
  const started = performance.now()
  const out = resolve(flags.out ?? join('data', dataset.name))
  await checkOutput(out)
  const from = flags.from ?? (await fetchDataset(dataset, { out, accepted: flags.acceptLicence, output }))
  const found = await findSource(dataset, from)
  output.note(`${dataset.title}: ${found.layout.title}, in ${from}`)
  output.note(`Licence: ${dataset.licence.name}, ${dataset.licence.link}`)
  for (const file of found.missing) output.note(`${file} is not there: its columns are left out`)
  const sources = await checkSourceFiles(found, from)
  let lastWindow = 0
  const fill = (folder: string): Promise<PreparedDataset> =>
    prepareFound(dataset, found, {
      folder,
      sources,
      seed: flags.seed,
      onProgress: ({ stage, done = 0, total = 0 }) => {
        if (stage !== 'windows') {
          output.note(stages[stage])
          return
        }
        if (done < total && done - lastWindow < 50) return
        lastWindow = done
        output.note(`${done} of ${total} windows`)
      },
    })
  const prepared = await inNewFolder(out, { fill, check: () => checkOutput(out) })
  const { sessions, interactions, items, windows, rows, columns } = prepared
  const seconds = (performance.now() - started) / 1000
  output.result(
    {
      name: dataset.name,
      out,
      sessions,
      interactions,
      items,
      ...(windows && { windows: windows.length }),
      rows,
      columns,
      seconds,
    },
    () =>
      [
        table(
          ['', dataset.name],
          [
            ['sessions', String(sessions)],
            ['interactions', String(interactions)],
            ['items', String(items)],
            ...(windows ? [['windows', String(windows.length)]] : []),
          ],
        ),
        `Columns: ${columns.map(({ name }) => name).join(', ')}.`,
        dataset.preparation,
        `Took ${duration(seconds)}. Train on it:  npx ensuite train ${quoted(join(out, 'events.parquet'))} --session session --item item --time time --out artifacts/${dataset.name}`,
      ].join('\n'),
  )
}

const stages = { read: 'reading', prepare: 'preparing', write: 'writing events.parquet' } as const
