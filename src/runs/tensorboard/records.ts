import { createCRC32 } from 'hash-wasm'

/** Makes the records of an event file: length, its checksum, the bytes, their checksum, as TensorFlow writes them (TFRecord). */
export async function recordMaker(): Promise<(bytes: Uint8Array) => Uint8Array> {
  const masked = await maskedChecksum()
  return (bytes) => {
    const record = new Uint8Array(bytes.length + 16)
    const view = new DataView(record.buffer)
    view.setBigUint64(0, BigInt(bytes.length), true)
    view.setUint32(8, masked(record.subarray(0, 8)), true)
    record.set(bytes, 12)
    view.setUint32(12 + bytes.length, masked(bytes), true)
    return record
  }
}

const CASTAGNOLI = 0x82f63b78
/** What TensorFlow adds, so that the checksum of bytes that hold a checksum is one like any other. */
const MASK = 0xa282ead8

/** CRC-32C, turned by 15 bits and masked. */
export async function maskedChecksum(): Promise<(bytes: Uint8Array) => number> {
  const crc = await createCRC32(CASTAGNOLI)
  return (bytes) => {
    const digest = crc.init().update(bytes).digest('binary')
    const value = new DataView(digest.buffer, digest.byteOffset).getUint32(0)
    return (((value >>> 15) | (value << 17)) + MASK) >>> 0
  }
}
