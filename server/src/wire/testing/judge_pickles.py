"""Says of each pickle whether it holds what is expected, and gives the same value in every protocol back."""
import json
import pickle
import struct
import sys


def value_of(tagged):
    if not isinstance(tagged, dict):
        return tagged
    [(kind, inner)] = tagged.items()
    if kind == 's':
        units = struct.pack('<%dH' % len(inner), *inner)
        return units.decode('utf-16-le', 'surrogatepass')
    if kind == 'i':
        return int(inner)
    if kind == 'f':
        return struct.unpack('>d', bytes.fromhex(inner))[0]
    if kind == 'b':
        return bytes.fromhex(inner)
    if kind == 't':
        return tuple(map(value_of, inner))
    if kind == 'l':
        return list(map(value_of, inner))
    return {value_of(key): value_of(item) for key, item in inner}


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return struct.pack('>d', a) == struct.pack('>d', b)
    return a == b


answers = []
for item in json.load(sys.stdin):
    expected = value_of(item['expected'])
    found = pickle.loads(bytes.fromhex(item['pickle']))
    pickles = [pickle.dumps(expected, protocol).hex() for protocol in range(6)]
    answers.append({'same': same(expected, found), 'told': repr(found), 'pickles': pickles})
json.dump(answers, sys.stdout)
