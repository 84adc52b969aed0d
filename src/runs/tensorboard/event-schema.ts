import { create, fromBinary, toBinary, type Message } from '@bufbuild/protobuf'
import { protobufMessages } from '../../protobuf-messages.ts'

/** The part of TensorBoard's message types that is written and read here. */
const descriptor = protobufMessages('tensorboard', {
  Event: {
    wall_time: [1, 'double'],
    step: [2, 'int64'],
    file_version: [3, 'string'],
    summary: [5, 'Summary'],
    session_log: [7, 'SessionLog'],
  },
  SessionLog: { status: [1, 'int32'] },
  Summary: { value: [1, 'Value[]'] },
  Value: { tag: [1, 'string'], simple_value: [2, 'float'], histo: [5, 'HistogramProto'] },
  HistogramProto: {
    min: [1, 'double'],
    max: [2, 'double'],
    num: [3, 'double'],
    sum: [4, 'double'],
    sum_squares: [5, 'double'],
    bucket_limit: [6, 'double[]'],
    bucket: [7, 'double[]'],
  },
})

export interface BoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly step?: bigint
  readonly fileVersion?: string
  readonly summary?: { readonly value: readonly BoardValue[] }
  /** 1: a run starts here; TensorBoard forgets what earlier files have from this step on. */
  readonly sessionLog?: { readonly status: number }
}

export interface BoardValue {
  readonly tag: string
  readonly simpleValue?: number
  readonly histo?: Histogram
}

export interface Histogram {
  readonly min: number
  readonly max: number
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  /** The upper end of each bucket. */
  readonly bucketLimit: readonly number[]
  readonly bucket: readonly number[]
}

export function encodeEvent(event: BoardEvent): Uint8Array {
  const schema = descriptor('Event')
  return toBinary(schema, create(schema, event as unknown as Partial<Message>))
}

export const decodeEvent = (bytes: Uint8Array): BoardEvent =>
  fromBinary(descriptor('Event'), bytes) as unknown as BoardEvent
