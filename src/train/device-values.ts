import type { DeviceTensor, TensorData } from '../graph/index.ts'

/** A value that a step carries over to the next: an output that becomes an input, and its copy in the memory of this process. */
export interface CarriedValue {
  readonly from: string
  readonly to: string
  readonly dims: readonly number[]
  readonly memory: Float32Array
}

/** What stays on a device between steps. */
export interface DeviceValues {
  /** The values as inputs: those on the device, or the copies where these are what counts. */
  feeds(): Readonly<Record<string, TensorData | DeviceTensor>>
  /** Goes on from these outputs, by their names; what was there is given back. */
  hold(outputs: Readonly<Record<string, DeviceTensor>>): void
  /** Brings the copies up to date. */
  pull(): Promise<void>
  /** Gives back what is on the device: the copies count again. */
  drop(): void
}

export function deviceValues(values: readonly CarriedValue[]): DeviceValues {
  const copies = Object.fromEntries(
    values.map(({ to, dims, memory }) => [to, { dtype: 'float32', dims, data: memory } satisfies TensorData]),
  )
  /** By input; undefined while the copies are what counts. */
  let held: Readonly<Record<string, DeviceTensor>> | undefined
  let pulled = true
  const drop = (): void => {
    for (const handle of Object.values(held ?? {})) handle.dispose()
    held = undefined
    pulled = true
  }
  return {
    feeds: () => held ?? copies,
    hold: (outputs) => {
      drop()
      held = Object.fromEntries(values.map(({ from, to }) => [to, outputs[from]!]))
      pulled = false
    },
    pull: async () => {
      if (pulled || held === undefined) return
      for (const { to, memory } of values) memory.set((await held[to]!.read()).data as Float32Array)
      pulled = true
    },
    drop,
  }
}
