/**
 * QEMU's machine protocol (QMP): why the machine stopped, and where its processors stand.
 * One JSON object per line both ways; nothing is sent before the greeting.
 */
import type { Socket } from 'node:net';

interface Message {
  QMP?: unknown;
  event?: string;
  data?: { reason?: string };
  return?: unknown;
}

export class Monitor {
  shutdownReason: string | undefined;
  private text = '';
  private readonly answers: ((value: unknown) => void)[] = [];

  constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.receive(chunk));
    socket.on('error', () => undefined); // QEMU closing its end is how every run ends
  }

  /** The registers of all processors in QEMU's words, or an empty text if QEMU does not answer in time. */
  async registers(patience: number): Promise<string> {
    const answer = new Promise<unknown>((resolve) => {
      this.answers.push(resolve);
      setTimeout(() => resolve(''), patience).unref();
    });
    this.send({ execute: 'human-monitor-command', arguments: { 'command-line': 'info registers -a' } });
    const text = await answer;
    return typeof text === 'string' ? text.replaceAll('\r', '') : '';
  }

  private receive(chunk: string): void {
    this.text += chunk;
    for (let end = this.text.indexOf('\n'); end !== -1; end = this.text.indexOf('\n')) {
      this.handle(JSON.parse(this.text.slice(0, end)) as Message);
      this.text = this.text.slice(end + 1);
    }
  }

  private handle(message: Message): void {
    if (message.QMP !== undefined) {
      this.answers.push(() => undefined);
      this.send({ execute: 'qmp_capabilities' });
    } else if (message.event === 'SHUTDOWN') {
      this.shutdownReason = message.data?.reason;
    } else if ('return' in message || 'error' in message) {
      this.answers.shift()?.(message.return);
    }
  }

  private send(command: object): void {
    this.socket.write(`${JSON.stringify(command)}\n`);
  }
}
