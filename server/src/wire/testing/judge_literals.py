"""Of each literal: how Python shows it, and what it makes of it in a format."""
import ast
import json
import sys

literals = json.load(sys.stdin)
own = [1.0, -0.5, 1e16, 1e15, 1.5e-5, 123456.789, 1e300, True, None, b'a\x00\xff\'"', (1,), (), {'a': [1, (2,)]}, {1, 2}, "it's", 'q"\'',
       'é\u20ac\U0001f600\n\t\\', 2 ** 80, 5e-324, 0.1, -7]
values = [ast.literal_eval(literal) for literal in literals] + own
formats = ['%s', '%r', '%a', '%10s|', '%-6r|', '%.3s', '%d', '%5.2f', '%x', '%e', '%g', '%+d', '%05d']
answers = []
for i, value in enumerate(values):
    args = (value,)
    for form in [formats[i % len(formats)], '%s']:
        try:
            merged = form % args
        except (TypeError, ValueError, OverflowError):
            merged = None
        answers.append({'literal': repr(args), 'shown': repr(args), 'merged': merged, 'format': form})
json.dump(answers, sys.stdout)
