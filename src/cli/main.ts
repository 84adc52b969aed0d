#!/usr/bin/env node
import { hearSignals } from './hear-signals.ts'
import { watchOutput } from './watch-output.ts'

watchOutput()
// The rest takes a second to load: a signal that comes meanwhile is heard, too.
const signals = process.argv[2] === 'serve' ? hearSignals() : undefined
const { runProgram } = await import('./program.ts')
process.exitCode = (await runProgram({ signals })) || (process.exitCode ?? 0)
