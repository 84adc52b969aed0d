/**
 * Every error that a user of this package can meet has a code from this table.
 * `docs/errors.md` explains each; a test compares the two both ways.
 */
export const errorCodes = {
  // graph
  SHAPE_MISMATCH: 'Tensors do not fit the operator they were given to.',
  NO_GRADIENT: 'A parameter is reached only through an operator that has no gradient.',
  GRAPH_INVALID: 'A graph was put together in a way that cannot be emitted.',
  DEVICE_UNAVAILABLE: 'The execution device that was asked for cannot be started here.',
  RUNTIME_FAILED: 'ONNX Runtime refused the graph or failed while running it.',
  MEMORY_FULL: 'The memory of the kernels or of the engine has no room for what was asked.',
  // events and data
  FILE_NOT_FOUND: 'No file is at the path that was given.',
  FILE_UNREADABLE: 'The file is not what its format says: binary junk, truncated or the wrong delimiter.',
  FILE_UNWRITABLE: 'A file or folder cannot be written at the path that was given.',
  FORMAT_UNKNOWN: 'The format of the file cannot be told from its name.',
  COLUMN_MISSING: 'A named column is not in the file, or a live event has it under another spelling.',
  COLUMN_INVALID: 'A column holds values that cannot be what it was declared to be.',
  FUNCTION_MISSING: 'A workflow calls a function of your own that is not given.',
  FUNCTION_FAILED: 'A function of your own threw, or gave what it was not declared to give.',
  EVENTS_EMPTY: 'No event is left to work with.',
  SCHEMA_INVALID: 'A schema of columns, or the file of one, does not hold together.',
  TAG_COLLISION: 'A column has tags that exclude each other.',
  SESSIONS_TOO_FEW: 'There are too few sessions, or all are too short, for what was asked.',
  ITEMS_TOO_FEW: 'A catalogue of fewer than two items leaves nothing to predict.',
  // data sets
  LICENCE_UNACCEPTED: 'The conditions of a data set have not been accepted.',
  DOWNLOAD_FAILED: 'A file of a data set could not be fetched, or is not the one that was expected.',
  DOWNLOAD_BY_HAND: 'A data set cannot be fetched by this program.',
  // options
  OPTION_UNKNOWN: 'An option is not known here.',
  OPTION_INVALID: 'An option has a value outside its range.',
  // training
  CHECKPOINT_INVALID: 'A checkpoint, or a search, cannot be resumed from.',
  CHECKPOINT_EXISTS: 'A run that goes on, or was ended, has its checkpoint at the output path.',
  TRAINING_DIVERGED: 'The loss is no longer a finite number.',
  RUN_INVALID: 'The folder is not that of a whole run, or of another run.',
  TRACKING_UNAVAILABLE: 'A tracking server does not answer, or refuses.',
  LEAKAGE_FOUND: 'The data tell in training what is to be foretold, and the run was to end then.',
  // artifact
  ARTIFACT_INVALID: 'The folder is not a whole, unaltered artifact or prepared folder.',
  ARTIFACT_TOO_NEW: 'The artifact was written by a newer version of this package.',
  OUTPUT_EXISTS: 'Something is already at the output path that is not to be replaced.',
  PATH_ESCAPES: 'A path inside an artifact or archive points outside its folder.',
  PRETRAINED_INVALID: 'A checkpoint of another library holds no weights that a block can start from.',
  // recommending
  CLOSED: 'The recommender, or the vector store, has been closed.',
  STORE_MISSING: 'There is no vector store, or no version of one, of that name.',
  STORE_EXISTS: 'A version of that name is already in the vector store.',
  STORE_IN_USE: 'A version of a vector store is in use, or open elsewhere.',
  STORE_DAMAGED: 'The files of a vector store are not what was written.',
  STORE_UNAVAILABLE: 'A vector store behind a network does not answer, or refuses.',
  RECALL_TOO_LOW: 'An approximate index finds too few of the rows that exact search finds.',
  PACKAGE_MISSING: 'A package that only some features need is not installed.',
  // serving
  KEYS_MISSING: 'A server that others can reach has no keys.',
  KEYS_INVALID: 'The keys of a server cannot be used.',
  ADDRESS_UNAVAILABLE: 'A server cannot listen at the address that was given.',
  SESSIONS_UNAVAILABLE: 'The store of sessions does not answer.',
  CATALOGUE_IN_USE: 'The folder of a catalogue is open in another process.',
  CATALOGUE_DAMAGED: 'The file of a catalogue is not what was written.',
  OVERLOADED: 'More was asked of a server than it can answer in time.',
} as const

export type ErrorCode = keyof typeof errorCodes

/** The one error class. `message` says what was expected, what was received, where, and what to do. */
export class EnsuiteError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'EnsuiteError'
    this.code = code
  }
}
