/** What the extension host itself says of Safelog's activation, as in "Developer: Startup Performance" (test/vscode/host/activation.bench.ts). */
import { benchInExtensionHost } from './rig/inExtensionHost.ts';

const { loadCode, callActivate, event } = benchInExtensionHost('activation') as { loadCode: number; callActivate: number; event: string };
console.log(`activation by ${event}: ${loadCode + callActivate} ms (${loadCode} to load the code, ${callActivate} in activate())`);
