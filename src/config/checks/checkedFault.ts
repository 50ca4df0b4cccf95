/** A fault found by a check across keys. */
export interface CheckedFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The other keys that the check looked at: when one of them is wrong itself, the fault is not reported. */
  readonly needs?: readonly (readonly PropertyKey[])[];
}
