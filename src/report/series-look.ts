/** Colours and dashes of series are classes of the page's style: each has another of both next to it. */
export const COLOURS = 7
export const DASHES = ['none', '7 4', '2 4'] as const

/** In the units of the drawing; it is scaled to the place that it has. */
export const WIDTH = 480
export const FONT_SIZE = 13
/** Of a letter of that size, more or less. */
export const LETTER = 7.6
/** Of the names of bars and windows, in letters. */
const LONGEST_NAME = 26

export const colour = (series: number): string => `var(--c${series % COLOURS})`
export const dash = (series: number): string => DASHES[series % DASHES.length]!

/** Of points, with the letter that a legend has for them. */
export const SYMBOLS = [
  ['circle', '○'],
  ['square', '□'],
  ['triangle', '△'],
] as const

export const shortened = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
