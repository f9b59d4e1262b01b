//! `up` and `down`: the whole system on this machine.

use crate::{
    cargo, deploy,
    engine::{Engine, Home},
    lock::{self, Lock},
    progress::Steps,
    project::Project,
    sam, venv,
};
use anyhow::{Context, Result, bail};
use stack_file::Stack;
use std::{fs::File, io::Read};

const NAME: &str = "tuntas";
const FIRST_PORT: u16 = 4566;

/// Brings everything up, or up to date.
pub(crate) async fn up(project: &Project, detach: bool, port: Option<u16>) -> Result<()> {
    let home = Home::local(project);
    let turn = lock::acquire(project, Lock::Stack).await?;
    let before = Stack::read(&home.stack_file()).ok();
    let mut steps = Steps::of(4);
    steps.next("Building the functions; installing the engine and SAM beside it");
    let (interpreter, _, ()) =
        tokio::try_join!(venv::engine(project), venv::sam(project), cargo::build_functions(project))?;
    let running = Engine::running(&home);
    let ran_before = running.is_some();
    let engine = match running {
        Some(engine) if port.is_some_and(|port| port != engine.port()) => {
            let running = engine.port();
            engine.leave();
            bail!("the engine runs on port {running}; `cargo xtask down` stops it")
        }
        Some(engine) => {
            steps.next("The engine runs");
            engine
        }
        None => {
            let port = port.or_else(|| before.as_ref().and_then(port_of)).unwrap_or(FIRST_PORT);
            steps.next(&format!("Starting the engine on port {port}"));
            Engine::start(project, &home, &interpreter, port)?
        }
    };
    steps.next("Deploying; building the operator's tool beside it");
    let (deployed, built) = tokio::join!(
        deploy::deploy(project, &home, &engine, NAME, &[]),
        cargo::build_packages(project, ["cli"])
    );
    if let Err(error) = deployed.and(built) {
        // What ran before goes on running.
        if ran_before {
            engine.leave();
        }
        return Err(error);
    }
    steps.next("Applying the demonstration's city; making its officers and channel keys");
    deploy::seed(project, &home, &engine).await?;
    steps.end();
    drop(turn);
    let stack = Stack::read(&home.stack_file())?;
    announce(project, &home, &stack)?;

    if detach {
        engine.leave();
        return Ok(());
    }
    println!("\nFollowing the functions' logs. Ctrl-C stops everything and keeps the data.");
    let status = sam::sam(project, &engine.endpoint())
        .await?
        .args(["logs", "--tail", "--stack-name", NAME, "--region", &stack.region])
        .args(["--start-time", "1 second ago"])
        // Ctrl-C in the terminal is for this tool alone, which then ends both.
        .process_group(0)
        .kill_on_drop(true)
        .status()
        .await
        .context("cannot start sam logs")?;
    engine.stop()?;
    if !status.success() {
        bail!("sam logs ended");
    }
    Ok(())
}

/// Stops the engine and keeps its data, or forgets it.
pub(crate) async fn down(project: &Project, wipe: bool) -> Result<()> {
    let _turn = lock::acquire(project, Lock::Stack).await?;
    let home = Home::local(project);
    match Engine::running(&home) {
        Some(engine) => {
            engine.stop()?;
            println!("Stopped");
        }
        None => println!("Nothing runs"),
    }
    if wipe {
        home.wipe()?;
        println!("Forgot all data, sign-ins and keys");
    }
    Ok(())
}

fn port_of(stack: &Stack) -> Option<u16> {
    stack.endpoint.rsplit(':').next()?.parse().ok()
}

fn announce(project: &Project, home: &Home, stack: &Stack) -> Result<()> {
    let shown = |path: std::path::PathBuf| {
        path.strip_prefix(&project.root).map(std::path::Path::to_owned).unwrap_or(path).display().to_string()
    };
    println!("\nTuntas is up.");
    println!("  Portal      {}/masuk", stack.api);
    println!("  API         {}", stack.api);
    println!("  AWS         {} (region {}, credentials test/test)", stack.endpoint, stack.region);
    println!("  User pool   {} (client {})", stack.user_pool, stack.officer_client);
    println!("  Engine log  {}", shown(home.log()));
    println!("  Everything  {} (addresses, sign-ins and channel keys for scripts)", shown(home.stack_file()));
    println!("\nOfficers");
    for officer in &stack.officers {
        println!(
            "  {:<20}  {}  {}  {}",
            officer.username,
            officer.password,
            officer.tags.join("+"),
            officer.unit.as_deref().or(officer.channel.as_deref()).unwrap_or("")
        );
    }
    println!("\nChannels");
    for channel in &stack.channels {
        println!("  {:<22}  {}", channel.code, channel.key);
    }
    if let Some(jaki) = stack.channels.iter().find(|channel| channel.code == "jaki") {
        let report = first_report(stack, &jaki.key)?;
        println!("\nA first report (pasted twice, it is still one report)\n{report}");
    }
    println!("\nIts whole life, and who sees what of it: cargo xtask demo");
    Ok(())
}

/// A command that submits a report, to be pasted into a shell.
fn first_report(stack: &Stack, key: &str) -> Result<String> {
    let host = stack.api.trim_start_matches("http://");
    let body = concat!(
        r#"{"category": "jalan-berlubang", "description": "Lubang besar di depan pasar", "#,
        r#""location": {"address": "Jl. Contoh 1"}}"#
    );
    let mut random = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut random).context("no randomness")?;
    let idempotency_key = format!("{:032x}", u128::from_be_bytes(random));
    // Not every resolver knows `*.localhost`; the engine goes by the header.
    Ok([
        format!("  curl {}/v1/reports -H 'Host: {host}' \\", stack.endpoint),
        format!("    -H 'Authorization: Bearer {key}' \\"),
        format!("    -H 'Idempotency-Key: {idempotency_key}' -H 'Content-Type: application/json' \\"),
        format!("    -d '{body}'"),
    ]
    .join("\n"))
}
