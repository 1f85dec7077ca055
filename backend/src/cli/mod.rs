//! The command line: one file a command. Results go to standard output, everything else to
//! standard error.

mod check;
mod demo;
mod doctor;
mod export;
mod sample;
mod serve;
mod token;
mod user;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::{self, Config};

/// Gridlamp: a real-time command centre for a county.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    /// Configuration file.
    #[arg(long, global = true, default_value = config::FILE)]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a node.
    Serve,
    /// Run the sample county with a simulated day.
    Demo(demo::Args),
    /// Check a county pack; list every fault.
    Check(check::Args),
    /// Write the sample county as a pack.
    Sample(sample::Args),
    /// Bearer tokens for sources and readers.
    #[command(subcommand)]
    Token(token::Args),
    /// People who may sign in.
    #[command(subcommand)]
    User(user::Args),
    /// Print a link that signs a screen in.
    Link(token::LinkArgs),
    /// Write events or incidents of a time to a file.
    Export(export::Args),
    /// Look at configuration, log, clock and disk.
    Doctor(doctor::Args),
    /// Ask a running node whether it is ready; for a container's health check.
    Healthcheck,
}

/// Runs the command line; answers the exit code.
///
/// # Errors
/// A sentence for whoever typed it.
pub async fn run() -> anyhow::Result<i32> {
    let cli = Cli::parse();
    let config = Config::load(&cli.config, std::env::vars())?;
    crate::telemetry::start(config.log_json);
    match cli.command {
        Command::Serve => serve::run(config).await,
        Command::Demo(args) => demo::run(config, args).await,
        Command::Check(args) => Ok(check::run(&args)),
        Command::Sample(args) => sample::run(&args),
        Command::Token(args) => token::run(&config, args).await,
        Command::User(args) => user::run(&config, args).await,
        Command::Link(args) => token::link(&config, args).await,
        Command::Export(args) => export::run(&config, args).await,
        Command::Doctor(args) => doctor::run(&config, args).await,
        Command::Healthcheck => doctor::healthcheck(&config).await,
    }
}
