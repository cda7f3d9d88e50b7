import { z } from 'zod';

/** Of a network of 256 addresses, the last that a client may have. */
const LAST_OF_NETWORK = 254;

/** One address, or a range of its last number: every connection then comes from another. */
const loopback = z.string().transform((written, context): string[] => {
  const [, network, first = '', last = first] =
    /^(127(?:\.\d{1,3}){2}\.)(\d{1,3})(?:-(\d{1,3}))?$/.exec(written) ?? [];
  const length = Number(last) - Number(first) + 1;
  if (written === '::1') return [written];
  if (network !== undefined && length >= 1 && Number(last) <= LAST_OF_NETWORK) {
    return Array.from({ length }, (_, index) => `${network}${Number(first) + index}`);
  }
  context.addIssue({
    code: 'custom',
    message: 'an address of loopback: 127.0.0.2, or several: 127.0.0.2-50',
  });
  return z.NEVER;
});

/** Addresses of this machine that connections come from in turn: a list of single ones and ranges, as single ones. */
export const sourceAddresses = z
  .array(loopback)
  .min(1)
  .transform((ranges) => ranges.flat());
