//! A running node: opens the log, folds it, serves until told to stop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::pack::County;
use domain::time::Span;
use domain::world::World;
use geodata::locate::Locator;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::account::provider::Providers;
use crate::account::{self, Accounts, Live, Rules, first};
use crate::attachment::Attachments;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::county::Pack;
use crate::history::History;
use crate::http::{self, Door, Server};
use crate::log::{EventLog, Log, LogError, OpenMode, Position};
use crate::notice::{self, Notices};
use crate::position::{Board, Turned};
use crate::projector::{self, Parts};
use crate::replay::{Keyframes, Replay};
use crate::snapshot::Checkpoints;
use crate::track::Tracks;
use crate::ws::fanout::{self, Fanout};
use crate::ws::{code, serve};
use crate::{intake, jt808, position, projector::record};

/// Records folded at once at a start.
const FOLD_BATCH: usize = 10_000;
/// How long live connections get to hear that the server restarts.
const GOODBYE: Duration = Duration::from_secs(2);

/// What a node is started with.
pub struct Node {
    /// Its configuration.
    pub config: Config,
    /// Its county.
    pub pack: Pack,
    /// Its log.
    pub log: Arc<EventLog>,
    /// Its time.
    pub clock: Clock,
    /// Whether its start page shows doors that sign in at once: a demo's does.
    pub doors: bool,
}

/// Opens the log a configuration names.
///
/// # Errors
/// The log's own sentence.
pub async fn open_log(
    config: &Config,
    county: &str,
    mode: OpenMode,
) -> anyhow::Result<Arc<EventLog>> {
    let log = EventLog::open(&config.log, county, mode).await?;
    Ok(Arc::new(log))
}

/// Runs a node on `listener` until `shutdown` turns true.
///
/// # Errors
/// The log can't be folded, or the metrics recorder can't be set up.
pub async fn run(
    node: Node,
    listener: TcpListener,
    shutdown: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let config = node.config.clone();
    let mut core = Core::start(&node, &shutdown).await?;
    let (history, keeping) =
        History::start(&config.data, node.log.clone(), shutdown.clone()).await?;
    let days = config.replay.track_days;
    let (tracks, recording) =
        Tracks::start(&config.data, days, node.clock.clone(), shutdown.clone())?;
    let (replay, indexing) = Replay::start(
        &config.data,
        node.log.clone(),
        keyframes(&node),
        shutdown.clone(),
    )?;
    let (server, tasks) = Box::pin(shared(
        node,
        &mut core,
        (history, tracks, replay),
        &shutdown,
    ))
    .await?;
    let http_limits = serve::HttpLimits {
        connections_per_address: config.limits.connections_per_address,
        many: config.trusted_proxies.clone(),
        ..serve::HttpLimits::default()
    };
    let tending = tokio::spawn(http::tend(server.clone()));
    let positions = tokio::spawn(position::run(server.clone()));
    let terminals = terminals(&config, &server, &shutdown).await?;
    let sharing = tokio::spawn(intake::positions::run(server.clone(), shutdown.clone()));
    let consumer = tokio::spawn(intake::stream::run(server.clone(), shutdown.clone()));
    let stop = until_stopped(shutdown.clone(), core.handle);
    serve::serve(listener, http::router(server), http_limits, stop).await;
    tending.abort();
    positions.abort();
    sharing.abort();
    drop(terminals);
    keeping.abort();
    indexing.abort();
    drop(tasks.following);
    let asked = *shutdown.borrow();
    stop_notifying(tasks.notifying, asked).await;
    core.projector.await.context("the projector")?;
    if asked {
        consumer.await.context("the intake from Redis")?;
    } else {
        consumer.abort();
    }
    // What was done is written down before the node is gone.
    if asked && tokio::time::timeout(GOODBYE, recording).await.is_err() {
        tracing::error!("some positions could not be recorded");
    }
    if tokio::time::timeout(GOODBYE, tasks.auditing).await.is_err() {
        tracing::error!("some audit records could not be stored");
    }
    let goodbye = core.fanout.stop(code::RESTARTING, GOODBYE);
    let _told = tokio::time::timeout(GOODBYE, goodbye).await;
    anyhow::ensure!(
        asked,
        "the log can no longer be followed, see above; start this node anew"
    );
    Ok(())
}

