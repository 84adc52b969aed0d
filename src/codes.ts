/** Reserved codes of every vocabulary: the same numbers in sessions, batches, embeddings and artifacts. */
export const PADDING = 0
/** A raw value that the vocabulary does not know. Never a target, never recommended. */
export const UNKNOWN = 1
/** The first code that stands for a raw value. Column `j` of a score matrix is code `j + RESERVED`. */
export const RESERVED = 2
