import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/** Things that come one after the other and are waited for; a test that waits in vain is ended by the runner. */
class Queue<Item> {
  readonly #items: Item[] = [];
  readonly #waiting: ((item: Item) => void)[] = [];

  add(item: Item): void {
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting(item);
    } else {
      this.#items.push(item);
    }
  }

  next(): Promise<Item> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(item);
  }

  get waiting(): number {
    return this.#items.length;
  }
}

/** The server's end of one connection: a test says everything that it sends. */
export class Peer {
  readonly #received = new Queue<any>();
  readonly closed: Promise<number>;

  constructor(
    readonly socket: WebSocket,
    readonly url: string,
    readonly protocols: string | undefined,
  ) {
    socket.on("message", (data) => this.#received.add(JSON.parse(String(data))));
    this.closed = new Promise((resolve) => socket.on("close", resolve));
  }

  /** The next message of the client. */
  async next(type?: string): Promise<any> {
    const message = await this.#received.next();
    if (type && message.type !== type) {
      throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
    }
    return message;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Answers a subscribe. */
  subscribed({ channel, id }: { channel: string; id: number }, payload: object = {}): void {
    this.send({ type: "subscribed", channel, id, payload, timestamp: 1 });
  }

  error({ channel, id }: { channel?: string; id?: number }, code: string, more: object = {}): void {
    this.send({ type: "error", id, channel, payload: { code, message: `it is ${code}`, ...more } });
  }

  change(channel: string, position: string, more: object = {}): void {
    const resource = channel.startsWith("resource:") ? channel.slice(9) : channel.split(":")[0];
    this.send({ type: "data_change", channel, payload: { resource, operation: "create", id: position, data: { id: position }, position, ...more } });
  }

  /** Takes the next subscribe and says that it is so. */
  async accept(payload: object = {}): Promise<any> {
    const subscribe = await this.next("subscribe");
    this.subscribed(subscribe, payload);
    return subscribe;
  }

  /** Breaks the connection without a word. */
  cut(): void {
    this.socket.terminate();
  }
}

export class ScriptedServer {
  /** Answers instead of an upgrade. */
  refuseWith: number | undefined;
  attempts = 0;
  readonly #peers = new Queue<Peer>();

  private constructor(
    readonly http: Server,
    readonly sockets: WebSocketServer,
  ) {}

  static async start(port = 0): Promise<ScriptedServer> {
    const http = createServer();
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: (protocols) => (protocols.has("rowtide") ? "rowtide" : false) });
    const server = new ScriptedServer(http, sockets);
    http.on("upgrade", (request, socket: Duplex, head) => {
      server.attempts++;
      if (server.refuseWith) {
        socket.end(`HTTP/1.1 ${server.refuseWith} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        server.#peers.add(new Peer(webSocket, request.url ?? "", request.headers["sec-websocket-protocol"]));
      });
    });
    http.on("request", (_request, response: ServerResponse) => response.writeHead(404).end());
    await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/realtime`;
  }

  /** The next client that connects. */
  peer(): Promise<Peer> {
    return this.#peers.next();
  }

  get unseen(): number {
    return this.#peers.waiting;
  }

  async stop(): Promise<void> {
    for (const client of this.sockets.clients) {
      client.terminate();
    }
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
}
