import type { ToolInfo } from '../core/generated/report.js';

declare const __COUNTERSIGN_VERSION__: string | undefined;
declare const __COUNTERSIGN_BUILD__: string | undefined;

/** What judged: stands in every report. The build defines both values; unbuilt sources say so. */
export const toolInfo: ToolInfo = {
  name: 'countersign',
  version: typeof __COUNTERSIGN_VERSION__ === 'string' ? __COUNTERSIGN_VERSION__ : '0.0.0',
  build: typeof __COUNTERSIGN_BUILD__ === 'string' ? __COUNTERSIGN_BUILD__ : 'source',
};
