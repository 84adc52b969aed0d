import { textDecoder } from '@duckdb/node-api/lib/vectors/dataAccessors.js'

const whole = new TextDecoder('utf-8', { ignoreBOM: true })

/** Lets texts of the engine keep a byte order mark that they begin with, which its decoder takes for one of a file. Inside in the engine's package; a test guards that it stays there. */
export function keepWholeTexts(): void {
  Object.assign(textDecoder, { decode: whole.decode.bind(whole) })
}
