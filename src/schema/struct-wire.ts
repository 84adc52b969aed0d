import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { EnsuiteError } from '../errors.ts'
import { jsonCopy, type JsonObject, type JsonValue, MAX_DEPTH } from './json-value.ts'

/*
 * `google.protobuf.Struct` in its binary form, which is how `schema.pbtxt` holds properties:
 * Struct { 1: repeated Entry { 1: key, 2: Value } }, Value { 1: null, 2: double, 3: string, 4: bool, 5: Struct, 6: List },
 * List { 1: repeated Value }. Map entries keep their order.
 */

/** The bytes of an object. */
export function structBytes(value: JsonObject): Uint8Array {
  return writeStruct(new BinaryWriter(), value).finish()
}

function writeStruct(writer: BinaryWriter, value: JsonObject): BinaryWriter {
  for (const [key, each] of Object.entries(value)) {
    writer.tag(1, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).string(key)
    writeValue(writer.tag(2, WireType.LengthDelimited).fork(), each).join()
    writer.join()
  }
  return writer
}

function writeValue(writer: BinaryWriter, value: JsonValue): BinaryWriter {
  if (value === null) return writer.tag(1, WireType.Varint).int32(0)
  if (typeof value === 'number') return writer.tag(2, WireType.Bit64).double(value)
  if (typeof value === 'string') return writer.tag(3, WireType.LengthDelimited).string(value)
  if (typeof value === 'boolean') return writer.tag(4, WireType.Varint).bool(value)
  if (!Array.isArray(value))
    return writeStruct(writer.tag(5, WireType.LengthDelimited).fork(), value as JsonObject).join()
  writer.tag(6, WireType.LengthDelimited).fork()
  for (const each of value as readonly JsonValue[])
    writeValue(writer.tag(1, WireType.LengthDelimited).fork(), each).join()
  return writer.join()
}

/** The object of a Struct's bytes. Throws `SCHEMA_INVALID` if they are none, naming `where`. */
export function structOf(where: string, bytes: Uint8Array): JsonObject {
  try {
    return jsonCopy(where, readStruct(bytes, 0)) as JsonObject
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    throw new EnsuiteError(
      'SCHEMA_INVALID',
      `${where} expects the bytes of a google.protobuf.Struct, received others (${cause instanceof Error ? cause.message : String(cause)}).`,
      { cause },
    )
  }
}

type Visit = (field: number, wire: WireType, reader: BinaryReader) => boolean

/** A level of JSON is two levels of messages here: the value, and the struct or list in it. */
const MAX_MESSAGES = 2 * MAX_DEPTH + 2

/** Gives `visit` each field; one that it does not take is skipped. */
function eachField(bytes: Uint8Array, visit: Visit): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag()
    if (!visit(field, wire, reader)) reader.skip(wire, field)
    // The reader may step over the end without a word.
    if (reader.pos > reader.len) throw new RangeError('a field is cut off')
  }
}

const text = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)

function readStruct(bytes: Uint8Array, depth: number): Record<string, JsonValue> {
  if (depth > MAX_MESSAGES) throw new RangeError(`more than ${MAX_DEPTH} levels`)
  const entries: [string, JsonValue][] = []
  eachField(bytes, (field, wire, reader) => {
    if (field !== 1 || wire !== WireType.LengthDelimited) return false
    let [key, value]: [string, JsonValue] = ['', null]
    eachField(reader.bytes(), (part, partWire, inner) => {
      if (partWire !== WireType.LengthDelimited || part > 2) return false
      if (part === 1) key = text(inner.bytes())
      else value = readValue(inner.bytes(), depth + 1)
      return true
    })
    entries.push([key, value])
    return true
  })
  return Object.fromEntries(entries)
}

function readValue(bytes: Uint8Array, depth: number): JsonValue {
  if (depth > MAX_MESSAGES) throw new RangeError(`more than ${MAX_DEPTH} levels`)
  let value: JsonValue = null
  eachField(bytes, (field, wire, reader) => {
    if (field === 1 && wire === WireType.Varint) {
      reader.int32()
      value = null
    } else if (field === 2 && wire === WireType.Bit64) value = reader.double()
    else if (field === 3 && wire === WireType.LengthDelimited) value = text(reader.bytes())
    else if (field === 4 && wire === WireType.Varint) value = reader.bool()
    else if (field === 5 && wire === WireType.LengthDelimited) value = readStruct(reader.bytes(), depth + 1)
    else if (field === 6 && wire === WireType.LengthDelimited) value = readList(reader.bytes(), depth + 1)
    else return false
    return true
  })
  return value
}

function readList(bytes: Uint8Array, depth: number): readonly JsonValue[] {
  const values: JsonValue[] = []
  eachField(bytes, (field, wire, reader) => {
    if (field !== 1 || wire !== WireType.LengthDelimited) return false
    values.push(readValue(reader.bytes(), depth))
    return true
  })
  return values
}
