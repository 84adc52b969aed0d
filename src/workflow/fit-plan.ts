import type { Database } from '../events/database.ts'
import type { Plan, State } from '../expressions/index.ts'
import { learnStates } from './learn-states.ts'
import { compileStage, streamTable, type Stage, type States } from './stage.ts'
import { createStateTable, type StateTable, type StateTables } from './state-tables.ts'

export { compileStage, type Stage, type States } from './stage.ts'

/** What was learnt, and where the engine has it. */
export interface Fitted {
  readonly states: States
  readonly tables: StateTables
}

/**
 * Learns the states of a plan, and makes their tables. What does not need each other's states is learnt together: first what looks at the events alone,
 * then what looks at codes and statistics of these, and so on. `previous`: states that are extended.
 */
export async function fitPlan(
  database: Database,
  plan: Plan,
  stage: Stage,
  previous: States | undefined,
): Promise<Fitted> {
  const waves = wavesOf(plan)
  const states = new Map<number, State>()
  const tables = new Map<number, StateTable>()
  for (const [place, { operator, expression }] of plan.nodes.entries()) {
    const given = operator.scope === 'event' ? operator.fit?.given?.(expression.options) : undefined
    if (given !== undefined) await use(database, plan, { stage, place, state: given, states, tables })
  }
  for (let wave = 0; wave <= Math.max(0, ...waves); wave++) {
    const here = [...plan.nodes.keys()].filter((place) => waves[place] === wave)
    const known = { ...stage, tables }
    for (const place of here) await createStreamTable(database, plan, known, { place, states })
    const learning = here.filter((place) => learns(plan, place) && !states.has(place))
    await learnStates(database, plan, learning, { stage: known, states, tables, previous })
  }
  // In the order of the plan, in which they are saved.
  return { states: new Map([...states].sort(([left], [right]) => left - right)), tables }
}

/** Makes the tables of what looks at all sessions, and of states that are known. */
export async function useStates(
  database: Database,
  plan: Plan,
  stage: Stage,
  known: States,
): Promise<Fitted> {
  const states = new Map<number, State>()
  const tables = new Map<number, StateTable>()
  for (const [place, state] of known) await use(database, plan, { stage, place, state, states, tables })
  for (const place of plan.nodes.keys())
    await createStreamTable(database, plan, { ...stage, tables }, { place, states })
  return { states: known, tables }
}

async function use(
  database: Database,
  { nodes }: Plan,
  {
    stage,
    place,
    state,
    states,
    tables,
  }: {
    readonly stage: Stage
    readonly place: number
    readonly state: State
    readonly states: Map<number, State>
    readonly tables: Map<number, StateTable>
  },
): Promise<void> {
  states.set(place, state)
  const { operator, inputs } = nodes[place]!
  const parts = operator.scope === 'event' ? (operator.fit?.keys(inputs).length ?? 0) : 0
  if (parts > 0)
    tables.set(place, await createStateTable(database, `state_${stage.name}_${place}`, { state, parts }))
}

async function createStreamTable(
  database: Database,
  plan: Plan,
  stage: Stage,
  { place, states }: { readonly place: number; readonly states: States },
): Promise<void> {
  const { operator, expression, inputs } = plan.nodes[place]!
  if (operator.scope !== 'stream') return
  const all = compileStage(plan, inputs, { ...stage, from: stage.events }, states)
  await database.run(
    `CREATE OR REPLACE TABLE ${streamTable(stage, place)} AS ` +
      `SELECT s.row AS event_row, ${operator.sql(inputs.map(all.value), expression.options)} AS value FROM ${all.from} AS s`,
  )
}

const learns = ({ nodes }: Plan, place: number): boolean => {
  const { operator } = nodes[place]!
  return operator.scope === 'event' && operator.fit !== undefined
}

/** Of each node, how many states must be known, one after the other, before its inputs can be computed. */
function wavesOf(plan: Plan): readonly number[] {
  const waves: number[] = []
  for (const { inputs } of plan.nodes)
    waves.push(Math.max(0, ...inputs.map((input) => waves[input]! + (learns(plan, input) ? 1 : 0))))
  return waves
}
