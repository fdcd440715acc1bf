// Makes python3-debugpy of Debian the debugger `debugpy`, as Python's extension does with a copy of its own.
const { debug, DebugAdapterExecutable, DebugAdapterServer } = require('vscode');

/** @param {import('vscode').ExtensionContext} context */
exports.activate = ({ subscriptions }) => {
  subscriptions.push(
    debug.registerDebugAdapterDescriptorFactory('debugpy', {
      createDebugAdapterDescriptor({ configuration: { connect } }) {
        // A child process brings the address of the adapter that it belongs to.
        if (connect) return new DebugAdapterServer(connect.port, connect.host);
        return new DebugAdapterExecutable('/usr/bin/python3', ['-m', 'debugpy.adapter']);
      },
    }),
    // Its way of saying that a child process wants a session.
    debug.onDidReceiveDebugSessionCustomEvent(({ event, body, session }) => {
      if (event === 'debugpyAttach') void debug.startDebugging(session.workspaceFolder, body, { parentSession: session });
    }),
  );
};
