export { startByteProxy } from './byte-proxy.js';
export { startFragmentDroppingProxy } from './fragment-dropping.js';
export { startMessageProxy } from './message-proxy.js';
export { describeNetwork, type Fault, type NetworkConditions } from './network.js';
export { type HttpAnswer, type HttpTamper, type Tamper, textMessage, type WireMessage } from './tamper.js';
