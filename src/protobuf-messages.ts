import { create, createFileRegistry, type DescMessage } from '@bufbuild/protobuf'
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt'

/** Message types of protobuf: field → [number, type]; a trailing `[]` repeats. */
export type ProtobufMessages = Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>

const scalars: Readonly<Record<string, Type>> = {
  double: Type.DOUBLE,
  float: Type.FLOAT,
  int64: Type.INT64,
  int32: Type.INT32,
  string: Type.STRING,
  bytes: Type.BYTES,
}

/** What gives the descriptors of these messages by name, with explicit presence: a zero that was set is written. */
export function protobufMessages(name: string, messages: ProtobufMessages): (message: string) => DescMessage {
  const registry = createFileRegistry(
    create(FileDescriptorProtoSchema, {
      name: `${name}.proto`,
      package: name,
      syntax: 'proto2',
      messageType: Object.entries(messages).map(([message, fields]) => ({
        name: message,
        field: Object.entries(fields).map(([field, [number, declared]]) => {
          const type = declared.replace('[]', '')
          return {
            name: field,
            number,
            label: declared.endsWith('[]') ? Label.REPEATED : Label.OPTIONAL,
            ...(scalars[type] === undefined
              ? { type: Type.MESSAGE, typeName: `.${name}.${type}` }
              : { type: scalars[type] }),
          }
        }),
      })),
    }),
    () => undefined,
  )
  return (message) => {
    const found = registry.getMessage(`${name}.${message}`)
    if (found === undefined) throw new Error(`unknown message ${name}.${message}`)
    return found
  }
}