/// The listener for vehicle terminals, where there is one; it ends when it is dropped.
async fn terminals(
    config: &Config,
    server: &Server,
    shutdown: &watch::Receiver<bool>,
) -> anyhow::Result<JoinSet<()>> {
    let mut set = JoinSet::new();
    if let Some(listen) = config.jt808_listen {
        let listener = TcpListener::bind(listen).await;
        let listener = listener.with_context(|| format!("jt808_listen = {listen}"))?;
        tracing::info!(%listen, "vehicle terminals may connect (JT/T 808)");
        let allow = config.jt808_allow.clone();
        set.spawn(jt808::run(
            server.clone(),
            allow,
            listener,
            shutdown.clone(),
        ));
    }
    Ok(set)
}

/// The projector with what it sends through.
struct Core {
    county: Arc<County>,
    fanout: Fanout,
    live: Live,
    turned: Turned,
    handle: projector::Handle,
    projector: oneshot::Receiver<()>,
    /// Where the log stood when it had been folded.
    begin: Position,
}

impl Core {
    /// Folds the log and follows it.
    async fn start(node: &Node, shutdown: &watch::Receiver<bool>) -> anyhow::Result<Self> {
        let live = Live::default();
        let closed = live.clone();
        let turned = Turned::default();
        let told = turned.clone();
        let fanout = Fanout::start(fanout::Config {
            on_close: Some(Arc::new(move |conn, _| closed.closed(conn))),
            on_view: Some(Arc::new(move |conn, audience, area| {
                told.to(conn, audience, area);
            })),
            ..fanout::Config::default()
        })
        .context("the sending thread")?;
        let checkpoints = Checkpoints::new(&node.config.data, node.log.epoch().as_str());
        let checkpoints = checkpoints.with_keyframes(keyframes(node));
        let (world, position) = fold(&node.log, &checkpoints).await?;
        let county = Arc::new(node.pack.county.clone());
        let parts = Parts {
            county: county.clone(),
            log: node.log.clone(),
            clock: node.clock.clone(),
            fanout: fanout.clone(),
            checkpoints,
            world,
            position,
            version: http::version(),
        };
        let (handle, projector) =
            projector::start(parts, shutdown.clone()).context("the projector's thread")?;
        Ok(Self {
            county,
            fanout,
            live,
            turned,
            handle,
            projector,
            begin: position,
        })
    }
}

/// Where checkpoints for looking back are kept.
fn keyframes(node: &Node) -> Keyframes {
    let days = node.config.replay.checkpoint_days;
    let epoch = node.log.epoch().as_str();
    Keyframes::new(&node.config.data, epoch, days, node.clock.clone())
}

/// What keeps accounts, the audit trail and notices going.
struct Tasks {
    following: account::Following,
    auditing: JoinHandle<()>,
    notifying: JoinHandle<()>,
}

/// Lets whoever sends notices say that it stops, so that another node goes on at once.
async fn stop_notifying(mut notifying: JoinHandle<()>, asked: bool) {
    let patience = if asked { GOODBYE } else { Duration::ZERO };
    if tokio::time::timeout(patience, &mut notifying)
        .await
        .is_err()
    {
        notifying.abort();
    }
}

