/** What the relay says (NIP-01, NIP-42, NIP-45, NIP-67), as the JSON text that is sent. */

export function okMessage(id: string, accepted: boolean, reason: string): string {
  return JSON.stringify(['OK', id, accepted, reason]);
}

/** `isComplete`: nothing that is stored and matches was left out, so there is nothing to page for (NIP-67). */
export function eoseMessage(subscription: string, isComplete: boolean): string {
  return JSON.stringify(isComplete ? ['EOSE', subscription, ['finish']] : ['EOSE', subscription]);
}

export function countMessage(query: string, count: number): string {
  return JSON.stringify(['COUNT', query, { count }]);
}

export function closedMessage(subscription: string, reason: string): string {
  return JSON.stringify(['CLOSED', subscription, reason]);
}

export function noticeMessage(text: string): string {
  return JSON.stringify(['NOTICE', text]);
}

export function authMessage(challenge: string): string {
  return JSON.stringify(['AUTH', challenge]);
}

/** What stands before the event in an EVENT message of `subscription`; a closing bracket follows the event. */
export function eventMessageHead(subscription: string): Uint8Array {
  return Buffer.from(`["EVENT",${JSON.stringify(subscription)},`);
}
