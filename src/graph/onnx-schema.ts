import { create, fromBinary, toBinary, type Message } from '@bufbuild/protobuf'
import { protobufMessages, type ProtobufMessages } from '../protobuf-messages.ts'

/** The part of ONNX's message types that this package writes and reads: field → [number, type]; a trailing `[]` repeats. */
const messages: ProtobufMessages = {
  ModelProto: {
    ir_version: [1, 'int64'],
    producer_name: [2, 'string'],
    producer_version: [3, 'string'],
    graph: [7, 'GraphProto'],
    opset_import: [8, 'OperatorSetIdProto[]'],
    metadata_props: [14, 'StringStringEntryProto[]'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  GraphProto: {
    node: [1, 'NodeProto[]'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto[]'],
    input: [11, 'ValueInfoProto[]'],
    output: [12, 'ValueInfoProto[]'],
  },
  NodeProto: {
    input: [1, 'string[]'],
    output: [2, 'string[]'],
    name: [3, 'string'],
    op_type: [4, 'string'],
    attribute: [5, 'AttributeProto[]'],
    domain: [7, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    g: [6, 'GraphProto'],
    floats: [7, 'float[]'],
    ints: [8, 'int64[]'],
    type: [20, 'int32'],
  },
  TensorProto: { dims: [1, 'int64[]'], data_type: [2, 'int32'], name: [8, 'string'], raw_data: [9, 'bytes'] },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'] },
  TypeProto: { tensor_type: [1, 'TensorTypeProto'] },
  TensorTypeProto: { elem_type: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [1, 'DimensionProto[]'] },
  DimensionProto: { dim_value: [1, 'int64'], dim_param: [2, 'string'] },
}

const descriptor = protobufMessages('onnx', messages)

export interface OnnxAttribute {
  readonly name: string
  readonly type: number
  readonly f?: number
  readonly i?: bigint
  readonly s?: Uint8Array
  readonly ints?: readonly bigint[]
  readonly floats?: readonly number[]
  readonly t?: OnnxTensor
  readonly g?: OnnxGraph
}

export interface OnnxTensor {
  readonly name?: string
  readonly dims: readonly bigint[]
  readonly dataType: number
  readonly rawData: Uint8Array
}

export interface OnnxNode {
  readonly name: string
  readonly opType: string
  readonly domain?: string
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly attribute: readonly OnnxAttribute[]
}

export interface OnnxValue {
  readonly name: string
  readonly type: {
    readonly tensorType: {
      readonly elemType: number
      readonly shape: {
        readonly dim: readonly ({ readonly dimValue: bigint } | { readonly dimParam: string })[]
      }
    }
  }
}

export interface OnnxGraph {
  readonly name: string
  readonly node: readonly OnnxNode[]
  readonly initializer?: readonly OnnxTensor[]
  readonly input: readonly OnnxValue[]
  readonly output: readonly OnnxValue[]
}

export interface OnnxModel {
  readonly irVersion: bigint
  readonly producerName: string
  readonly opsetImport: readonly { readonly domain: string; readonly version: bigint }[]
  readonly metadataProps?: readonly { readonly key: string; readonly value: string }[]
  readonly graph: OnnxGraph
}

/** The bytes of an ONNX file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const schema = descriptor('ModelProto')
  return toBinary(schema, create(schema, model as unknown as Partial<Message>))
}

/** What this package has written; bytes are views of the file's. */
export const decodeModel = (bytes: Uint8Array): OnnxModel =>
  fromBinary(descriptor('ModelProto'), bytes) as unknown as OnnxModel
