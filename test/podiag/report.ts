// Reads podiag's report back. The grammar is strict: a line that it does not know fails the test, so an error message
// of the shell or of a utility cannot hide in the output, and neither can anything that a hostile process put there.

export interface Descriptor {
  number: number;
  mode: string;
  kind: string;
  text: string;
}

export interface ProcessReport {
  pid: number;
  state: string;
  command: string;
  parent: string | undefined;
  executable: string;
  descriptors: Map<number, Descriptor>;
  /** False when the list of descriptors may not be read. */
  listable: boolean;
  /** Descriptors that are listed but may not be looked at. */
  hidden: number;
  maps: string[];
}

export interface Report {
  total: number;
  states: Map<string, number>;
  ended: number;
  listeners: { socket: string; owners: string }[];
  processes: Map<number, ProcessReport>;
}

/** What may reach a terminal: printable ASCII and newlines, or, if `utf8`, whatever is not a control character. */
function requirePrintable(text: string, utf8: boolean): void {
  const forbidden = (utf8 ? /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u : /[^ -~]/).exec(text.replaceAll('\n', ''));
  if (forbidden) throw new Error(`an unprintable character reached the terminal: ${JSON.stringify(forbidden[0])}`);
}

/** One kind of line: where it may stand, what it looks like, and what it says about the report. */
type Rule = [where: Section, pattern: RegExp, take: (report: Report, words: string[]) => void];
type Section = 'start' | 'states' | 'listeners' | 'process';

const rules: Rule[] = [
  [
    'start',
    /^PROCESSES (\d+)$/,
    (report, [total]) => {
      report.total = Number(total);
    },
  ],
  [
    'states',
    /^ {2}([A-Za-z?]) [a-z]+ +(\d+)$/,
    (report, [state = '', count]) => report.states.set(state, Number(count)),
  ],
  [
    'states',
    /^ {2}- ended meanwhile +(\d+)$/,
    (report, [count]) => {
      report.ended = Number(count);
    },
  ],
  ['states', /^LISTENERS$/, () => {}],
  [
    'listeners',
    /^ {2}((?:(?:TCP|UDP|UNIX)\/\S+|UNIX) +\S.*?) {2,}(\S.*)$/,
    (report, [socket, owners = '']) => report.listeners.push({ socket: squeeze(socket), owners }),
  ],
  ['listeners', /^PID (\d+) {2}([A-Za-z?]) {2}(.+)$/, addProcess],
  ['process', /^PID (\d+) {2}([A-Za-z?]) {2}(.+)$/, addProcess],
  [
    'process',
    /^ {2}parent {6}(\d+(?: .*)?)$/,
    (report, [parent]) => {
      last(report).parent = parent;
    },
  ],
  [
    'process',
    /^ {2}exe {9}(.+)$/,
    (report, [path = '']) => {
      last(report).executable = path;
    },
  ],
  [
    'process',
    /^ {2}fd {10}\[not readable\]$/,
    (report) => {
      last(report).listable = false;
    },
  ],
  [
    'process',
    /^ {2}fd {10}(\d+) \[not readable\]$/,
    (report, [count]) => {
      last(report).hidden = Number(count);
    },
  ],
  ['process', /^ {2}fd (\d+) +(r|w|rw)? +(\S.*)$/, addDescriptor],
  [
    'process',
    /^ {2}map {9}(\/.*)$/,
    (report, [path = '']) => {
      last(report).maps.push(path);
    },
  ],
];

/** The section that each of these lines opens. */
function sectionAfter(line: string, section: Section): Section {
  if (line.startsWith('PROCESSES')) return 'states';
  if (line === 'LISTENERS') return 'listeners';
  return line.startsWith('PID') ? 'process' : section;
}

export function parseReport(output: string, options: { utf8?: boolean } = {}): Report {
  requirePrintable(output, options.utf8 ?? false);
  if (!output.endsWith('\n')) throw new Error('the report ends within a line');
  const report: Report = { total: -1, states: new Map(), ended: 0, listeners: [], processes: new Map() };
  let section: Section = 'start';
  for (const line of output.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const rule = rules.find(([where, pattern]) => where === section && pattern.test(line));
    if (!rule) throw new Error(`no line of a report, in "${section}": ${JSON.stringify(line)}`);
    const [, pattern, take] = rule;
    take(report, pattern.exec(line)?.slice(1) ?? []);
    section = sectionAfter(line, section);
  }
  if (report.processes.size !== report.total) {
    throw new Error(`${report.total} processes announced, ${report.processes.size} shown`);
  }
  return report;
}

function addProcess(report: Report, [pid, state = '', command = '']: string[]): void {
  if (report.processes.has(Number(pid))) throw new Error(`process ${pid} is shown twice`);
  report.processes.set(Number(pid), {
    pid: Number(pid),
    state,
    command,
    parent: undefined,
    executable: '',
    descriptors: new Map(),
    listable: true,
    hidden: 0,
    maps: [],
  });
}

function addDescriptor(report: Report, [number, mode = '', description = '']: string[]): void {
  const kind = description.slice(0, 14).trim();
  last(report).descriptors.set(Number(number), { number: Number(number), mode, kind, text: description.slice(15) });
}

/** The process that the lines read last belong to. */
function last(report: Report): ProcessReport {
  const process = [...report.processes.values()].at(-1);
  if (!process) throw new Error('a detail before any process');
  return process;
}

function squeeze(text: string | undefined): string {
  return (text ?? '').replace(/ +/g, ' ').trim();
}

/** The one process whose command line is `command`, or else the one whose command line contains it. */
export function processOf(report: Report, command: string): ProcessReport {
  const all = [...report.processes.values()];
  const exact = all.filter((process) => process.command === command);
  const found = exact.length > 0 ? exact : all.filter((process) => process.command.includes(command));
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} processes are "${command}"`);
  return first;
}

/** How descriptor `number` is shown: its kind and what follows, with single spaces. */
export function shownAs(process: ProcessReport, number: number): string {
  const descriptor = process.descriptors.get(number);
  if (!descriptor) throw new Error(`process ${process.pid} shows no descriptor ${number}`);
  return squeeze(`${descriptor.kind} ${descriptor.text}`);
}
