import type { Figures } from './data/read-back.ts'

/** Of no real job. */
export const someFigures: Figures = {
  sessions: 10,
  events: 40,
  items: 7,
  categories: 3,
  checksum: 123,
  tiedChecksum: 456,
  recencySquares: 5,
  priceSquares: 2,
}
