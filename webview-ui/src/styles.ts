import { detailsStyles } from './detailsStyles.ts';
import { listStyles } from './listStyles.ts';

/** Everything around the rows. Colours are the theme's only; the rows are in listStyles.ts. */
const pageStyles = `
html, body { height: 100%; margin: 0; padding: 0; overflow: hidden; }
body { color: var(--vscode-foreground); font: var(--vscode-font-weight, normal) var(--vscode-font-size, 13px) var(--vscode-font-family, sans-serif); }
safelog-timeline { display: flex; flex-direction: column; height: 100%; container: page / inline-size;
  background: var(--vscode-editor-background);
  --line: var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border, transparent)));
  --muted: var(--vscode-descriptionForeground); }
:focus { outline: none; }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
button.link { color: var(--vscode-textLink-foreground); padding: 0 4px; white-space: nowrap; }
button.link:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
.for-screen-readers { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

.progress { position: absolute; inset: 0 0 auto; height: 2px; z-index: 5; pointer-events: none; }
.progress vscode-progress-bar { display: block; }

safelog-filter-bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 12px; padding: 5px 10px 5px 12px; }
.filters { display: flex; flex: 1 1 320px; flex-wrap: wrap; align-items: center; gap: 4px; min-width: 0; }
safelog-filter-box { position: relative; display: block; flex: 1 1 180px; max-width: 420px; min-width: 0; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 2px; }
.action { display: inline-flex; align-items: center; justify-content: center; gap: 4px; box-sizing: border-box; min-width: 24px; height: 24px; padding: 0 3px;
  border: 1px solid transparent; border-radius: 5px; color: var(--vscode-icon-foreground, inherit); }
.action.codicon[class*='codicon-'] { display: inline-flex; }
.action.text { color: var(--vscode-foreground); padding: 0 6px; }
.action:hover:not(:disabled) { background: var(--vscode-toolbar-hoverBackground); outline: 1px dashed var(--vscode-contrastActiveBorder, transparent); outline-offset: -1px; }
.action:disabled { opacity: .4; cursor: default; }
.action[aria-pressed='true'], .toggle[aria-pressed='true'] { color: var(--vscode-inputOption-activeForeground); background: var(--vscode-inputOption-activeBackground);
  border-color: var(--vscode-inputOption-activeBorder, transparent); }
.action:focus-visible, .action:hover:focus-visible { outline: 1px solid var(--vscode-focusBorder); }

.search-input { position: relative; display: flex; min-width: 0; }
.input { box-sizing: border-box; width: 100%; min-width: 0; height: 24px; padding: 2px 6px; font: inherit; border-radius: 4px; color: var(--vscode-input-foreground);
  background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); }
.input::placeholder { color: var(--vscode-input-placeholderForeground); opacity: 1; }
.input:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.search-input:has(.toggles) .input { padding-right: 52px; }
.search-input:has(.toggle:nth-child(3)) .input { padding-right: 74px; }
.invalid .input, .invalid .input:focus { border-color: var(--vscode-inputValidation-errorBorder); outline-color: var(--vscode-inputValidation-errorBorder); }
.toggles { position: absolute; right: 3px; top: 2px; display: flex; gap: 2px; }
.toggle.codicon[class*='codicon-'] { width: 20px; height: 20px; border: 1px solid transparent; border-radius: 3px; line-height: 18px; box-sizing: border-box; }
.toggle:disabled { opacity: .4; cursor: default; }
.toggle:hover:not(:disabled) { background: var(--vscode-inputOption-hoverBackground); }
.toggle[aria-pressed='true']:hover { background: var(--vscode-inputOption-activeBackground); }
.input-error { position: absolute; z-index: 6; top: 100%; left: 0; right: 0; padding: 3px 6px; overflow-wrap: anywhere;
  color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground)); background: var(--vscode-inputValidation-errorBackground);
  border: 1px solid var(--vscode-inputValidation-errorBorder); border-top: 0; }
.input-error .wrong { display: block; padding: 0 0 4px; font-family: var(--vscode-editor-font-family, monospace); white-space: pre-wrap; color: inherit; background: none; }
.input-error u { text-decoration: underline wavy; text-underline-offset: 3px; white-space: pre; }
.input-error .reason { display: block; }
.input-error .reason::first-letter, .empty p::first-letter { text-transform: uppercase; }
.search-input:not(:focus-within) .input-error { visibility: hidden; }

.suggestions { position: absolute; z-index: 7; top: calc(100% + 2px); left: 0; box-sizing: border-box; min-width: min(100%, 260px); max-width: calc(100vw - 16px); max-height: 45vh; padding: 4px; overflow: hidden auto;
  border-radius: 5px; color: var(--vscode-editorSuggestWidget-foreground, var(--vscode-foreground)); background: var(--vscode-editorSuggestWidget-background, var(--vscode-editorWidget-background));
  border: 1px solid var(--vscode-editorSuggestWidget-border, var(--vscode-widget-border, var(--vscode-contrastBorder, transparent))); box-shadow: 0 2px 8px var(--vscode-widget-shadow); }
.suggestions .name { flex: none; max-width: 75%; }
.suggestions .help { flex: 0 1 auto; min-width: 0; margin-left: auto; padding-left: 16px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; font-size: 12px; opacity: .8; }

.pick { display: inline-flex; align-items: center; gap: 3px; box-sizing: border-box; max-width: 160px; height: 24px; padding: 0 4px 0 7px; border-radius: 4px;
  color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent)); }
.pick .shown { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pick .codicon { font-size: 14px; opacity: .8; }
.pick.set { border-color: var(--vscode-inputOption-activeBorder, var(--vscode-focusBorder)); }
.pick-popup { position: fixed; inset: auto; box-sizing: border-box; margin: 0; padding: 4px; width: max-content; min-width: 180px; max-width: min(360px, calc(100vw - 8px));
  overflow: hidden auto; border-radius: 5px; color: var(--vscode-menu-foreground, var(--vscode-foreground));
  background: var(--vscode-menu-background, var(--vscode-editorWidget-background));
  border: 1px solid var(--vscode-menu-border, var(--vscode-widget-border, var(--vscode-contrastBorder, transparent))); box-shadow: 0 2px 8px var(--vscode-widget-shadow); }
.pick-popup .input { margin-bottom: 4px; }
.options:focus-visible { outline: none; }
.option { display: flex; align-items: center; gap: 4px; height: 24px; padding: 0 8px 0 4px; border-radius: 3px; cursor: pointer; border: 1px solid transparent; }
.option .codicon { flex: none; width: 16px; }
.option .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.option .count { margin-left: auto; padding-left: 16px; font-size: 12px; font-variant-numeric: tabular-nums; opacity: .8; }
.option.nothing:not(.active) { color: var(--vscode-disabledForeground, inherit); }
.option.active { color: var(--vscode-menu-selectionForeground, var(--vscode-list-hoverForeground)); background: var(--vscode-menu-selectionBackground, var(--vscode-list-hoverBackground));
  border-color: var(--vscode-menu-selectionBorder, transparent); }
.pick-popup .note { padding: 4px 8px; color: var(--muted); }
.pick-popup button.note { color: var(--vscode-textLink-foreground); }

.chips { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; padding: 0 12px 5px; }
.chip-list { display: contents; }
.chip { display: inline-flex; align-items: center; max-width: 100%; height: 20px; padding: 0 2px 0 8px; border-radius: 10px; font-size: 12px;
  color: var(--vscode-badge-foreground); background: var(--vscode-badge-background); border: 1px solid var(--vscode-contrastBorder, transparent); box-sizing: border-box; }
.chip .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 320px; }
.chip button.codicon[class*='codicon-'] { flex: none; width: 16px; height: 16px; margin-left: 2px; font-size: 12px; line-height: 16px; border-radius: 8px; color: inherit; opacity: .8; }
.chip button:hover { opacity: 1; }

.bar { flex: none; display: flex; align-items: center; gap: 6px; padding: 3px 12px; border-top: 1px solid var(--line); }
.notice .message { flex: 1; overflow-wrap: anywhere; }
.notice .codicon-info { color: var(--vscode-editorInfo-foreground); }
.notice .codicon-error { color: var(--vscode-list-errorForeground, var(--vscode-errorForeground)); }
.problems { display: block; color: var(--muted); }
.problems summary { display: inline-flex; align-items: center; gap: 6px; cursor: pointer; }
.problems summary:hover { color: var(--vscode-foreground); }
.problems .codicon-warning { color: var(--vscode-editorWarning-foreground); }
.problems ul { margin: 4px 0; padding: 0 0 0 22px; list-style: none; max-height: 30vh; overflow: auto; }
.problems li { display: flex; flex-wrap: wrap; gap: 0 8px; padding: 2px 0; overflow-wrap: anywhere; }
.problems .path { color: var(--vscode-foreground); }

safelog-histogram { position: relative; display: block; flex: none; height: 62px; padding: 2px 0 0; border-top: 1px solid var(--line); }
.bars { position: absolute; inset: 4px 14px 0 12px; cursor: crosshair; touch-action: none; user-select: none; }
.bars[aria-disabled='true'] { cursor: default; }
.bars:focus-visible { outline-offset: 1px; }
.bars .nothing { position: absolute; inset: 0 0 15px; display: flex; align-items: center; justify-content: center; color: var(--muted); }
.shade { position: absolute; inset: 0 auto 13px 0; background: var(--shown); border-bottom: 2px solid var(--mark); pointer-events: none; }
.shade[hidden] { display: none; }
safelog-histogram canvas { position: relative; display: block; width: 100%; height: 100%; color: var(--vscode-foreground); font-family: var(--vscode-font-family, sans-serif); }
safelog-histogram { --error: var(--vscode-charts-red, var(--vscode-errorForeground)); --warning: var(--vscode-charts-yellow, var(--vscode-editorWarning-foreground));
  --info: var(--vscode-charts-blue, var(--vscode-editorInfo-foreground)); --debug: color-mix(in srgb, var(--vscode-foreground) 45%, var(--vscode-editor-background));
  --none: color-mix(in srgb, var(--vscode-foreground) 25%, var(--vscode-editor-background)); --text: var(--vscode-descriptionForeground); --shown: color-mix(in srgb, var(--vscode-foreground) 9%, transparent);
  --mark: var(--vscode-focusBorder); --focus: var(--vscode-focusBorder); --brush: color-mix(in srgb, var(--vscode-focusBorder) 30%, transparent); --patterns: 0; }
.vscode-high-contrast safelog-histogram, .vscode-high-contrast-light safelog-histogram { --patterns: 1; --error: var(--vscode-errorForeground, var(--vscode-foreground));
  --debug: var(--vscode-foreground); --none: var(--vscode-foreground); --text: var(--vscode-foreground); }
safelog-histogram > .action { position: absolute; top: 2px; right: 14px; background: var(--vscode-editor-background); }
.bar-tip { position: absolute; z-index: 6; top: calc(100% - 12px); padding: 4px 8px; border-radius: 3px; pointer-events: none; white-space: nowrap; font-size: 12px; font-variant-numeric: tabular-nums;
  color: var(--vscode-editorHoverWidget-foreground); background: var(--vscode-editorHoverWidget-background); border: 1px solid var(--vscode-editorHoverWidget-border, transparent);
  box-shadow: 0 2px 8px var(--vscode-widget-shadow); }
.bar-tip[hidden] { display: none; }
.swatch { display: inline-block; width: 8px; height: 8px; margin-right: 6px; border-radius: 1px; box-sizing: border-box; border: 1px solid var(--vscode-contrastBorder, transparent); }
.error-bar { background: var(--error); } .warning-bar { background: var(--warning); } .info-bar { background: var(--info); } .debug-bar { background: var(--debug); } .none-bar { background: var(--none); }

.body { position: relative; flex: 1; display: flex; min-height: 0; border-top: 1px solid var(--line); }
.empty { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; padding: 16px; text-align: center;
  background: var(--vscode-editor-background); overflow: auto; }
.empty h2 { margin: 0 0 6px; font-size: 15px; font-weight: 600; overflow-wrap: anywhere; }
.empty p { margin: 0 0 14px; color: var(--muted); max-width: 60ch; overflow-wrap: anywhere; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; }

.widgets { position: absolute; z-index: 4; top: 0; right: 20px; left: 8px; display: flex; justify-content: flex-end; pointer-events: none; }
.widget { display: flex; flex-wrap: wrap; align-items: center; gap: 2px; box-sizing: border-box; width: 400px; max-width: 100%; padding: 4px; pointer-events: auto;
  color: var(--vscode-editorWidget-foreground); background: var(--vscode-editorWidget-background); border-radius: 0 0 4px 4px;
  border: 1px solid var(--vscode-contrastBorder, var(--vscode-editorWidget-border, var(--vscode-widget-border, transparent))); border-top: 0; box-shadow: 0 0 8px 2px var(--vscode-widget-shadow); }
safelog-find, safelog-go-to { display: contents; }
.widget .search-input { flex: 1 1 140px; }
.widget .found { min-width: 84px; padding: 0 4px; font-size: 12px; white-space: nowrap; }
.widget .best { flex-basis: 100%; box-sizing: border-box; margin-top: 4px; max-height: min(40vh, 320px); overflow: hidden auto; }
.best .option { gap: 8px; }
.best .when { flex: none; color: var(--muted); font-variant-numeric: tabular-nums; }
.best .option.active .when { color: inherit; }
.widget .hint { flex-basis: 100%; padding: 2px 2px 0; font-size: 12px; color: var(--muted); }
.waiting { position: absolute; z-index: 3; bottom: 12px; left: 50%; transform: translateX(-50%); padding: 4px 12px; border-radius: 12px; white-space: nowrap;
  color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
  box-shadow: 0 2px 8px var(--vscode-widget-shadow); }
.waiting:hover { background: var(--vscode-button-hoverBackground); }
.waiting:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }

.status { flex: none; display: flex; align-items: center; gap: 4px 14px; box-sizing: border-box; min-height: 22px; padding: 0 12px; overflow: hidden; white-space: nowrap; font-size: 12px;
  color: var(--muted); border-top: 1px solid var(--line); font-variant-numeric: tabular-nums; }
.status .errors { color: var(--vscode-list-errorForeground, var(--vscode-errorForeground)); }
.filler { flex: 1; }
.hits { display: inline-flex; margin: 0 -8px; }
.hits .action[class*='codicon-'] { height: 20px; min-width: 20px; font-size: 14px; }

@container page (max-width: 820px) { .exceptions .name { display: none; } }
@container page (max-width: 640px) {
  .filters { flex-basis: 100%; }
  safelog-filter-box { flex-basis: 100%; max-width: none; }
  .status { flex-wrap: wrap; white-space: normal; }
}
@container page (max-width: 400px) {
  safelog-filter-bar { padding: 5px 8px; }
  .chips, .status { padding-left: 8px; padding-right: 8px; }
  .pick { max-width: 84px; padding: 0 6px; }
  .pick .codicon { display: none; }
}
`;

/** Adopted by the document: a strict content security policy lets no <style> in. */
export const styles = new CSSStyleSheet();
styles.replaceSync(pageStyles + listStyles + detailsStyles);
