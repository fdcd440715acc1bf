/** Gives the documents of our schemes, and the logs of the tree, the language `safelog`; a manifest can bind neither. */

import { type Disposable, languages, type TextDocument, workspace } from 'vscode';
import { language, schemes } from './ids.ts';

/** `roots` are the trees', as far as they are known. */
export function bindLanguage(roots: () => readonly string[]): Disposable {
  const bind = (document: TextDocument): void => {
    if (document.languageId === language || !isLog(document, roots())) return;
    languages.setTextDocumentLanguage(document, language).then(undefined, () => {
      // The document was closed meanwhile.
    });
  };
  for (const document of workspace.textDocuments) bind(document);
  return workspace.onDidOpenTextDocument(bind);
}

function isLog({ uri, languageId }: TextDocument, roots: readonly string[]): boolean {
  if (uri.scheme === schemes.tail || uri.scheme === schemes.log || uri.scheme === schemes.trace) return true;
  const inTree = roots.some((root) => uri.fsPath.startsWith(`${root}/`) || uri.fsPath.startsWith(`${root}\\`));
  return uri.scheme === 'file' && inTree && (languageId === 'log' || languageId === 'plaintext');
}
