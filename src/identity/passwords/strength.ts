import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** Matching grows with the square of the length, and what has not reached the top score by then will not. */
const JUDGED_CHARACTERS = 100;

const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

/** Parts of what the user told about themselves that a guesser would try: whole values, and their words. */
function guessable(userInputs: readonly string[]): string[] {
  const values = userInputs.filter((value) => value !== '').map((value) => value.slice(0, JUDGED_CHARACTERS));
  const words = values.flatMap((value) => value.split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length >= 3);
  return [...new Set([...values, ...words].map((value) => value.toLowerCase()))].slice(0, 40);
}

/** zxcvbn's score, 0 (guessed at once) to 4, of a guesser who knows `userInputs` (address, names). */
export function passwordScore(password: string, userInputs: readonly string[]): number {
  return zxcvbn.check(password.slice(0, JUDGED_CHARACTERS), guessable(userInputs)).score;
}
