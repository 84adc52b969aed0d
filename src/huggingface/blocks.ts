/** The blocks as Node has them: beside those that start anew, the one that reads a folder. */
export * from '../blocks/index.ts'
export { fromHuggingFace, type HuggingFaceOptions } from './from-hugging-face.ts'
