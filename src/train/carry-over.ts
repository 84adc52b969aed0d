import { EnsuiteError } from '../errors.ts'
import type { ParameterStore, Slot } from './parameter-store.ts'
import type { TrainingStep } from './step.ts'

/**
 * Makes a step go on where another one stands: weights and their averages, moments of the optimizer, and the generator of dropout masks. A parameter that is by code may have grown: its first rows are the old
 * ones, further ones stay as they were drawn, with moments as at the start.
 *
 * Throws `SHAPE_MISMATCH` for the step of another model.
 */
export async function carryOver(from: TrainingStep, to: TrainingStep): Promise<void> {
  await from.pull()
  const before = new Map(trained(from.store).map((slot) => [slot.parameter.name, slot]))
  const after = trained(to.store)
  const pairs = after.map((slot) => {
    const old = before.get(slot.parameter.name)
    if (old === undefined || !isGrown(old, slot) || before.size !== after.length)
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `fitAndEvaluate: the model of a later window has '${slot.parameter.name}' as [${slot.parameter.shape.join(', ')}], and that before it ${old === undefined ? 'does not have it' : `as [${old.parameter.shape.join(', ')}]`}. Give all models the same inputs, block, heads and maxLength, and extend the workflow of the window before.${old === undefined || old.parameter.shape[1] === slot.parameter.shape[1] ? '' : ' The vectors of a feature are as wide as it has many values unless inputs.widths says otherwise: name a width for each feature that grows.'}`,
      )
    return { old, slot }
  })
  for (const { old, slot } of pairs) {
    slot.values.set(old.values)
    // Those of new rows are what they were drawn as.
    if (old.average !== undefined) slot.average?.set(old.average)
    for (const [name, state] of Object.entries(old.states)) slot.states[name]!.set(state)
  }
  to.maskState.set(from.maskState)
  to.push()
}

const trained = ({ slots }: ParameterStore): readonly Slot[] =>
  slots.filter(({ parameter }) => parameter.trainable)

function isGrown({ parameter: { shape: old } }: Slot, { parameter: { shape, byCode } }: Slot): boolean {
  const same = old.length === shape.length && old.slice(1).join() === shape.slice(1).join()
  return same && (byCode ? old[0]! <= shape[0]! : old[0] === shape[0])
}
