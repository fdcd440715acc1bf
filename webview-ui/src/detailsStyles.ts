/** The pane with the whole entry, what can be dragged, and menus. */
export const detailsStyles = `
safelog-details { position: relative; flex: none; display: flex; box-sizing: border-box; min-height: 0; border-top: 1px solid var(--line); container: details / inline-size; }
.details { flex: 1; display: flex; flex-direction: column; min-width: 0; }
.details-head { flex: none; display: flex; align-items: center; gap: 4px; min-height: 28px; padding: 0 10px 0 12px; color: var(--muted); }
.details-head h2 { margin: 0; min-width: 0; font-size: 12px; font-weight: 600; font-variant-numeric: tabular-nums; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--vscode-foreground); }
.details-head h2 > span + span { font-weight: normal; margin-left: 8px; }
.details-body { flex: 1; display: flex; min-height: 0; }
.entry-text { flex: 3 1 0; min-width: 0; overflow: auto; padding: 0 12px 10px; user-select: text; }
.entry-text pre { margin: 0; font-family: var(--vscode-editor-font-family, monospace); font-size: var(--vscode-editor-font-size, 14px); line-height: 1.4; white-space: pre-wrap; overflow-wrap: anywhere;
  tab-size: 4; unicode-bidi: plaintext; color: var(--vscode-editor-foreground, inherit); }
.entry-text .cut { margin: 6px 0 0; padding: 0; }
.details-side { flex: 2 1 0; min-width: 0; max-width: 560px; overflow: auto; padding: 0 12px 10px; border-left: 1px solid var(--line); }
.fields { margin: 0; display: grid; grid-template-columns: minmax(64px, max-content) 1fr; gap: 1px 12px; }
.fields > div { display: contents; }
.fields dt { color: var(--muted); overflow-wrap: anywhere; }
.fields dd { margin: 0; min-width: 0; overflow-wrap: anywhere; user-select: text; white-space: pre-wrap; }
.fields button.link { padding: 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
.details h3 { margin: 10px 0 2px; font-size: 11px; font-weight: 600; color: var(--muted); }
.neighbours { margin: 0; padding: 0; list-style: none; font-family: var(--vscode-editor-font-family, monospace); font-size: 12px; }
.neighbours li { display: flex; min-width: 0; }
.neighbour, .neighbours .here { display: flex; gap: 1ch; width: 100%; min-width: 0; padding: 0 4px; height: 20px; line-height: 20px; text-align: left; box-sizing: border-box; }
.neighbour:hover { background: var(--vscode-list-hoverBackground); }
.neighbours .here { background: var(--vscode-list-inactiveSelectionBackground); color: var(--vscode-list-inactiveSelectionForeground, inherit); outline: 1px dotted var(--vscode-contrastActiveBorder, transparent); outline-offset: -1px; }
.neighbours .delta { flex: none; min-width: 9ch; color: var(--muted); font-variant-numeric: tabular-nums; text-align: right; }
.neighbours .here .delta { color: inherit; }
.neighbours .line { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: pre; unicode-bidi: isolate; }
.neighbours :is(.error, .warning, .critical, .info, .debug, .level, .none):not(.line, .delta) { flex: none; width: 8ch; overflow: hidden; }

.sash { position: absolute; z-index: 3; touch-action: none; }
.sash.up { inset: -3px 0 auto; height: 6px; cursor: ns-resize; }
.sash.right { inset: 0; cursor: ew-resize; }
.sash::after { content: ''; position: absolute; background: transparent; transition: background .1s .15s; }
.sash.up::after { inset: 1px 0; }
.sash.right::after { inset: 3px 3px; }
.sash:hover::after, .sash.dragged::after, .sash:focus-visible::after { background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder)); }
.sash.right::before { content: ''; position: absolute; inset: 5px 3px; background: var(--line); }
.sash:focus-visible { outline: none; }

.menu { position: fixed; inset: auto; margin: 0; box-sizing: border-box; padding: 4px; min-width: 180px; max-width: calc(100vw - 8px); max-height: calc(100vh - 8px); overflow: hidden auto; border-radius: 5px;
  color: var(--vscode-menu-foreground, var(--vscode-foreground)); background: var(--vscode-menu-background, var(--vscode-editorWidget-background));
  border: 1px solid var(--vscode-menu-border, var(--vscode-widget-border, var(--vscode-contrastBorder, transparent))); box-shadow: 0 2px 8px var(--vscode-widget-shadow); }
.menu-item { display: flex; align-items: center; gap: 6px; height: 24px; padding: 0 10px 0 4px; border: 1px solid transparent; border-radius: 3px; white-space: nowrap; cursor: pointer; box-sizing: border-box; }
.menu-item .codicon { flex: none; width: 16px; }
.menu-item .name { flex: 1; overflow: hidden; text-overflow: ellipsis; }
.menu-item kbd { margin-left: 16px; font: inherit; opacity: .75; }
.menu-item[aria-disabled='true'] { opacity: .5; cursor: default; }
.menu-item.active { color: var(--vscode-menu-selectionForeground, var(--vscode-list-hoverForeground)); background: var(--vscode-menu-selectionBackground, var(--vscode-list-hoverBackground));
  border-color: var(--vscode-menu-selectionBorder, transparent); outline: none; }
.menu-separator { margin: 4px 2px; border-top: 1px solid var(--vscode-menu-separatorBackground, var(--line)); }

@container details (max-width: 640px) {
  .details-body { display: block; overflow: auto; }
  .entry-text, .details-side { overflow: visible; max-width: none; }
  .details-side { border-left: 0; }
}
`;
