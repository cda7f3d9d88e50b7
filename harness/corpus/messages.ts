import { keyTag, type Writer } from './scene.js';
import { GIFT_WRAP_PADDED_BYTES, MESSAGE_BLOCKS } from './specification.js';

/** Version, nonce, length prefix and MAC of a NIP-44 payload. */
const NIP44_VERSION = 2;
const NIP44_OVERHEAD_BYTES = 1 + 32 + 2 + 32;

/** Kind 4 (NIP-04): the form of a ciphertext and its IV. The bytes are random, as a ciphertext's look. */
export const writeDirectMessage: Writer = (scene) => {
  const { random } = scene;
  const ciphertext = random.bytes(16 * random.within(random.weighted(MESSAGE_BLOCKS)));
  const iv = random.bytes(16);
  return {
    tags: [keyTag(scene.drawPerson())],
    content: `${ciphertext.toString('base64')}?iv=${iv.toString('base64')}`,
  };
};

/** Kind 1059 (NIP-59), signed by a key used once: the form of a NIP-44 payload around a sealed message. */
export const writeGiftWrap: Writer = (scene) => {
  const payload = scene.random.bytes(NIP44_OVERHEAD_BYTES + scene.random.weighted(GIFT_WRAP_PADDED_BYTES));
  payload[0] = NIP44_VERSION;
  return { tags: [keyTag(scene.drawPerson())], content: payload.toString('base64') };
};
