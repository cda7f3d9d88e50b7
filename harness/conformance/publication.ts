/** When an event went to the relay and when it was first accepted; -Infinity for what was loaded at the start. */
export interface Publication {
  readonly number: number;
  readonly sentNs: number;
  /** When it was sent last. */
  lastSentNs: number;
  /** got(OK true), the first one; Infinity while there is none. */
  acceptedNs: number;
  /** The first OK true said `duplicate:`: somebody else had given it to the relay. */
  duplicate: boolean;
}
