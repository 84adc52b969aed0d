import { Command, CommanderError } from 'commander'
import { packageVersion } from '../artifact/package-version.ts'
import { EnsuiteError } from '../errors.ts'
import { blocksCommand } from './commands/blocks.ts'
import { dataCommand } from './commands/data.ts'
import { demoCommand } from './commands/demo.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { inspectCommand } from './commands/inspect.ts'
import { prepareCommand } from './commands/prepare.ts'
import { recommendCommand } from './commands/recommend.ts'
import { reportCommand } from './commands/report.ts'
import { schemaCommand } from './commands/schema.ts'
import { serveCommand } from './commands/serve.ts'
import { trainCommand } from './commands/train.ts'
import { tuneCommand } from './commands/tune.ts'
import { errorLine } from './error-line.ts'
import type { Signals } from './hear-signals.ts'

/**
 * Runs what the command line says. Exit codes: 0 done, 1 a fault of ours, 2 something about the input that the message says how to mend.
 * `signals`: those that a server hears already.
 */
export async function runProgram({ signals }: { readonly signals: Signals | undefined }): Promise<number> {
  const program = new Command('ensuite')
    .description('Session-based recommendation: train, evaluate, recommend, serve.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for the options and examples)')
  for (const command of commands({ signals })) program.addCommand(exitless(command))
  try {
    await exitless(program).parseAsync()
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof EnsuiteError) {
      process.stderr.write(errorLine(error))
      return 2
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return 1
  }
}

/** Every command, in the order of the help. */
export const commands = ({
  signals,
}: { readonly signals?: Signals | undefined } = {}): readonly Command[] => [
  dataCommand(),
  schemaCommand(),
  prepareCommand(),
  trainCommand(),
  tuneCommand(),
  evaluateCommand(),
  reportCommand(),
  inspectCommand(),
  blocksCommand(),
  recommendCommand(),
  serveCommand(signals),
  demoCommand(),
]

/** Throws where commander would end the process, and gives its messages our form. */
function exitless(command: Command): Command {
  return command.exitOverride().configureOutput({
    outputError: (text, write) => {
      write(
        text.replace(
          /^error: /,
          text.includes('unknown option') || text.includes('unknown command')
            ? 'error [OPTION_UNKNOWN]: '
            : 'error [OPTION_INVALID]: ',
        ),
      )
    },
  })
}
