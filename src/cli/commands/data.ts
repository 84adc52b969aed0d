import { Command } from 'commander'
import { EnsuiteError } from '../../errors.ts'
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
    .action(async (name: string | undefined, flags: Flags, command: Command) => {
      const output = createOutput(flags)
      if (name === undefined || flags.list) {
        refuseBeside(name, command)
        listDatasets(output)
      } else {
        const dataset = datasetNamed(name)
        const goOn = endAtSignals(output, '\nInterrupted. The same command goes on with what was fetched.')
        await makeDataset(dataset, flags, output).finally(goOn)
      }
    })
}

/** Throws `OPTION_INVALID` for what says nothing where data sets are listed. */
function refuseBeside(name: string | undefined, command: Command): void {
  const useless = ['from', 'out', 'acceptLicence', 'seed'].find(
    (option) => command.getOptionValueSource(option) === 'cli',
  )
  if (name === undefined && useless === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    name === undefined
      ? `data lists the data sets where none is named, and --${useless === 'acceptLicence' ? 'accept-licence' : useless!} says nothing then. Name one, such as: ensuite data ml-100k.`
      : `data --list lists all data sets, and '${name.slice(0, 100)}' says nothing then. Leave one of them out.`,
  )
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