/// What the handlers share, on top of the core.
async fn shared(
    node: Node,
    core: &mut Core,
    (history, tracks, replay): (History, Tracks, Replay),
    shutdown: &watch::Receiver<bool>,
) -> anyhow::Result<(Server, Tasks)> {
    let (config, log, county) = (&node.config, &node.log, &core.county);
    let rules = rules(config, county, &node.clock, node.doors);
    let doors = if node.doors {
        doors(log, &rules).await?
    } else {
        first_administrator(log, &rules, config).await?;
        Vec::new()
    };
    let (accounts, following) = Accounts::start(account::Parts {
        log: log.clone(),
        rules,
        settings: config.sign_in.clone(),
        is_secure: config.is_secure(),
        fanout: core.fanout.clone(),
        live: std::mem::take(&mut core.live),
    })
    .await?;
    let (audit, auditing) = Audit::start(log.clone(), &county.code.to_string(), &config.data);
    let outbox = outbox(&node, core, &accounts);
    let (notices, notifying) = Notices::start(outbox, shutdown.clone()).await?;
    let server = Server(Arc::new(http::Shared {
        locator: Arc::new(Locator::new(&node.pack.boundary)),
        positions: Board::new(
            &node.pack.boundary,
            county.code,
            tracks.clone(),
            core.turned.clone(),
        ),
        tracks,
        replay,
        relay: intake::positions::Relay::new(log.as_redis().is_some()),
        attachments: Attachments::open(&config.attachments())?,
        gate: http::Gate::new(config),
        open_reports: config.open_reports,
        secure: config.is_secure(),
        url: config.url(),
        providers: Providers::new(&config.oidc, &config.url())?,
        name: format!("{}:{}", host(), config.listen.port()),
        boundary: Arc::new(node.pack.boundary),
        county: county.clone(),
        projector: core.handle.clone(),
        history,
        log: log.clone(),
        clock: node.clock,
        fanout: core.fanout.clone(),
        metrics: metrics()?,
        doors,
        layers: node.pack.layers,
        maps: http::MapCache::default(),
        answered: http::Answered::default(),
        accounts,
        audit,
        notices,
        strangers: http::Strangers::default(),
    }));
    let tasks = Tasks {
        following,
        auditing,
        notifying,
    };
    Ok((server, tasks))
}

fn outbox(node: &Node, core: &Core, accounts: &Accounts) -> notice::Parts {
    notice::Parts {
        log: node.log.clone(),
        county: core.county.clone(),
        clock: node.clock.clone(),
        accounts: accounts.clone(),
        projector: core.handle.clone(),
        fanout: core.fanout.clone(),
        settings: node.config.notices.clone(),
        url: node.config.url(),
        begin: core.begin,
    }
}

/// Until whoever runs this node asks it to stop, or the projector has ended: without it nothing
/// true can be shown.
async fn until_stopped(mut shutdown: watch::Receiver<bool>, projector: projector::Handle) {
    tokio::select! {
        // An error means that whoever could stop us is gone: stop as well.
        _ = shutdown.wait_for(|stop| *stop) => {}
        () = projector.ended() => {}
    }
}

fn host() -> String {
    std::fs::read_to_string("/etc/hostname")
        .map_or_else(|_| "node".to_owned(), |name| name.trim().to_owned())
}

/// Folds the log, from the newest checkpoint if there is a sound one.
///
/// # Errors
/// The log can't be read.
pub async fn fold(log: &EventLog, checkpoints: &Checkpoints) -> anyhow::Result<(World, Position)> {
    let began = Instant::now();
    let kept = match checkpoints.read() {
        Some(kept) if holds(log, kept.1).await? => Some(kept),
        _ => None,
    };
    let (mut world, mut position) = kept.unwrap_or_default();
    let from = position;
    let mut folded = 0_u64;
    loop {
        let batch = log.read(position, FOLD_BATCH).await?;
        if batch.records.is_empty() {
            break;
        }
        for record in &batch.records {
            match record::event_of(record) {
                Ok(event) => {
                    world.apply(&event);
                }
                Err(error) => tracing::error!(%error, "unreadable record passed over"),
            }
        }
        folded += batch.records.len() as u64;
        position = batch.to;
    }
    tracing::info!(%from, to = %position, folded, incidents = world.len(), ms = began.elapsed().as_millis() as u64, "the log is folded");
    Ok((world, position))
}

