/** The log tree and the settings that the specs inside the extension host find; the setting `safelog.root` names the tree. */
export const hostLogs: Record<string, string> = {
  'alice/web.log': '2026-11-20 10:00:00.000001+00:00 INFO first\n2026-11-20 10:00:01.000001+00:00 ERROR second\n',
  'alice/master.log': '2026-11-20 10:00:00.000002+00:00 web.log INFO first\n2026-11-20 10:00:01.000002+00:00 web.log ERROR second\n',
};

export const hostSettings: Record<string, unknown> = { 'safelog.debug.enabled': true };
