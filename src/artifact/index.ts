export { decodeSafetensors, encodeSafetensors, type TensorFile } from './safetensors.ts'
export { flushFolder, writeFlushed, writeWhole } from './write-whole.ts'
