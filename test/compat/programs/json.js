// Maps, closures, classes, exceptions and JSON, as an application would use them.
class Account {
  constructor(owner) { this.owner = owner; this.entries = []; }
  add(amount) { if (amount === 0) throw new Error('nothing to add'); this.entries.push(amount); return this; }
  total() { return this.entries.reduce((sum, amount) => sum + amount, 0); }
}
const words = 'the quick brown fox jumps over the lazy dog the end'.split(' ');
const counts = new Map();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
const adder = (base) => (value) => base + value;
let caught = '';
try { new Account('x').add(0); } catch (error) { caught = error.message; }
const account = new Account('Ada').add(5).add(37);
console.log(JSON.stringify({
  the: counts.get('the'),
  words: counts.size,
  total: account.total(),
  added: adder(2)(40),
  caught,
  parsed: JSON.parse('{"a":[1,2,{"b":null}]}'),
  half: 1 / 2,
  text: 'line\n"quoted"'
}));
