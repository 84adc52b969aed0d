import { deflateRawSync, crc32 } from 'node:zlib'

export interface ZippedFile {
  readonly name: string
  readonly content: Uint8Array | string
  /** Whether it is deflated; else it is stored. Default: deflated. */
  readonly deflated?: boolean
  /** Lies of the directory, for tests. */
  readonly declaredBytes?: number
  readonly declaredSum?: number
  readonly flags?: number
}

/** The bytes of a zip archive, whatever it claims. */
export function zipArchive(files: readonly ZippedFile[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, deflated = true, declaredBytes, declaredSum, flags = 0 } of files) {
    const bytes = Buffer.from(content)
    const packed = deflated ? deflateRawSync(bytes) : bytes
    const path = Buffer.from(name)
    // From the version needed to the length of the extra field, the same in both headers.
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(flags | 0x800, 2)
    shared.writeUInt16LE(deflated ? 8 : 0, 4)
    shared.writeUInt32LE(declaredSum ?? crc32(bytes), 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(declaredBytes ?? bytes.length, 18)
    shared.writeUInt16LE(path.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, path, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), shared, rest, path)
    parts.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}
