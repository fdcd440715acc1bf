/** The files by which an operating system starts `safelog serve`: a unit of systemd, and a property list of launchd. */

export interface ServiceFile {
  /** Program and arguments; absolute paths. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** For the whole machine, run by root; else for one user. */
  isSystem: boolean;
}

/** Its line in a file says that the file is ours. */
export const MARK = "Written by 'safelog service install'.";

/** launchd's name for it. */
export const LAUNCHD_LABEL = 'safelog.service';

/** What the manager of a user's units can do without rights of its own, too: all of it is seccomp's and rlimits'. */
const HARDENING = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  // Netlink tells who a TCP client is.
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  // A connection each, and the logs.
  'LimitNOFILE=65536',
];

/** Root needs no more than to write as each user, in their folders. The tree may be anywhere but in the system's own folders. */
const SYSTEM_HARDENING = [
  'CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_NET_BIND_SERVICE',
  'ProtectSystem=full',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'PrivateDevices=yes',
];

/** A unit as systemd.service(5) and systemd.exec(5) have it. Throws a RangeError where something has a line break in it. */
export function systemdUnit({ command, environment, isSystem }: ServiceFile): string {
  return `# ${MARK}
[Unit]
Description=Safelog: takes log entries in and writes them to the log tree
Documentation=https://github.com/safelog/safelog

[Service]
ExecStart=${command.map((word) => quote(word).replaceAll('$', '$$$$')).join(' ')}
${Object.entries(environment)
  .map(([name, value]) => `Environment=${quote(`${name}=${value}`)}\n`)
  .join('')}Restart=on-failure
RestartSec=1
# It writes what it has received, and then ends its writers itself.
KillMode=mixed
TimeoutStopSec=30
UMask=0022
${[...HARDENING, ...(isSystem ? SYSTEM_HARDENING : [])].join('\n')}

[Install]
WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}
`;
}

/** One word: quoted, and without specifiers (systemd.syntax(7)). */
function quote(word: string): string {
  if (/[\0-\x1f\x7f]/.test(word)) throw new RangeError(`${JSON.stringify(word)} has control characters in it`);
  return `"${word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** As launchd.plist(5) has it. Throws a RangeError where something has a control character in it, which XML cannot say. */
export function launchdPlist({ command, environment }: ServiceFile): string {
  const text = (value: string): string => {
    if (/[\0-\x1f\x7f]/.test(value)) throw new RangeError(`${JSON.stringify(value)} has control characters in it`);
    return `<string>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string>`;
  };
  const variables = Object.entries(environment).map(([name, value]) => `    <key>${name}</key>${text(value)}\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MARK} -->
<plist version="1.0">
<dict>
  <key>Label</key>${text(LAUNCHD_LABEL)}
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    ${text(word)}\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables.join('')}  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ExitTimeOut</key><integer>30</integer>
</dict>
</plist>
`;
}
