/** Gives the documents of our schemes, and the logs of the tree, the language `safelog`; a manifest can bind neither. */

import { type Disposable, languages, type TextDocument, workspace } from 'vscode';
import { language, schemes } from './ids.ts';

/** `root` is the tree's, undefined while it is not known. */
export function bindLanguage(root: () => string | undefined): Disposable {
  const bind = (document: TextDocument): void => {
    if (document.languageId === language || !isLog(document, root())) return;
    languages.setTextDocumentLanguage(document, language).then(undefined, () => {
      // The document was closed meanwhile.
    });
  };
  for (const document of workspace.textDocuments) bind(document);
  return workspace.onDidOpenTextDocument(bind);
}

function isLog({ uri, languageId }: TextDocument, root: string | undefined): boolean {
  if (uri.scheme === schemes.tail || uri.scheme === schemes.log) return true;
  const inTree = root !== undefined && (uri.fsPath.startsWith(`${root}/`) || uri.fsPath.startsWith(`${root}\\`));
  return uri.scheme === 'file' && inTree && (languageId === 'log' || languageId === 'plaintext');
}
