// A relay that is up to no good, for tests. Usage: node bad-relay.mjs PORT MODE
// It accepts every EVENT, and answers a REQ with what its mode says:
//   garbage    text that is no JSON, JSON that is no message, binary frames, nesting without end
//   huge       a message of 100 MB, all opening brackets, before EOSE
//   flood      a million EOSE
//   control    control characters, terminal escapes and markup, wherever text may stand
//   broken     text frames that aren't UTF-8, and then a frame that breaks RFC 6455
//   nothing    nothing
//   chatter    a NOTICE every 20 ms for ever, and an EOSE to the REQ only that a run sends at its end
import { WebSocketServer } from 'ws';

const [port, mode] = process.argv.slice(2);
const huge = mode === 'huge' ? Buffer.alloc(100 * 1024 * 1024, '[') : undefined;
const STEERING = '\u001b]0;owned\u0007\u001b[2J\u202e</script><img src=x onerror=alert(1)>\u0000\r\n';

const answers = {
  garbage(socket) {
    socket.send('not JSON');
    socket.send('{"EVENT":1}');
    socket.send('["EVENT"]');
    socket.send('[[["EOSE"]]]');
    socket.send('['.repeat(200_000));
    socket.send(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    socket.send(Buffer.from([0, 1, 2, 255]));
    socket.send('');
    socket.send('["EVENT","r1",{"id":"x","kind":1e999,"tags":[[{}]],"created_at":-1e400}]');
    socket.send('["EVENT","r1",{"__proto__":{"id":1},"constructor":2}]');
    socket.send('["OK",null,"yes"]');
  },
  huge(socket, subscription) {
    socket.send(huge, { binary: false });
    socket.send(JSON.stringify(['EOSE', subscription]));
  },
  flood(socket, subscription) {
    const eose = JSON.stringify(['EOSE', subscription]);
    let left = 1_000_000;
    const more = () => {
      for (let i = 0; i < 5_000 && left > 0; i++, left--) socket.send(eose);
      if (left > 0 && socket.readyState === 1) setImmediate(more);
    };
    more();
  },
  control(socket, subscription) {
    socket.send(JSON.stringify(['NOTICE', STEERING]));
    socket.send(JSON.stringify([STEERING, STEERING]));
    socket.send(JSON.stringify(['EOSE', STEERING]));
    socket.send(JSON.stringify(['AUTH', STEERING]));
    socket.send(JSON.stringify(['CLOSED', subscription, STEERING]));
    socket.close(4000, '\u001b[2Jbye');
  },
  broken(socket, subscription) {
    socket.send(Buffer.from(`["NOTICE","\xff\xfe"]`, 'latin1'), { binary: false });
    socket.send(JSON.stringify(['EOSE', subscription]));
    socket._socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  },
  nothing() {},
  chatter(socket, subscription) {
    if (subscription === 'reqbench-fresh') socket.send(JSON.stringify(['EOSE', subscription]));
    const talking = setInterval(() => socket.send('["NOTICE","still here"]'), 20);
    socket.on('close', () => clearInterval(talking));
  },
};

new WebSocketServer({ host: '127.0.0.1', port: Number(port) }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (text) => {
    const [label, first] = JSON.parse(text);
    if (label === 'EVENT') socket.send(JSON.stringify(['OK', first.id, true, '']));
    if (label === 'REQ') answers[mode](socket, first);
  });
});
