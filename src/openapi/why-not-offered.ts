/**
 * Why a tool cannot be offered to Coze. Cheap enough to be asked for every tool whenever plugins change: neither
 * regular expressions nor YAML are loaded for it, because no pattern keeps a tool from being offered.
 */
import type { ToolManifest } from '../wire/catalogue.ts';
import { convertTool } from './convert-tool.ts';

/** The first impossible thing of its schemas as a sentence with its path; undefined: it can be offered. */
export function whyNotOffered(tool: ToolManifest): string | undefined {
  const { findings } = convertTool(tool, () => undefined);
  const first = findings.find(({ severity }) => severity === 'impossible');
  return first && `${first.path} ${first.what}`;
}
