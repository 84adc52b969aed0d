/** The units of time that sessions are divided by, and how many milliseconds each has. The first instant of 1970 begins one of each. */
export const splitUnits = { day: 86_400_000, hour: 3_600_000 } as const

export type SplitUnit = keyof typeof splitUnits

export const unitNames = Object.keys(splitUnits) as readonly SplitUnit[]

/** The folder of the windows, in the folder that is prepared. */
export const windowsFolder = (unit: SplitUnit): string => `sessions_by_${unit}`
