export { startByteProxy } from './byte-proxy.js';
export { startMessageProxy } from './message-proxy.js';
export { describeNetwork, type Fault, type NetworkConditions } from './network.js';
export { type Tamper, textMessage, type WireMessage } from './tamper.js';
