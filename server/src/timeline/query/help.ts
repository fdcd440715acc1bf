/** The query language in brief, for `safelog help query`. docs/query.md tells the same at length. */
export const queryHelp = `A query says which records to show. The timeline's filter and the option --query of cat, tail and stats take the same.

  word             in the message, in any case; a word with a capital: in just that case
  "any text"       in the message, as it stands; \\" and \\\\ for the two characters themselves
  /regex/ims       a JavaScript regex (with the flag u) that matches in the message
  text:X           X, which may be any of these, also where it looks like something else: text:and
  level>=warning   also > <= < = and : (the same as =); a name or a number; level:info,35 for several
  user:alice,bob   these users; * and ? are wildcards, except in quotation marks
  module:web*      these modules
  has:exception    with a traceback
  is:marked        marked in the timeline
  after:TIME       from then on; also since:
  before:TIME      before then; also until:

  a b, a and b     both
  a or b           at least one; 'and' binds tighter
  -a, not a        those that a does not fit
  (a or b) c       parentheses group; a text with a parenthesis needs quotation marks

TIME is 2026-11-20, 2026-11-20T22:56:00.5 (or with a blank, or an offset such as Z), 10:15 on the newest record's day, or 30s, 10m, 2h,
1d or 1w ago. A query looks at whole records, with all their lines. A record without a level fits no comparison of levels.

  level>=warning module:web* -healthcheck after:10:15
  (has:exception or /time.?out/i) user:alice
`;
