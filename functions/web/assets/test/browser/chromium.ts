// A Chromium without a window, driven through chromedriver.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export class Chromium {
  private constructor(
    private readonly driver: ChildProcess,
    private readonly session: string,
  ) {}

  static async start(): Promise<Chromium> {
    const driver = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
    let said = "";
    for await (const part of driver.stdout) {
      said += String(part);
      const port = /started successfully on port (\d+)/.exec(said)?.[1];
      if (port === undefined) continue;
      const address = `http://127.0.0.1:${port}/session`;
      const answer = await send(address, {
        capabilities: {
          alwaysMatch: {
            "goog:loggingPrefs": { browser: "ALL" },
            "goog:chromeOptions": { args: ["--headless=new", "--no-sandbox", "--window-size=1000,900"] },
          },
        },
      });
      return new Chromium(driver, `${address}/${(answer as { sessionId: string }).sessionId}`);
    }
    throw new Error(`chromedriver did not start: ${said}`);
  }

  async stop(): Promise<void> {
    await fetch(this.session, { method: "DELETE" });
    this.driver.kill();
    await once(this.driver, "exit");
  }

  async open(address: string): Promise<void> {
    await send(`${this.session}/url`, { url: address });
  }

  /** The value of an expression in the page. */
  async value<T>(expression: string): Promise<T> {
    return (await send(`${this.session}/execute/sync`, { script: `return (${expression})`, args: [] })) as T;
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    for (let tries = 0; tries < 300; tries += 1) {
      if (await this.value<boolean>(`Boolean(${expression})`)) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`never true: ${expression}`);
  }

  async type(selector: string, text: string): Promise<void> {
    const found = (await send(`${this.session}/element`, { using: "css selector", value: selector })) as Record<string, string>;
    await send(`${this.session}/element/${Object.values(found)[0]}/value`, { text });
  }

  async newTab(): Promise<string> {
    return ((await send(`${this.session}/window/new`, { type: "tab" })) as { handle: string }).handle;
  }

  async currentTab(): Promise<string> {
    const response = await fetch(`${this.session}/window`);
    return ((await response.json()) as { value: string }).value;
  }

  async toTab(handle: string): Promise<void> {
    await send(`${this.session}/window`, { handle });
  }

  /** What the browser wrote to its console, such as what a policy refused. */
  async complaints(): Promise<string[]> {
    const entries = (await send(`${this.session}/se/log`, { type: "browser" })) as { message: string }[];
    return entries.map(({ message }) => message).filter((message) => !message.includes("favicon"));
  }
}

async function send(address: string, body: unknown): Promise<unknown> {
  const response = await fetch(address, { method: "POST", body: JSON.stringify(body) });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
  if (value?.error !== undefined) throw new Error(`${value.error}: ${value.message}`);
  return value;
}
