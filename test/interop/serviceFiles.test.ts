import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { launchdPlist, systemdUnit } from '../../server/src/cli/serviceFiles.ts';
import { hasSystemdAnalyze } from './hasSystemdAnalyze.ts';

/** What `safelog service install` writes, read by those for whom it is written. */
const folder = mkdtempSync(join(tmpdir(), 'safelog-units-'));
afterAll(() => rmSync(folder, { recursive: true }));

const command = [process.execPath, '/a b/100%/safelog.js', 'serve', '--root', '/l$o"g<&>é'];
const environment = { SAFELOG_MODULE: '100% "web" <&>' };

describe.skipIf(!hasSystemdAnalyze)('systemd-analyze verify', () => {
  const verify = (content: string, manager: string) => {
    const unit = join(folder, 'safelog.service');
    writeFileSync(unit, content);
    const { status, stdout, stderr } = spawnSync('/usr/bin/systemd-analyze', ['verify', '--man=no', manager, unit], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
    });
    // What it has to say of the machine's other units is theirs.
    return { status, said: `${stdout}${stderr}`.split('\n').filter((line) => line.includes('safelog')) };
  };
  test.each([
    ['--user', false],
    ['--system', true],
  ])('%s', (manager, isSystem) => {
    expect(verify(systemdUnit({ command, environment, isSystem }), manager)).toEqual({ status: 0, said: [] });
  });
  test('finds a fault', () => {
    const unit = systemdUnit({ command, environment, isSystem: true });
    expect(verify(unit.replace('UMask=0022', 'UMask=many'), '--system').said).not.toEqual([]);
    expect(verify(unit.replace(process.execPath, '/nowhere/node'), '--system').status).not.toBe(0);
  });
});

test('a property list, as an XML parser reads it', () => {
  const file = join(folder, 'safelog.plist');
  writeFileSync(file, launchdPlist({ command, environment, isSystem: false }));
  const program = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
  expect(JSON.parse(execFileSync('/usr/bin/python3', ['-c', program, file], { encoding: 'utf8' }))).toEqual({
    Label: 'safelog.service',
    ProgramArguments: command,
    EnvironmentVariables: environment,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ExitTimeOut: 30,
  });
});
