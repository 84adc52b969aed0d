import { Option, type Command } from 'commander'
import { blockKinds } from '../blocks/index.ts'
import { losses } from '../heads/index.ts'
import { aggregations } from '../inputs/index.ts'
import { maskingKinds } from '../masking/index.ts'
import { decayKinds, optimizerNames } from '../train/index.ts'
import { number, numbers, seed } from './parse.ts'

/** What a flag is an option of: a part of the model, or of the training. */
export type Area =
  'model' | 'masking' | 'block' | 'next-item' | 'inputs' | 'train' | 'optimizer' | 'schedule' | 'averaging'

/** A flag that says what a config can say, too. */
export interface Setting {
  /** As commander takes it. */
  readonly flag: string
  readonly says: string
  readonly of: Area
  /** The name of the option there; a masking's and a block's kind is `kind`. */
  readonly option: string
  /** Of a flag with a value: what reads it, or what there is to choose from. */
  readonly reads?: ((text: string) => unknown) | readonly string[]
  /** What a flag without a value says. */
  readonly means?: unknown
  /** Where neither a flag nor a config says it. */
  readonly otherwise?: number | string
}

/** A flag that was given, with the option's value. */
export interface Given {
  readonly setting: Setting
  readonly value: unknown
}

const row = (
  flag: string,
  [of, option]: readonly [Area, string],
  says: string,
  more: Pick<Setting, 'reads' | 'means' | 'otherwise'>,
): Setting => ({ flag, says, of, option, ...more })

const sum = (otherwise?: number): Pick<Setting, 'reads' | 'otherwise'> => ({
  reads: number,
  ...(otherwise !== undefined && { otherwise }),
})

