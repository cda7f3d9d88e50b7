import type { ScriptStep } from './steps.js';

/** A step whose figures have a label of its own, `as`. */
export interface LabelledStep {
  readonly client: string;
  readonly kind: Extract<ScriptStep, { readonly as: string }>['do'];
  readonly as: string;
}

/** The labelled steps of all client kinds, those inside of others too. */
export function labelledSteps(
  clients: Readonly<Record<string, { readonly script: readonly ScriptStep[] }>>,
): readonly LabelledStep[] {
  return Object.entries(clients).flatMap(([client, { script }]) => labelledIn(script, client));
}

function labelledIn(script: readonly ScriptStep[], client: string): readonly LabelledStep[] {
  return script.flatMap((step): readonly LabelledStep[] => {
    if ('as' in step) return [{ client, kind: step.do, as: step.as }];
    if (step.do === 'parallel') return step.branches.flatMap((branch) => labelledIn(branch, client));
    return 'steps' in step ? labelledIn(step.steps, client) : [];
  });
}
