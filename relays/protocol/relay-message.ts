/** What the relay says (NIP-01, NIP-42), as the JSON text that is sent. */

export function okMessage(id: string, accepted: boolean, reason: string): string {
  return JSON.stringify(['OK', id, accepted, reason]);
}

export function eoseMessage(subscription: string): string {
  return JSON.stringify(['EOSE', subscription]);
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
