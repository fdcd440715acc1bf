/** Stack frames in our text documents as links. A click resolves the path: until then nothing that a log names is looked at. */

import { type Disposable, DocumentLink, l10n, languages, Range, type TextDocument, Uri } from 'vscode';
import { findFrames } from '../../server/src/traceback/frames.ts';
import { commands, schemes } from './ids.ts';

/** VS Code asks for all links of a document at once. */
const maxLinks = 5000;

export function registerFrameLinks(): Disposable {
  return languages.registerDocumentLinkProvider([{ scheme: schemes.tail }, { scheme: schemes.log }], { provideDocumentLinks: frameLinks });
}

/** The newest ones where there are too many. */
function frameLinks(document: TextDocument): DocumentLink[] {
  return findFrames(document.getText())
    .slice(-maxLinks)
    .map(({ textLine, start, end, place }) => {
      // The link's command and its form are ours; of the log only the place is in it, as data.
      const target = Uri.from({ scheme: 'command', path: commands.openPlace, query: encodeURIComponent(JSON.stringify([place])) });
      const link = new DocumentLink(new Range(textLine, start, textLine, end), target);
      link.tooltip = l10n.t('Open {0}:{1}', place.path, place.line);
      return link;
    });
}
