import { createRandom, type Random } from '../random.ts'

/** A stream has so many numbers for epochs. */
const EPOCHS = 2 ** 16
/** Keeps epochs beyond them apart, above the seeds of pools. */
const EPOCH_SEEDS = 2 ** 48
const SEEDS = 2 ** 53

/**
 * The generator of what is drawn for one use in one epoch: `stream` leaves its lower 16 bits to the epoch, whose further bits go into the seed.
 * With more than 2²¹ epochs the draws of the first ones come again.
 */
export function epochRandom(seed: number, stream: number, epoch: number): Random {
  const further = Math.floor(epoch / EPOCHS) * EPOCH_SEEDS
  return createRandom(further === 0 ? seed : (seed + (further % SEEDS)) % SEEDS, stream + (epoch % EPOCHS))
}
