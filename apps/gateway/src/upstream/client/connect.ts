import { connect as connectTcp, isIP, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { ByteReader, type TakeBytes } from "../../byte-reader.ts";

/** TLS towards backends; PEM contents, not paths. */
export interface BackendTls {
  readonly verify: boolean;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

/** Opens connections to one backend. */
export interface Connector {
  /** What the socket emits once it can be written to. */
  readonly ready: "connect" | "secureConnect";
  /**
   * @param take gets what comes; with null it comes as the stream's data
   * @throws where certificate or key are none
   */
  open(take: TakeBytes | null): Duplex;
}

/** How long the system waits before it asks whether the other side of a silent connection is still there, ms. */
const PROBE_AFTER = 60_000;

export function connectorTo(target: URL, tls: BackendTls): Connector {
  const secure = target.protocol === "https:";
  const options: TcpNetConnectOpts = {
    host: target.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(target.port || (secure ? 443 : 80)),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER,
  };
  return secure ? new TlsConnector(options, tls) : new TcpConnector(options);
}

class TcpConnector implements Connector {
  readonly ready = "connect";
  readonly #options: TcpNetConnectOpts;

  constructor(options: TcpNetConnectOpts) {
    this.#options = options;
  }

  open(take: TakeBytes | null): Duplex {
    const options = this.#options;
    return connectTcp(take === null ? options : { ...options, onread: new ByteReader(take) });
  }
}

class TlsConnector implements Connector {
  readonly ready = "secureConnect";
  readonly #tls: BackendTls;
  readonly #options: ConnectionOptions;
  #context: SecureContext | null = null;
  /** Of the last connection, so that the next one is made in fewer steps. */
  #session: Buffer | null = null;

  constructor(options: TcpNetConnectOpts, tls: BackendTls) {
    const { host = "" } = options;
    this.#tls = tls;
    this.#options = {
      ...options,
      // The name that is asked for and checked is the backend's; Host is the client's to choose. An address is never asked for.
      servername: tls.servername ?? (isIP(host) === 0 ? host : ""),
      rejectUnauthorized: tls.verify,
      ALPNProtocols: ["http/1.1"],
    };
  }

  open(take: TakeBytes | null): Duplex {
    const { ca, cert, key } = this.#tls;
    this.#context ??= createSecureContext({ ca, cert, key });
    const session = this.#session ?? undefined;
    const socket = connectTls({ ...this.#options, secureContext: this.#context, session });
    socket.on("session", (given: Buffer) => {
      this.#session = given;
    });
    if (take !== null) socket.on("data", (bytes: Buffer) => take(bytes, true));
    return socket;
  }
}
