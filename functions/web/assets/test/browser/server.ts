// Stands for the portal: serves the built files and pages of a test, with the headers of the portal.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

const OUTLINE = {
  type: "FeatureCollection",
  features: [
    {
      type: "Feature",
      properties: { name: "<b>Gambir</b>" },
      geometry: { type: "Polygon", coordinates: [[[106.825, -6.177], [106.829, -6.177], [106.829, -6.173], [106.825, -6.177]]] },
    },
  ],
};
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** What a page of a test has: attributes of `body`, and what is in it. */
export interface Page {
  readonly attributes?: string;
  readonly content: string;
}

export class Portal {
  /** The pages by their paths. */
  readonly pages = new Map<string, Page>();
  /** What the session answers to who asks for more time. */
  extension: { status: number; body: unknown } = { status: 200, body: {} };
  /** The requests, without those of built files. */
  readonly requests: string[] = [];

  /** What is not answered before `/go` is asked for. */
  private readonly held: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    private readonly files: Record<string, { file: string; type: string }>,
  ) {}

  static async start(): Promise<Portal> {
    const folder = mkdtempSync(join(tmpdir(), "tuntas-portal-built-"));
    const built = spawnSync(process.execPath, ["build.mjs", folder], { stdio: "inherit" });
    if (built.status !== 0) throw new Error("the build failed");
    const server = createServer();
    const portal = new Portal(server, folder, JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
    portal.answer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return portal;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.folder, { recursive: true });
  }

  at(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  private answer(): void {
    this.server.on("request", (request, response) => {
      const path = request.url ?? "/";
      const built = Object.values(this.files).find(({ file }) => path === `/petugas/aset/${file}`);
      if (built !== undefined) {
        response.writeHead(200, { "content-type": built.type, "content-encoding": "gzip" });
        response.end(readFileSync(join(this.folder, `${built.file}.gz`)));
        return;
      }
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        this.requests.push(`${request.method} ${path} ${Buffer.concat(parts).toString()}`.trim());
        const page = this.pages.get(path);
        if (path === "/petugas/sesi") {
          response.writeHead(this.extension.status, { "content-type": "application/json" });
          response.end(JSON.stringify(this.extension.body));
        } else if (path === "/held") {
          this.held.push(() => response.writeHead(204).end());
        } else if (path === "/requests") {
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.requests));
        } else if (path === "/go") {
          for (const answer of this.held.splice(0)) answer();
          response.writeHead(204).end();
        } else if (path === "/outlines") {
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(OUTLINE));
        } else if (path.startsWith("/tile/") || path === "/photo") {
          response.writeHead(200, { "content-type": "image/png" }).end(PICTURE);
        } else if (page !== undefined) {
          const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "content-security-policy": POLICY };
          response.writeHead(200, headers).end(this.html(page));
        } else {
          response.writeHead(404).end();
        }
      });
    });
  }

  private html({ attributes, content }: Page): string {
    const file = (name: string): string => `/petugas/aset/${this.files[name]?.file}`;
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report</title>
<meta name="draft-key" content="${Buffer.alloc(64, 7).toString("base64")}">
<link rel="stylesheet" href="${file("style.css")}"><link rel="stylesheet" href="${file("map.css")}">
<script type="module" src="${file("portal.js")}"></script></head><body ${attributes ?? ""}>${content}</body></html>`;
  }
}