/// Whether the log still holds the place of a checkpoint. It does not after a backup was put in its
/// place, or a replica that lacked the last events took over.
pub(crate) async fn holds(log: &EventLog, position: Position) -> Result<bool, LogError> {
    let read = match log.head().await? {
        head if head < position => Err(LogError::Diverged {
            why: format!("it ends at {head}"),
        }),
        _ => log.read(position, 1).await,
    };
    match read {
        Ok(_) => Ok(true),
        Err(error @ LogError::Diverged { .. }) => {
            tracing::warn!(%position, %error, "the checkpoint is of another log and is passed over");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// The process has one recorder, however many nodes run in it and however close together they start.
fn metrics() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut installed = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*installed {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .install_recorder()
        .context("the metrics recorder")?;
    Ok(installed.insert(handle).clone())
}

/// What accounts go by. A demo's day runs fast; whoever looks at it stays signed in by life's.
pub fn rules(config: &Config, county: &Arc<County>, clock: &Clock, is_demo: bool) -> Rules {
    Rules {
        county: county.clone(),
        limits: config.sign_in.limits(),
        clock: if is_demo {
            Clock::life()
        } else {
            clock.clone()
        },
    }
}

/// The doors of a demo: each screen with a link that signs in at once.
///
/// # Errors
/// The log failed.
pub async fn doors(log: &EventLog, rules: &Rules) -> anyhow::Result<Vec<Door>> {
    let doors = first::demo(log, rules).await?;
    Ok(doors
        .into_iter()
        .map(|door| Door {
            title: door.title,
            screen: door.screen.to_owned(),
            url: door.path,
        })
        .collect())
}

/// Sees to it that somebody can take people in, and prints the way in for them. The secret goes to
/// the console alone, never to the structured log.
async fn first_administrator(log: &EventLog, rules: &Rules, config: &Config) -> anyhow::Result<()> {
    let hours = i64::from(config.sign_in.link_hours);
    let first = first::administrator(log, rules, Span::hours(hours)).await?;
    let Some((id, secret)) = first else {
        return Ok(());
    };
    let url = config.url();
    tracing::info!(%id, "no administrator has a password yet; a one-time link is on the console");
    println!(
        "\n  管理员 {id} 尚未设置密码，请在 {hours} 小时内打开此链接（仅可使用一次）：\n  \
         The administrator {id:?} has no password yet; open this link within {hours} hours (it works once):\n\n    \
         {url}/welcome#{secret}\n"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::testing::{Folder, Place, append, put};

    /// A checkpoint from events that the log has lost must not stand in the way for ever.
    async fn a_checkpoint_of_lost_events(place: Place) {
        let log = place.open().await;
        put(&log, append("a", 0, &["{}"])).await;
        let true_end = log.head().await.expect("a head");
        let lost = Position::from_entry(true_end.millis().saturating_sub(1), true_end.seq());
        let ahead = Position::from_entry(true_end.millis(), true_end.seq() + 1);
        let folder = Folder::new();
        let checkpoints = Checkpoints::new(folder.path(), log.epoch().as_str());
        for position in [lost, ahead] {
            checkpoints.write(&World::default(), position);
            let (_, end) = fold(&log, &checkpoints).await.expect("it is folded anew");
            assert_eq!(end, true_end, "from {position}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_file_put_back_is_folded_anew() {
        a_checkpoint_of_lost_events(Place::embedded()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_redis_that_lost_events_is_folded_anew() {
        a_checkpoint_of_lost_events(Place::redis()).await;
    }

    #[test]
    fn nodes_that_start_together_share_the_recorder() {
        std::thread::scope(|scope| {
            let nodes: Vec<_> = (0..8).map(|_| scope.spawn(metrics)).collect();
            for node in nodes {
                let handle = node.join().expect("no panic");
                assert!(handle.is_ok(), "{:?}", handle.err());
            }
        });
    }
}
