import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { gpt2, sasrec, type Block } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import { nextItem } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model, type Model, type ModelOptions } from '../model.ts'
import { createRandom } from '../random.ts'
import { expressions as f, planOf, type State } from '../expressions/index.ts'
import { definition } from '../workflow/definition.ts'
import { createFittedWorkflow, type FittedWorkflow } from '../workflow/fitted-workflow.ts'

export const tinyBlocks: Readonly<Record<string, () => Block<'causal'>>> = {
  gpt2: () => gpt2({ width: 8, layers: 2, heads: 2 }),
  sasrec: () => sasrec({ width: 8, layers: 2, heads: 2 }),
}

export interface TinyOptions {
  readonly block?: keyof typeof tinyBlocks
  readonly items?: number
  /** Adds the code `colour` and the number `price`. */
  readonly sides?: boolean
  /** Events tell their times in `at`. */
  readonly times?: boolean
  /** Items have content: these two, and the vector `text` of two numbers. */
  readonly content?: boolean
  /** Events of this item are left out by a step. */
  readonly without?: string
  readonly maxLength?: number
  readonly seed?: number
}

export interface Tiny {
  readonly model: Model
  readonly weights: Readonly<Record<string, Float32Array>>
  readonly workflow: FittedWorkflow
}

/** An untrained model over items `i0`, `i1`, … (and `colour` and `price`), with large random weights, so that every input matters. */
export function tiny(options: TinyOptions = {}): Tiny {
  const {
    block = 'sasrec',
    items = 30,
    content = false,
    times = false,
    maxLength = 6,
    seed = 1,
    without,
  } = options
  const { sides = content } = options
  const workflow = tinyWorkflow(
    Array.from({ length: items }, (_, at) => `i${at}`),
    { sides, times, without },
  )
  const made = model(workflow.schema, {
    ...(content && tinyContent(items + RESERVED)),
    masking: causal(),
    block: tinyBlocks[block]!(),
    heads: [nextItem()],
    maxLength,
  })
  const weights = made.parameters.map(({ name, shape }, at) => {
    const random = createRandom(seed, at)
    const values = new Float32Array(shape.reduce((all, dim) => all * dim, 1))
    if (name in made.pretrained) return [name, made.pretrained[name]!] as const
    return [name, values.map(() => 0.4 * random.normal())] as const
  })
  return { model: made, weights: Object.fromEntries(weights), workflow }
}

/** The item of code `n` has the colour of code `n mod 5`. */
function tinyContent(codes: number): Pick<ModelOptions, 'inputs' | 'content'> {
  const of = (value: (code: number) => number): Float32Array =>
    Float32Array.from({ length: codes }, (_, code) => value(code))
  return {
    inputs: { content: { features: ['colour', 'price'], vectors: { text: 2 }, hidden: [6] } },
    content: {
      colour: of((code) => code % 5),
      price: of((code) => code / 10),
      text: Float32Array.from({ length: 2 * codes }, (_, at) => Math.sin(at)),
    },
  }
}

function tinyWorkflow(
  items: readonly string[],
  { sides, times, without }: { sides: boolean; times: boolean; without: string | undefined },
): FittedWorkflow {
  const defined = definition({
    session: 'session',
    item: 'item',
    ...(times && { time: 'at' }),
    ...(without !== undefined && {
      steps: [{ keep: f.not(f.equal(f.column('item', 'text'), without)) }],
    }),
    ...(sides && { features: { colour: f.category('colour'), price: f.column('price', 'number') } }),
  })
  const state = (values: readonly string[]): State => ({
    keys: values.map((value) => [value]),
    columns: { code: values.map((_, at) => at + 2), count: values.map((_, at) => values.length - at) },
    totals: {},
  })
  const { roots } = planOf(Object.values(defined.features))
  const [item, colour] = roots
  return createFittedWorkflow(defined, [
    ...(without === undefined ? [] : [new Map()]),
    new Map([[item!, state(items)], ...(sides ? [[colour!, state(['red', 'green', 'blue'])] as const] : [])]),
  ])
}

/** An empty folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ensuite-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
