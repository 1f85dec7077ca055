//! A running node: opens the log, folds it, serves until told to stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::actor::{Actor, Role};
use domain::time::Span;
use domain::world::World;
use geodata::locate::Locator;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::Config;
use crate::county::Pack;
use crate::http::{self, Door, Server};
use crate::log::{EventLog, Log, OpenMode, Position};
use crate::projector::{self, Parts};
use crate::snapshot::Checkpoints;
use crate::ws::fanout::{self, Fanout};
use crate::ws::{code, serve};
use crate::{intake, projector::record};

/// Records folded at once at a start.
const FOLD_BATCH: usize = 10_000;
/// How long live connections get to hear that the server restarts.
const GOODBYE: Duration = Duration::from_secs(2);
/// How long a demo's doors stay open.
const DOOR_HOLDS: Span = Span::days(30);

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
    let metrics = metrics()?;
    let fanout = Fanout::start(fanout::Config::default()).context("the sending thread")?;
    let checkpoints = Checkpoints::new(&node.config.data, node.log.epoch().as_str());
    let (world, position) = fold(&node.log, &checkpoints).await?;
    let county = Arc::new(node.pack.county);
    let (handle, projector) = projector::start(
        Parts {
            county: county.clone(),
            log: node.log.clone(),
            clock: node.clock.clone(),
            fanout: fanout.clone(),
            checkpoints,
            world,
            position,
            version: http::version(),
        },
        shutdown.clone(),
    );
    let doors = if node.doors {
        doors(&node.log, &node.clock, &county)
    } else {
        Vec::new()
    };
    let server = Server(Arc::new(http::Shared {
        locator: Arc::new(Locator::new(&node.pack.boundary)),
        boundary: Arc::new(node.pack.boundary),
        county,
        projector: handle.clone(),
        log: node.log.clone(),
        name: format!("{}:{}", host(), node.config.listen.port()),
        clock: node.clock,
        fanout: fanout.clone(),
        metrics,
        doors,
        layers: node.pack.layers,
        maps: http::MapCache::default(),
        answered: http::Answered::default(),
    }));
    let consumer = tokio::spawn(intake::stream::run(server.clone(), shutdown.clone()));
    let stop = until_stopped(shutdown.clone(), handle);
    serve::serve(
        listener,
        http::router(server),
        serve::HttpLimits::default(),
        stop,
    )
    .await;
    projector.await.context("the projector")?;
    let asked = *shutdown.borrow();
    if asked {
        consumer.await.context("the intake from Redis")?;
    } else {
        consumer.abort();
    }
    let _told = tokio::time::timeout(GOODBYE, fanout.stop(code::RESTARTING, GOODBYE)).await;
    anyhow::ensure!(
        asked,
        "the log can no longer be followed, see above; start this node anew"
    );
    Ok(())
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
    let (mut world, mut position) = checkpoints
        .read()
        .unwrap_or_else(|| (World::default(), Position::START));
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

fn metrics() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .install_recorder()
        .context("the metrics recorder")?;
    Ok(HANDLE.get_or_init(|| handle).clone())
}

/// The doors of a demo: each screen with a link that signs in at once.
pub fn doors(log: &EventLog, clock: &Clock, county: &domain::pack::County) -> Vec<Door> {
    let actor = |id: &str, role, scope| Actor::new(id, role, scope);
    let mut doors = vec![(
        format!("{}大屏", county.name),
        actor("demo-wall", Role::Wall, county.code),
    )];
    let township = county
        .tree
        .children(county.code)
        .find(|r| r.code.to_string().ends_with("101"));
    if let Some(township) = township {
        let wall = actor("demo-township-wall", Role::Wall, township.code);
        doors.push((format!("{}大屏", township.name), wall));
    }
    doors
        .into_iter()
        .map(|(title, actor)| Door {
            title,
            screen: "/wall".to_owned(),
            url: http::link(log, &actor, DOOR_HOLDS, clock),
        })
        .collect()
}
