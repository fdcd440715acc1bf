/** The rows. Columns line up because each is as wide in every row; widths in `ch` are those of the editor's font. */
export const listStyles = `
safelog-list { position: relative; flex: 1; display: flex; min-width: 0; container: list / inline-size;
  --row: round(up, max(var(--vscode-editor-font-size, 14px) * 1.35, 18px), 1px); }
safelog-list.without-rows { visibility: hidden; }
.grid { flex: 1; display: flex; flex-direction: column; min-width: 0; font-family: var(--vscode-editor-font-family, monospace); font-size: var(--vscode-editor-font-size, 14px);
  font-weight: var(--vscode-editor-font-weight, normal); }
.grid:focus-visible { outline: none; }
.viewport { position: relative; flex: 1; overflow: hidden; contain: strict; }
.canvas { position: absolute; inset: 0 0 auto; height: 16384px; will-change: transform; contain: layout style; background: var(--vscode-editor-background); }
.ruler { position: absolute; visibility: hidden; white-space: pre; }

.row, .columns { display: flex; gap: 1.2ch; padding: 0 14px 0 12px; }
.row { position: absolute; left: 0; right: 0; box-sizing: border-box; min-height: var(--row); line-height: var(--row); user-select: none; cursor: default; contain: layout style; }
.row.ruler { right: auto; display: block; padding: 0; }
.row:not(.unfolded, .wrapped) { height: var(--row); overflow: hidden; contain: strict; }
.columns { order: -1; flex: none; height: 22px; line-height: 22px; color: var(--muted); border-bottom: 1px solid var(--line); }
.columns > [part] > * { display: block; font-family: var(--vscode-font-family, sans-serif); font-size: 11px; }

[part='flags'] { flex: none; width: 14px; margin-right: -0.6ch; overflow: hidden; }
[part='flags'] .codicon[class*='codicon-'] { font-size: 13px; line-height: var(--row); color: var(--muted); }
[part='flags'] .codicon-flame[class*='codicon-'] { color: var(--vscode-list-errorForeground, var(--vscode-errorForeground)); }
.mark[class*='codicon-'] { color: var(--vscode-charts-blue, var(--vscode-editorInfo-foreground)) !important; }
.ticks { position: absolute; inset: 0; overflow: hidden; pointer-events: none; }
.tick { position: absolute; left: 3px; right: 3px; height: 3px; border-radius: 1px; background: var(--vscode-charts-blue, var(--vscode-editorInfo-foreground)); }
[part='time'] { flex: none; width: var(--time-width, 12ch); color: var(--muted); white-space: nowrap; font-variant-numeric: tabular-nums; }
[part='level'] { flex: none; width: var(--level-width, 8ch); overflow: hidden; white-space: nowrap; }
[part='user'], [part='module'] { flex: none; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--muted); }
[part='user'] { width: var(--user-width, 8ch); }
[part='module'] { width: var(--module-width, 12ch); }
[part='text'] { flex: 1; display: flex; align-items: flex-start; min-width: 0; }
.columns [part='text'] { justify-content: space-between; gap: 12px; padding-left: 16px; }
.columns .date { margin-left: auto; white-space: nowrap; overflow: hidden; }
.without-level [part='level'], .without-user [part='user'], .without-module [part='module'] { display: none; }
.columns > [part='level'], .columns > [part='user'], .columns > [part='module'] { position: relative; overflow: visible; }
.columns .edge { position: absolute; inset: 0 -0.9ch 0 auto; width: 7px; }
.columns > [part] > button.more.codicon[class*='codicon-'] { flex: none; font: normal 14px/22px codicon; color: var(--muted); border-radius: 3px; }
.columns .more:hover { color: var(--vscode-foreground) !important; }
.zone { display: block; width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left; }
.zone:hover { color: var(--vscode-foreground); }

.level { color: var(--muted); }
.debug { color: var(--muted); }
.info { color: var(--vscode-editorInfo-foreground, var(--vscode-charts-blue)); }
.warning { color: var(--vscode-list-warningForeground, var(--vscode-editorWarning-foreground)); }
.error, .critical { color: var(--vscode-list-errorForeground, var(--vscode-errorForeground)); }
.critical { font-weight: bold; }

.message { flex: 0 4 auto; min-width: 0; unicode-bidi: isolate; direction: ltr; tab-size: 4; white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.wrapped .message, .unfolded .message { white-space: pre-wrap; overflow-wrap: anywhere; overflow: visible; }
.unfolded .message { flex: 1; user-select: text; cursor: text; }
.unfolded [part='text'] { flex-wrap: wrap; }
.unfolded .message { flex-basis: calc(100% - 16px); }
.chevron { flex: none; width: 16px; }
button.chevron.codicon[class*='codicon-'] { font-size: 14px; line-height: var(--row); color: var(--muted); }
button.chevron:hover { color: var(--vscode-foreground) !important; }
.outcome { flex: 0 1 auto; min-width: 0; margin-left: 1.5ch; white-space: pre; overflow: hidden; text-overflow: ellipsis; color: var(--vscode-list-errorForeground, var(--vscode-errorForeground)); }
.outcome ~ .more { flex: none; }
.more { flex: none; margin-left: 1ch; color: var(--muted); }
.cut { margin-left: 16px; line-height: var(--row); }
.frame { color: var(--vscode-textLink-foreground); text-decoration: underline; text-decoration-color: transparent; cursor: pointer; }
.frame:hover, .frame:focus { text-decoration-color: currentColor; color: var(--vscode-textLink-activeForeground); }
.frame:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 0; }
.frame.own { font-weight: 600; }
.run, .run .frame { color: var(--muted); }
.run:not(.open) .lines { display: none; }
.libraries { padding: 0; border: 0; background: none; font: inherit; color: var(--muted); cursor: pointer; user-select: none; }
.libraries .codicon[class*='codicon-'] { width: 2ch; font-size: inherit; line-height: 1; vertical-align: text-bottom; }
.libraries:hover, .run .frame:hover { color: var(--vscode-textLink-activeForeground); }
.libraries:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
.raised { flex: 0 2 auto; min-width: 6ch; margin-left: 1.5ch; white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.message:has(~ .raised) { min-width: 9ch; }
.message:has(~ .outcome) { flex-shrink: 100000; min-width: 9ch; }
.raised ~ .more { flex: none; }
mark { color: inherit; background: var(--vscode-editor-findMatchHighlightBackground); outline: 1px solid var(--vscode-editor-findMatchHighlightBorder, transparent); outline-offset: -1px; }
.current mark { background: var(--vscode-editor-findMatchBackground); outline: 1px solid var(--vscode-editor-findMatchBorder, transparent); }
.highlight { font-weight: bold; }
.ansi-bold { font-weight: bold; }
.ansi-dim, .ansi-hidden { opacity: .6; }
.ansi-italic { font-style: italic; }
.ansi-underline { text-decoration: underline; }
.ansi-strikethrough { text-decoration: line-through; }

.row.context > [part] { opacity: .6; }
.vscode-high-contrast .row.context > [part], .vscode-high-contrast-light .row.context > [part] { opacity: 1; font-style: italic; }

.row:hover { background: var(--vscode-list-hoverBackground); }
.row.selected { background: var(--vscode-list-inactiveSelectionBackground); color: var(--vscode-list-inactiveSelectionForeground, inherit);
  outline: 1px dotted var(--vscode-contrastActiveBorder, transparent); outline-offset: -1px; }
.grid:focus-within .row.selected { background: var(--vscode-list-activeSelectionBackground); color: var(--vscode-list-activeSelectionForeground); }
.grid:focus-within .row.selected :is([part='time'], [part='user'], [part='module'], .level, .debug, .more, .chevron, .run, .run .frame, .libraries) { color: inherit !important; }
.grid:focus .row.cursor { outline: 1px solid var(--vscode-list-focusAndSelectionOutline, var(--vscode-list-focusOutline, var(--vscode-focusBorder))); outline-offset: -1px; }
.row.new-day { box-shadow: inset 0 1px var(--vscode-editorIndentGuide-activeBackground1, var(--vscode-foreground)); }
.row.new-day::after { content: attr(data-day); position: absolute; top: 1px; right: 14px; padding: 0 6px; font-family: var(--vscode-font-family, sans-serif); font-size: 11px; line-height: calc(var(--row) - 2px);
  color: var(--muted); background: var(--vscode-editor-background); }
.row.placeholder { content-visibility: hidden; }
.late .placeholder { background: linear-gradient(var(--vscode-editorIndentGuide-background1, var(--muted)) 0 0) 36px center / 40% 3px no-repeat; }

.scrollbar { flex: none; position: relative; width: 14px; margin-top: 23px; touch-action: none; border-left: 1px solid var(--vscode-editorOverviewRuler-border, transparent); }
.scrollbar.needless { visibility: hidden; }
.thumb { position: absolute; top: 0; left: 0; right: 0; background: var(--vscode-scrollbarSlider-background); border: 1px solid var(--vscode-contrastBorder, transparent); box-sizing: border-box; }
.thumb:hover { background: var(--vscode-scrollbarSlider-hoverBackground); }
.dragged .thumb { background: var(--vscode-scrollbarSlider-activeBackground); }

@container list (max-width: 760px) { [part='user'] { display: none; } }
@container list (max-width: 560px) {
  [part='module'] { display: none; }
  .row, .columns { gap: .8ch; padding-right: 6px; }
  .columns .date { display: none; }
}
@container list (max-width: 400px) {
  /* The message is what one reads; where it was raised stands in the unfolded entry. */
  .raised { display: none; }
  .columns [part='text'] > span:first-child, .columns [part='level'] > span { display: none; }
  .row, .columns { padding-left: 4px; }
  [part='level'] { width: 1ch; }
}
@media (forced-colors: active) { .row.selected { outline: 1px solid Highlight; } }
`;
