import { Command } from 'commander'
import { readAnyArtifact } from '../../artifact/index.ts'
import { artifactConfig, baselineConfig } from '../artifact-config.ts'
import { describeArtifact } from '../describe-artifact.ts'
import { describeBaseline } from '../describe-baseline.ts'
import { createOutput } from '../output.ts'
import { FUNCTIONS_OPTION, functionsOf } from '../read-functions.ts'

interface Flags {
  readonly functions?: string
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite inspect artifacts/shop
  $ ensuite inspect artifacts/shop --json > shop.json
  $ ensuite train clicks.csv --config shop.json --epochs 50 --out artifacts/longer`

/** `ensuite inspect`: what an artifact is, and the config that trains it again. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('say what an artifact is, or print the config that trains it again')
    .argument('<artifact>', 'folder written by train')
    .option(...FUNCTIONS_OPTION)
    .option('--json', 'print its config, which train --config takes, as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: Flags) => {
      const artifact = await readAnyArtifact(path, await functionsOf(flags))
      // For people to edit, too.
      const output = createOutput({ ...flags, indent: 2 })
      if ('baseline' in artifact) {
        const config = baselineConfig(artifact)
        output.result(config, () => describeBaseline(artifact, config))
        return
      }
      const config = artifactConfig(artifact)
      output.result(config, () => describeArtifact(artifact, config))
    })
}
