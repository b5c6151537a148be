import { connect, createServer, type Server, type Socket } from "node:net";

/** A network that can be cut: what is connected through it breaks without a goodbye, and nobody comes in until it is mended. */
export class Network {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;
  port = 0;

  /** @param target the port on this machine that it leads to, asked for each connection */
  constructor(target: () => number) {
    this.#server = createServer((inner) => {
      if (this.#isCut) {
        inner.destroy();
        return;
      }
      const outer = connect(target(), "127.0.0.1");
      for (const [from, to] of [[inner, outer], [outer, inner]] as const) {
        this.#sockets.add(from);
        from.on("error", () => to.destroy()).on("close", () => {
          to.destroy();
          this.#sockets.delete(from);
        });
        from.pipe(to);
      }
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }

  /** Breaks what is connected; `until`: and lets nobody in before `mend`. */
  cut(until: "now" | "mended" = "now"): void {
    this.#isCut = until === "mended";
    this.#sockets.forEach((socket) => socket.destroy());
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
