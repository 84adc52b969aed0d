// Trains small models of several blocks and maskings on one made-up log, and saves each as an artifact:
//   node tools/parity/make-artifacts.mjs FOLDER
// writes FOLDER/<case>/ and FOLDER/<case>.sessions.json, sessions of events that its artifact can score. Needs `npm run build`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocks, features, heads, masking, model, saveArtifact, train, workflow } from '../../dist/index.js'

const ITEMS = 40
const MAX_LENGTH = 8
const size = { width: 16, layers: 2, heads: 2 }
const recurrent = { width: 16, layers: 2 }

/** A block and its masking; those that are `rich` have side features, and a head of each kind, and `timed` ones read when events were. */
const cases = {
  'gpt2-causal': { block: blocks.gpt2(size), masking: masking.causal() },
  'sasrec-causal-rich': { block: blocks.sasrec(size), masking: masking.causal(), rich: true },
  'xlnet-permuted': { block: blocks.xlnet(size), masking: masking.permuted() },
  'xlnet-causal': { block: blocks.xlnet(size), masking: masking.causal() },
  'bert-masked': { block: blocks.bert(size), masking: masking.masked() },
  'bert-masked-rich': { block: blocks.bert(size), masking: masking.masked(), rich: true },
  'roberta-masked': { block: blocks.roberta(size), masking: masking.masked() },
  'distilbert-masked': { block: blocks.distilbert(size), masking: masking.masked() },
  'albert-masked': { block: blocks.albert({ ...size, embeddingWidth: 8 }), masking: masking.masked() },
  'electra-replaced': { block: blocks.electra({ ...size, embeddingWidth: 8 }), masking: masking.replaced() },
  'lstm-causal': { block: blocks.lstm(recurrent), masking: masking.causal() },
  'gru-causal': { block: blocks.gru(recurrent), masking: masking.causal() },
  'transfoxl-causal': { block: blocks.transfoxl(size), masking: masking.causal() },
  'longformer-masked': { block: blocks.longformer({ ...size, window: 4 }), masking: masking.masked() },
  'llama-causal': { block: blocks.llama({ ...size, keyValueHeads: 1 }), masking: masking.causal() },
  'ligr-causal': { block: blocks.ligr(size), masking: masking.causal() },
  'hstu-causal': { block: blocks.hstu(size), masking: masking.causal(), timed: true },
  'hstu-without-times': { block: blocks.hstu({ ...size, times: false }), masking: masking.causal() },
  'tisasrec-causal-rich': {
    block: blocks.tisasrec(size),
    masking: masking.causal(),
    timed: true,
    rich: true,
  },
  'lrurec-causal': { block: blocks.lrurec(recurrent), masking: masking.causal() },
  'mamba2-causal': { block: blocks.mamba2(size), masking: masking.causal() },
  'gru-masked': { block: blocks.gru({ ...recurrent, bidirectional: true }), masking: masking.masked() },
}

const missing = blocks.blockKinds.filter(
  (kind) => !Object.values(cases).some(({ block }) => block.kind === kind),
)
if (missing.length > 0) throw new Error(`Add a case of ${missing.join(', ')}.`)

/** Numbers from 0 on below `below`, the same in every run (a linear congruential generator). */
function draws(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const draw = draws(7)
const events = Array.from({ length: 120 }, (_, session) => {
  const first = draw(ITEMS)
  return Array.from({ length: 1 + draw(MAX_LENGTH) }, (_, at) => ({
    session: `s${session}`,
    item: `i${(first + at * 3 + draw(2)) % ITEMS}`,
    time: 1_700_000_000 + session * 1000 + at,
    colour: ['red', 'green', 'blue'][draw(3)],
    price: 5 + draw(1000) / 10,
    bought: draw(2),
  }))
})

/** The workflow of a case, fitted, and its sessions. */
async function data(log, rich) {
  const { column, category, normalize } = features
  const defined = workflow({
    session: 'session',
    item: 'item',
    time: column('time', 'seconds'),
    ...(rich && {
      features: {
        colour: category('colour'),
        price: normalize(column('price', 'number')),
        bought: column('bought', 'number'),
      },
    }),
  })
  return defined.fitTransform({ path: log })
}

const richHeads = [
  heads.multiClass({ target: 'colour', classes: 3, weight: 0.3 }),
  heads.binary({ target: 'bought', weight: 0.3 }),
  heads.regression({ target: 'price', weight: 0.3 }),
]

/** A session of raw events, without what only says which session, or when. */
const asked = (session, { rich, timed }) =>
  session.map(({ item, time, colour, price, bought }) => ({
    item,
    ...(timed && { time }),
    ...(rich && { colour, price, bought }),
  }))

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Give the folder to write to.')
const log = join(folder, 'log.csv')
const names = Object.keys(events[0][0])
const rows = events.flat().map((event) => names.map((name) => event[name]).join(','))
writeFileSync(log, `${[names.join(','), ...rows].join('\n')}\n`)
for (const [name, { block, masking: chosen, rich = false, timed = false }] of Object.entries(cases)) {
  const { fitted, sessions } = await data(log, rich)
  const made = model(fitted.schema, {
    block,
    masking: chosen,
    heads: [heads.nextItem(), ...(rich ? richHeads : [])],
    maxLength: MAX_LENGTH,
  })
  const trained = await train(made, sessions, {
    ...{ epochs: 8, batchSize: 16 },
    optimizer: { learningRate: 0.01 },
  })
  await saveArtifact(join(folder, name), { ...trained, workflow: fitted }, { createdAt: new Date() })
  writeFileSync(
    join(folder, `${name}.sessions.json`),
    JSON.stringify(events.slice(0, 60).map((session) => asked(session, { rich, timed }))),
  )
}
