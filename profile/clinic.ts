import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClinicTool } from './profiled-relay.js';

/** A tool of clinic as a library. */
export interface Clinic {
  /** Runs a program to its end. @returns the path of what was collected */
  collect(command: readonly string[]): Promise<string>;
  /** Draws it into an HTML file. */
  visualise(collected: string, html: string): Promise<void>;
}

type Callback<Value> = (error: Error | null, value: Value) => void;

interface ClinicLibrary {
  collect(command: readonly string[], done: Callback<string>): void;
  visualize(collected: string, html: string, done: Callback<undefined>): void;
}

/** The package of a tool. */
export function clinicPackage(tool: ClinicTool): string {
  return `@clinic/${tool}`;
}

/** Path of a tool's package as seen from the working directory or from reqbench; undefined where it isn't installed. */
export function findClinic(tool: ClinicTool, cwd: string): string | undefined {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    try {
      return createRequire(from).resolve(clinicPackage(tool));
    } catch {
      // Looked for in the next place.
    }
  }
  return undefined;
}

/** @param out folder for what is collected */
export function loadClinic(library: string, out: string): Clinic {
  const Tool: new (options: { dest: string }) => ClinicLibrary = createRequire(import.meta.url)(library);
  const tool = new Tool({ dest: out });
  return {
    collect: (command) => promisify(tool.collect.bind(tool))(command),
    visualise: async (collected, html) => {
      await promisify(tool.visualize.bind(tool))(collected, html);
    },
  };
}
