// A foreign relay for reqbench: @nostr-relay/core over SQLite. Usage: node relay.mjs PORT DATA_FOLDER
import { join } from 'node:path';
import { LogLevel } from '@nostr-relay/common';
import { NostrRelay } from '@nostr-relay/core';
import { EventRepositorySqlite } from '@nostr-relay/event-repository-sqlite';
import { Validator } from '@nostr-relay/validator';
import { WebSocketServer } from 'ws';

const [port, folder] = process.argv.slice(2);
const repository = new EventRepositorySqlite(join(folder, 'events.db'));
await repository.init();
const relay = new NostrRelay(repository, { logLevel: LogLevel.ERROR });
const validator = new Validator();

new WebSocketServer({ host: '127.0.0.1', port: Number(port) }).on('connection', (socket) => {
  relay.handleConnection(socket);
  socket.on('message', async (data) => {
    try {
      await relay.handleMessage(socket, await validator.validateIncomingMessage(data));
    } catch (error) {
      socket.send(JSON.stringify(['NOTICE', error.message]));
    }
  });
  socket.on('close', () => relay.handleDisconnect(socket));
  // A frame that is not UTF-8 ends the connection; without a listener it would end the process.
  socket.on('error', () => {});
});
