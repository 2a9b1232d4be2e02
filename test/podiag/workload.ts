// One process that holds a descriptor of every kind podiag knows, on the loopback of a container. It is Python because
// busybox and Node cannot open some of them (timerfd, signalfd, SOCK_SEQPACKET, abstract and forged UNIX addresses).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from './container.js';
import { pathOf } from './tools.js';

const program = `
import ctypes, json, mmap, os, select, socket, sys, time

os.chdir(sys.argv[1])

fds, ports, kept = {}, {}, []

def keep(name, thing):
    kept.append(thing)
    fds[name] = thing if isinstance(thing, int) else thing.fileno()
    return thing

def bound(name, family, kind, address):
    s = keep(name, socket.socket(family, kind))
    s.bind(address)
    ports[name] = s.getsockname()[1] if family != socket.AF_UNIX else 0
    return s

def listening(name, family, kind, address, key=None):
    s = bound(name, family, kind, address)
    s.listen()
    ports[key] = ports[name]
    return s

def connected(name, listener, family, address):
    s = keep(name + ' client', socket.socket(family, listener.type))
    s.connect(address)
    if family != socket.AF_UNIX:
        ports[name + ' client'] = s.getsockname()[1]
    keep(name + ' server', listener.accept()[0])

INET, INET6, UNIX = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM

four = listening('tcp4 listener', INET, STREAM, ('127.0.0.1', 0), 'tcp4')
connected('tcp4', four, INET, ('127.0.0.1', ports['tcp4']))
six = listening('tcp6 listener', INET6, STREAM, ('::', 0), 'tcp6')
connected('tcp6', six, INET6, ('::1', ports['tcp6']))
connected('mapped', six, INET, ('127.0.0.1', ports['tcp6']))
bound('udp4', INET, DGRAM, ('127.0.0.1', 0))
bound('udp6', INET6, DGRAM, ('::1', 0))
client = keep('udp4 client', socket.socket(INET, DGRAM))
client.connect(('127.0.0.1', ports['udp4']))
ports['udp4 client'] = client.getsockname()[1]

stream = listening('unix listener', UNIX, STREAM, os.path.abspath('stream.sock'))
connected('unix', stream, UNIX, os.path.abspath('stream.sock'))
bound('unix datagram', UNIX, DGRAM, os.path.abspath('datagram.sock'))
listening('unix packet', UNIX, socket.SOCK_SEQPACKET, os.path.abspath('packet.sock'))
listening('unix abstract', UNIX, STREAM, b'\\0hidden name')
for name, end in zip(('unix pair', 'unix pair, other end'), socket.socketpair()):
    keep(name, end)
victim = listening('unix victim', UNIX, STREAM, b'victim')
inode = os.fstat(victim.fileno()).st_ino
forged = '0000000000000000: 00000002 00000000 00010000 0001 01 %d /run/docker.sock' % inode
bound('unix forger', UNIX, DGRAM, b'\\0x\\n' + forged.encode())
keep('netlink', socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)).bind((0, 0))

open('open.txt', 'w').close()
keep('file', open('open.txt'))
keep('deleted', open('gone.txt', 'w'))
os.unlink('gone.txt')
with open('mapped.bin', 'wb') as f:
    f.write(b'x' * 4096)
with open('mapped.bin', 'r+b') as f:
    mapped = mmap.mmap(f.fileno(), 4096)
os.unlink('mapped.bin')

libc = ctypes.CDLL(None)
keep('eventfd', os.eventfd(0))
keep('epoll', select.epoll())
keep('timerfd', libc.timerfd_create(1, 0))
keep('signalfd', libc.signalfd(-1, ctypes.create_string_buffer(128), 0))
keep('inotify', libc.inotify_init())
keep('memfd', os.memfd_create('scratch-pad'))
read, write = os.pipe()
os.close(read)
keep('lonely pipe', write)
read, write = os.pipe()
keep('own pipe, read', read)
keep('own pipe, write', write)

print(json.dumps({'fds': fds, 'ports': {k: v for k, v in ports.items() if k}}), flush=True)
time.sleep(1000000)
`;

export interface Holder {
  /** The number of the descriptor that the program calls `name`. */
  descriptor(name: string): number;
  /** The local port of the socket that the program calls `name`. */
  port(name: string): number;
}

export async function startHolder(container: Container): Promise<Holder> {
  const path = join(container.scratch, 'holder.py');
  writeFileSync(path, program);
  const { ready } = await container.workload([pathOf('python3'), path, container.scratch]);
  const { fds, ports } = JSON.parse(ready) as { fds: Record<string, number>; ports: Record<string, number> };
  const find = (table: Record<string, number>, name: string): number => {
    const value = table[name];
    if (value === undefined) throw new Error(`the holder has no "${name}"`);
    return value;
  };
  return { descriptor: (name) => find(fds, name), port: (name) => find(ports, name) };
}
