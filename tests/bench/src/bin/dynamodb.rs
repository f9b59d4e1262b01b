//! A DynamoDB of its own for the store's tests: dynoxide in memory, on a free port of this machine.
//!
//! Prints its address as one line, and ends with its standard input: whoever started it cannot leave it behind.
#![expect(clippy::print_stdout, reason = "the address is the answer")]

use anyhow::{Context, Result, anyhow};
use dynoxide::Database;
use std::io::{self, Read};

fn main() -> Result<()> {
    let database = Database::memory().map_err(|error| anyhow!("dynoxide: {error}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).context("no port")?;
    println!("http://{}", listener.local_addr()?);
    runtime.spawn(dynoxide::server::serve_on(listener, database));
    // Until the other end closes it.
    io::stdin().lock().read_to_end(&mut Vec::new())?;
    Ok(())
}
