import { Command } from 'commander'
import { createOutput } from '../output.ts'

interface Flags {
  readonly out: string
  readonly title?: string
  readonly overwrite: boolean
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite report runs/first
  $ ensuite report runs/first runs/second --out comparison.html --title "Two widths"
  $ ensuite report runs/search --out search.html`

/** `ensuite report`: one page about runs and searches. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write one page of HTML about runs and searches: curves, figures, slices, comparison')
    .argument('<run...>', 'folders written by train --run, or by tune --out')
    .option('--out <file>', 'where the page is written', 'report.html')
    .option('--title <text>', 'of the page; the names of the runs unless given')
    .option('--overwrite', 'replace a file that is no report, too', false)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (folders: readonly string[], { out, title, overwrite, json }: Flags) => {
      // What draws takes a while to load, which the other commands need not wait for.
      const { writeReport } = await import('../../report/index.ts')
      const report = await writeReport(folders, {
        ...{ out, overwrite, writtenAt: new Date() },
        ...(title !== undefined && { title }),
      })
      createOutput({ json }).result(
        report,
        () =>
          `${out}: runs ${report.runs}, searches ${report.searches}, charts ${report.charts}, KiB ${Math.ceil(report.bytes / 1024)}`,
      )
    })
}
