import type { BatchedSettings } from '../relay.js';

/** How a socket that takes both IP versions writes an IPv4 address. */
const MAPPED_IPV4 = '::ffff:';

/** Whether a client with this IP address may connect. A block counts more than a permission. */
export function admitsAddress(
  address: string,
  { allowAddresses, blockAddresses }: Pick<BatchedSettings, 'allowAddresses' | 'blockAddresses'>,
): boolean {
  const plain = address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
  const begins = (prefix: string): boolean => plain.startsWith(prefix);
  if (blockAddresses.some(begins)) return false;
  return allowAddresses.length === 0 || allowAddresses.some(begins);
}
