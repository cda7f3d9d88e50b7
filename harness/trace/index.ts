export { checkTrace, type TraceReport } from './check.js';
export { FRESH_SUBSCRIPTION, TRACE_FORMAT, type TraceHeader } from './format.js';
export { mergeTraces } from './merge.js';
export { readTrace, type TraceLine } from './reader.js';
export { createTraceWriter, type TraceSummary, type TraceWriter } from './writer.js';
