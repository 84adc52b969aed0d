export { loadEmbedder, type Embedder, type EmbedderOptions, type Embeddings } from './load-embedder.ts'
