import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { checkedKernels, roundedUp } from './checked-kernels.ts'
import type { Backend, Kernels, KernelsOptions, Updated } from './kernels.ts'
import type { UpdateRule } from './rules/index.ts'
import { wasmBase64 } from './wasm.generated.ts'

/** A function of src/kernels/assembly: pointers, counts and numbers. */
type Update = (...args: readonly number[]) => void

/** What they look like from here. The update rules: p, g, their states, the length, or rows and width of a state a row, then the factors; over some rows `rows`, `count` and `width` in place of the length. */
interface Exports extends Readonly<Record<UpdateRule['name'] | `${UpdateRule['name']}Rows`, Update>> {
  firstFreeByte(): number
  scatterAddRows(
    table: number,
    ids: number,
    values: number,
    count: number,
    width: number,
    scale: number,
  ): void
  combineRows(
    ...args: [
      ids: number,
      values: number,
      rows: number,
      out: number,
      slots: number,
      count: number,
      width: number,
    ]
  ): number
  sumOfSquares(values: number, length: number): number
  fill(values: number, length: number, value: number): void
  blend(target: number, source: number, length: number, kept: number, share: number): void
  dropoutMask(state: number, mask: number, length: number, last: number, value: number): void
}

/** The little of WebAssembly that is used here: the types of ES2023 and of Node have none of it. */
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  instantiate(
    bytes: Uint8Array<ArrayBuffer>,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: unknown } }>
}

/** What WebAssembly can address, less a margin. */
const MOST_BYTES = 4_294_000_000
const PAGE = 65_536
/** The module's own data (it has none today) and the state of a mask in the making. */
const MODULE_BYTES = 4096
const STATE_BYTES = 64

/**
 * The kernels in WebAssembly SIMD, in Node and in browsers.
 *
 * Throws `MEMORY_FULL` if the machine has not that much, `OPTION_INVALID` for `bytes` outside its range.
 */
export async function createKernels(options: KernelsOptions): Promise<Kernels> {
  checkOptions('createKernels', options, ['bytes'])
  checkNumber('createKernels: bytes', options.bytes, { integer: true, min: 0 })
  if (options.bytes > MOST_BYTES) {
    throw new EnsuiteError(
      'MEMORY_FULL',
      `Training would need ${Math.ceil(options.bytes / 1e9)} GB of one memory, which holds 4.29 at most; dropout masks of attention take most. Choose a smaller batch, maximum length, number of heads or model, or dropout 0.`,
    )
  }
  const start = MODULE_BYTES + STATE_BYTES
  const end = start + roundedUp(options.bytes)
  const memory = memoryOf(end)
  const { instance } = await WebAssembly.instantiate(bytesOf(wasmBase64), { env: { memory } })
  const wasm = instance.exports as Exports
  if (wasm.firstFreeByte() > MODULE_BYTES) {
    throw new EnsuiteError(
      'MEMORY_FULL',
      `The kernel module needs ${wasm.firstFreeByte()} bytes for itself, ${MODULE_BYTES} are set aside. Raise MODULE_BYTES.`,
    )
  }
  return checkedKernels(wasmBackend(wasm, { buffer: memory.buffer, start, end }))
}

function wasmBackend(wasm: Exports, memory: Pick<Backend, 'buffer' | 'start' | 'end'>): Backend {
  const ownState = new Uint32Array(memory.buffer, MODULE_BYTES, 16)
  return {
    ...memory,
    update: (rule, updated, factors) => {
      const { parameters, width = 1 } = updated
      const size = rule.perRow ? [parameters.length / width, width] : [parameters.length]
      wasm[rule.name](...pointers(updated), ...size, ...factors)
    },
    updateRows: (rule, updated, factors) => {
      const { rows, width } = updated
      wasm[`${rule.name}Rows`](...pointers(updated), rows.byteOffset, rows.length, width, ...factors)
    },
    scatterAddRows: (table, { ids, values, width }, scale) => {
      wasm.scatterAddRows(table.byteOffset, ids.byteOffset, values.byteOffset, ids.length, width, scale)
    },
    combineRows: ({ ids, values, width }, out) =>
      wasm.combineRows(
        ids.byteOffset,
        values.byteOffset,
        out.rows.byteOffset,
        out.values.byteOffset,
        out.slots.byteOffset,
        ids.length,
        width,
      ),
    sumOfSquares: (values) => wasm.sumOfSquares(values.byteOffset, values.length),
    fill: (values, value) => {
      wasm.fill(values.byteOffset, values.length, value)
    },
    blend: (target, source, [kept, share]) => {
      wasm.blend(target.byteOffset, source.byteOffset, target.length, kept, share)
    },
    dropoutMask: (mask, { last, value }, state) => {
      ownState.set(state)
      wasm.dropoutMask(ownState.byteOffset, mask.byteOffset, mask.length, last, value)
      state.set(ownState)
    },
  }
}

const pointers = ({ parameters, gradients, states }: Updated): readonly number[] =>
  [parameters, gradients, ...states].map(({ byteOffset }) => byteOffset)

/** Initial and maximum are equal: memory that grew would detach every view. */
function memoryOf(bytes: number): { readonly buffer: ArrayBuffer } {
  const pages = Math.ceil(bytes / PAGE)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages })
  } catch (cause) {
    throw new EnsuiteError(
      'MEMORY_FULL',
      `createKernels expected ${bytes} bytes in one piece, the machine has not so much free. Ask for fewer bytes: a smaller model or smaller batches.`,
      { cause },
    )
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
