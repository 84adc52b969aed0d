import { Command } from 'commander'
import { datasetNamed, datasets } from '../../datasets/index.ts'
import { endAtSignals } from '../end-at-signals.ts'
import { makeDataset, type MakeDatasetFlags } from '../make-dataset.ts'
import { createOutput, type Output } from '../output.ts'
import { number } from '../parse.ts'

interface Flags extends MakeDatasetFlags {
  readonly list: boolean
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite data                                  (what there is)
  $ ensuite data eshop-clothing --out data/shop   (comes with this package)
  $ ensuite data ml-100k --accept-licence         (fetched, into data/ml-100k)
  $ ensuite data g1 --from ~/Downloads/globo      (from files that you have)`

/** `ensuite data`: public data sets, fetched or from a folder, prepared as in the papers. */
export function dataCommand(): Command {
  return new Command('data')
    .description('list public data sets; fetch one, or take its files, and prepare it as the papers do')
    .argument('[name]', 'a data set; without it, all are listed')
    .option('--list', 'list all data sets', false)
    .option('--from <folder>', 'where its unpacked files are; fetched unless given')
    .option('--out <folder>', 'where events.parquet and dataset.json are written (data/<name> unless given)')
    .option('--accept-licence', 'accept the conditions of the data set, which the list links to', false)
    .option('--seed <n>', 'divides the sessions of time windows between validation and test', number, 1)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, flags: Flags) => {
      const output = createOutput(flags)
      if (name === undefined || flags.list) listDatasets(output)
      else {
        const dataset = datasetNamed(name)
        const goOn = endAtSignals(output, '\nInterrupted. The same command goes on with what was fetched.')
        await makeDataset(dataset, flags, output).finally(goOn)
      }
    })
}

function listDatasets(output: Output): void {
  const shown = datasets.map(({ name, title, purpose, size, homepage, licence, source, preparation }) => ({
    name,
    title,
    purpose,
    size,
    homepage,
    licence,
    source: source.kind,
    preparation,
  }))
  output.result({ datasets: shown }, () =>
    [
      ...shown.map(({ name, title, purpose, size, homepage, licence, source }) =>
        [
          `${name} · ${title}`,
          `  for      ${purpose}`,
          `  size     ${size}`,
          `  licence  ${licence.name}${licence.mustAccept ? ' (to be accepted)' : ''}, ${licence.link}`,
          `  source   ${source === 'bundled' ? 'comes with this package' : source === 'by-hand' ? 'by hand, then --from' : 'fetched'}, ${homepage}`,
        ].join('\n'),
      ),
      `Prepare one with  npx ensuite data <name> [--from <folder>] [--out <folder>]`,
    ].join('\n\n'),
  )
}
