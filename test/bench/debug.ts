/**
 * How much longer a debug session that prints 100 000 lines takes with its log than without, in the real VS Code, under js-debug and debugpy
 * (test/vscode/host/debugSpeed.bench.ts). The shortest of sessions that take turns.
 */
import { benchInExtensionHost } from './rig/inExtensionHost.ts';

interface Result {
  name: string;
  with: number;
  without: number;
  lines: number;
  written: number;
  missing: number;
  isInOrder: boolean;
}

for (const { name, lines, written, missing, isInOrder, ...ms } of benchInExtensionHost('debugSpeed') as Result[]) {
  const ratio = (ms.with / ms.without).toFixed(2);
  console.log(
    `${name}: ${ratio} × the time without (${Math.round(ms.with)} against ${Math.round(ms.without)} ms); of ${lines} lines ${written} written, ${isInOrder ? 'in their order' : 'NOT in their order'}, ${missing} said to be missing`,
  );
}