/** Every flag of the model and its training, by headings of the help. A new one has its one line here. */
export const settings: Readonly<Record<string, readonly Setting[]>> = {
  'Model:': [
    row('--block <kind>', ['block', 'kind'], 'architecture', { reads: blockKinds, otherwise: 'sasrec' }),
    row(
      '--block-from <folder>',
      ['block', 'from'],
      'start from a checkpoint of Hugging Face, which says the block',
      {
        reads: (folder) => folder,
      },
    ),
    row('--width <n>', ['block', 'width'], 'size of the embeddings and hidden states', sum(64)),
    row('--layers <n>', ['block', 'layers'], 'layers of the block', sum(2)),
    row('--heads <n>', ['block', 'heads'], 'attention heads', sum(2)),
    row('--bidirectional', ['block', 'bidirectional'], 'of lstm and gru: read sessions from their end, too', {
      means: true,
    }),
    row(
      '--key-value-heads <n>',
      ['block', 'keyValueHeads'],
      'of llama: heads of keys and values; as --heads unless given',
      sum(),
    ),
    row('--without-times', ['block', 'times'], 'of hstu: leave out when events were', { means: false }),
    row('--expansion <n>', ['block', 'expansion'], 'width of the feed-forward layer, in widths', sum()),
    row(
      '--window <n>',
      ['block', 'window'],
      'of longformer: events that an event sees around itself; 32 unless given',
      sum(),
    ),
    row(
      '--global <event>',
      ['block', 'global'],
      'of longformer: the event that sees its whole session; first unless given',
      { reads: ['none', 'first', 'last'] },
    ),
    row('--dropout <p>', ['block', 'dropout'], 'dropout of the block in training', sum(0.2)),
    row('--max-length <n>', ['model', 'maxLength'], 'latest events of a session that it reads', sum(50)),
    row('--masking <kind>', ['masking', 'kind'], 'what it sees; the first that the block goes with', {
      reads: maskingKinds,
    }),
    row(
      '--mask-probability <p>',
      ['masking', 'probability'],
      'of an event to be hidden and predicted',
      sum(),
    ),
  ],
  'Inputs:': [
    row(
      '--aggregation <kind>',
      ['inputs', 'aggregation'],
      'of the features of an event; concat unless given',
      {
        reads: Object.keys(aggregations),
      },
    ),
    row('--soft-embedding', ['inputs', 'continuous'], 'numbers as mixtures of learnt vectors', {
      means: 'soft',
    }),
    row('--layer-norm', ['inputs', 'layerNorm'], "normalise each feature's vector", { means: true }),
    row(
      '--input-dropout <p>',
      ['inputs', 'dropout'],
      "dropout of each feature's vector; 0 unless given",
      sum(),
    ),
    row('--swap-noise <p>', ['inputs', 'swapNoise'], 'events exchanged in training; 0 unless given', sum()),
  ],
  'Next item:': [
    row('--loss <kind>', ['next-item', 'loss'], 'full-softmax unless given', { reads: Object.keys(losses) }),
    row(
      '--label-smoothing <share>',
      ['next-item', 'labelSmoothing'],
      'of full-softmax: spread over all items',
      sum(),
    ),
    row('--negatives <n>', ['next-item', 'negatives'], 'of all other losses; 256 unless given', sum()),
    row('--negatives-from <where>', ['next-item', 'negativesFrom'], "the first that the loss's paper has", {
      reads: ['shared', 'each', 'batch', 'mixed'],
    }),
    row('--distribution <kind>', ['next-item', 'distribution'], 'of negatives; uniform unless given', {
      reads: ['uniform', 'log-uniform', 'frequency'],
    }),
    row('--untied', ['next-item', 'tieWeights'], 'score with a table of its own, not the item embeddings', {
      means: false,
    }),
    row('--item-bias', ['next-item', 'bias'], 'a score of its own for each item', { means: true }),
    row('--similarity <kind>', ['next-item', 'similarity'], 'of states and items; dot unless given', {
      reads: ['dot', 'cosine'],
    }),
    row(
      '--projection <kind>',
      ['next-item', 'projection'],
      'between states and scores; what fits unless given',
      {
        reads: ['none', 'linear', 'tanh'],
      },
    ),
  ],
  'Training:': [
    row('--epochs <n>', ['train', 'epochs'], 'most passes over the sessions', sum(100)),
    row('--batch-size <n>', ['train', 'batchSize'], 'sessions an update', sum(128)),
    row('--accumulate <n>', ['train', 'accumulate'], 'batches an update; 1 unless given', sum()),
    row('--optimizer <kind>', ['optimizer', 'kind'], 'how parameters follow their gradients', {
      reads: optimizerNames,
      otherwise: 'adamw',
    }),
    row(
      '--learning-rate <rate>',
      ['optimizer', 'learningRate'],
      '0.001 unless given, and 0.01 of adagrad',
      sum(),
    ),
    row('--momentum <share>', ['optimizer', 'momentum'], 'of sgd: what is kept of the velocity', sum()),
    row(
      '--weight-decay <rate>',
      ['optimizer', 'weightDecay'],
      'on all but biases and norms; 0.01 of adamw and 0 of the others unless given',
      sum(),
    ),
    row(
      '--average-decay <share>',
      ['averaging', 'decay'],
      'measure and save an average of the weights that keeps so much at an update',
      sum(),
    ),
    row('--clip-norm <norm>', ['optimizer', 'clipNorm'], 'largest norm of the gradient', sum(1)),
    row('--schedule <kind>', ['schedule', 'decay'], 'how the learning rate falls over the epochs', {
      reads: decayKinds,
      otherwise: 'constant',
    }),
    row('--schedule-cycles <n>', ['schedule', 'cycles'], 'of cosine: how often it begins anew', {
      reads: number,
    }),
    row('--schedule-power <p>', ['schedule', 'power'], 'of polynomial; 1 is linear', { reads: number }),
    row('--schedule-floor <factor>', ['schedule', 'floor'], 'where the rate ends, from 0 to 1', {
      reads: number,
    }),
    row('--warmup <updates>', ['schedule', 'warmup'], 'updates over which the learning rate rises', sum(0)),
    row(
      '--length-pool <n>',
      ['train', 'lengthPool'],
      'batches of sessions sorted by length together; 1 for none',
      sum(1),
    ),
    row('--seed <n>', ['train', 'seed'], 'start of all random draws', { reads: seed, otherwise: 1 }),
    row(
      '--patience <n>',
      ['train', 'patience'],
      'stop after so many evaluations without a better one',
      sum(10),
    ),
    row(
      '--evaluate-every <updates>',
      ['train', 'evaluateEvery'],
      'evaluate inside epochs, too; after each epoch alone unless given',
      sum(),
    ),
    row(
      '-k, --k <list>',
      ['train', 'ks'],
      'cutoffs of the metrics (10,20 unless given); the first one chooses the best evaluation',
      {
        reads: numbers,
      },
    ),
    row('--keep-seen', ['train', 'filterSeen'], 'rank items that the session has already had, too', {
      means: false,
    }),
  ],
}

/** The flags of all settings, under their headings. */
export function trainingSettings(command: Command): Command {
  for (const [heading, rows] of Object.entries(settings)) {
    command.optionsGroup(heading)
    for (const each of rows) command.addOption(optionOf(each))
  }
  return command
}

function optionOf({ flag, says, reads, otherwise }: Setting): Option {
  const option = new Option(flag, says)
  if (typeof reads === 'function') option.argParser(reads)
  else if (reads !== undefined) option.choices(reads)
  return otherwise === undefined ? option : option.default(otherwise)
}

/** The settings that the command line names itself: what commander fills in is not given, so that it does not hide a config's. */
export const givenSettings = (command: Command): readonly Given[] =>
  Object.values(settings)
    .flat()
    .flatMap((setting) => {
      const name = new Option(setting.flag).attributeName()
      if (command.getOptionValueSource(name) !== 'cli') return []
      const value: unknown = command.getOptionValue(name)
      return [{ setting, value: 'means' in setting ? setting.means : value }]
    })
