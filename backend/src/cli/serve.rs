//! `gridlamp serve`.

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::Config;
use crate::county::{self, Fault, Pack};
use crate::log::OpenMode;
use crate::node::{self, Node};

pub(super) async fn run(config: Config) -> anyhow::Result<i32> {
    let pack = pack(&config)?;
    let listener = listen(&config).await?;
    let log = node::open_log(&config, &pack.county.code.to_string(), OpenMode::Serve).await?;
    tracing::info!(url = %config.url(), county = %pack.county.name, "gridlamp serves");
    let node = Node {
        config,
        pack,
        log,
        clock: Clock::life(),
        doors: false,
    };
    node::run(node, listener, until_stopped()).await?;
    Ok(0)
}

/// The county pack of a configuration.
pub(super) fn pack(config: &Config) -> anyhow::Result<Pack> {
    let (pack, faults) = county::read(&config.county);
    for fault in faults.iter().filter(|fault| !fault.fatal) {
        tracing::warn!(place = %fault.place, message = %fault.message, "county pack");
    }
    let fatal: Vec<&Fault> = faults.iter().filter(|fault| fault.fatal).collect();
    pack.with_context(|| {
        let first = fatal
            .first()
            .map(|f| format!("{}: {}; {}", f.place, f.message, f.remedy));
        format!(
            "the county pack {} has {} faults, the first: {}; `gridlamp check` lists them all",
            config.county.display(),
            fatal.len(),
            first.unwrap_or_default()
        )
    })
}

/// Takes the port.
pub(super) async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(config.listen).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{} is taken by another program; stop that one, or set GRIDLAMP_LISTEN to a free address",
            config.listen
        ),
        std::io::ErrorKind::PermissionDenied => anyhow::anyhow!(
            "{} may not be listened on by this user; choose a port above 1023",
            config.listen
        ),
        _ => anyhow::anyhow!("cannot listen on {}: {error}", config.listen),
    })
}

/// Turns true at the first SIGINT or SIGTERM.
pub(super) fn until_stopped() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        sender.send_replace(true);
        // Kept until the process ends: a receiver whose sender is gone would spin.
        std::future::pending::<()>().await;
    });
    receiver
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
