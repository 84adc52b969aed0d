import { Command } from 'commander'
import { blockKinds, blockOfKind, blockOptions } from '../../blocks/index.ts'
import { presetNames, published } from '../../presets/index.ts'
import { createOutput, table } from '../output.ts'

/** Every block has one of these sizes. */
const SIZE = { width: 8, layers: 1, heads: 1 }

/** The maskings of a block, also of one that reads both ways, where it can. */
function maskingsOf(kind: string): readonly string[] {
  const known = blockOptions(kind)
  const sized = Object.fromEntries(Object.entries(SIZE).filter(([name]) => known.includes(name)))
  const both = known.includes('bidirectional') ? [{}, { bidirectional: true }] : [{}]
  return both.flatMap((more) => {
    const { supports } = blockOfKind(kind, { ...sized, ...more })
    return supports.map((masking) => ('bidirectional' in more ? `${masking} (--bidirectional)` : masking))
  })
}

/** `ensuite blocks`: the architectures there are. */
export function blocksCommand(): Command {
  return new Command('blocks')
    .description(
      'list the blocks, with the maskings that each goes with and its options, and the presets of papers',
    )
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ ensuite blocks')
    .action((flags: { readonly json: boolean }) => {
      const blocks = blockKinds.map((kind) => ({
        kind,
        maskings: maskingsOf(kind),
        options: blockOptions(kind),
      }))
      const presets = presetNames.map((name) => ({ name, ...published[name] }))
      createOutput(flags).result({ blocks, presets }, () =>
        [
          table(
            ['block', 'maskings', 'options'],
            blocks.map(({ kind, maskings, options }) => [kind, maskings.join(', '), options.join(', ')]),
          ),
          table(
            ['preset', 'block', 'paper'],
            presets.map(({ name, model, paper }) => [name, model.block.kind, paper]),
          ),
        ].join('\n'),
      )
    })
}
