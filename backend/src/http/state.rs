//! What every handler shares.

use std::sync::Arc;

use domain::pack::County;
use geodata::boundary::Boundary;
use geodata::locate::Locator;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;

use super::audit::{Strangers, sum_up};
use super::incidents::Answered;
use super::limits::Gate;
use super::map::MapCache;
use crate::account::Accounts;
use crate::account::provider::Providers;
use crate::attachment::Attachments;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::history::History;
use crate::intake::positions::Relay;
use crate::log::EventLog;
use crate::notice::Notices;
use crate::position::Board;
use crate::projector::Handle;
use crate::replay::Replay;
use crate::track::Tracks;
use crate::ws::fanout::Fanout;

/// A door of the demo: a screen and the link that opens it, already signed in.
#[derive(Clone, Debug, Serialize)]
pub struct Door {
    /// What it opens, in Chinese.
    pub title: String,
    /// The screen's path.
    pub screen: String,
    /// The link.
    pub url: String,
}

/// What every handler shares; cheap to clone.
#[derive(Clone)]
pub struct Server(pub Arc<Shared>);

/// See [`Server`].
pub struct Shared {
    /// The county's rules.
    pub county: Arc<County>,
    /// Its boundaries.
    pub boundary: Arc<Boundary>,
    /// Position to region.
    pub locator: Arc<Locator>,
    /// The projector.
    pub projector: Handle,
    /// What has left the World.
    pub history: History,
    /// The log, for tokens, refusals and health.
    pub log: Arc<EventLog>,
    /// This node, by host and port: the same after a restart.
    pub name: String,
    /// The time.
    pub clock: Clock,
    /// The sending half, for its figures.
    pub fanout: Fanout,
    /// Prometheus.
    pub metrics: PrometheusHandle,
    /// The demo's doors; empty elsewhere.
    pub doors: Vec<Door>,
    /// Map layers by name, as they lie in the pack.
    pub layers: Vec<crate::county::Layer>,
    /// Simplified maps, made once.
    pub maps: MapCache,
    /// Commands answered lately, by idempotency key.
    pub answered: Answered,
    /// Photos and voice.
    pub attachments: Attachments,
    /// Whether people report without an account.
    pub open_reports: bool,
    /// How much anybody may ask.
    pub gate: Gate,
    /// Whether people reach this server by https.
    pub secure: bool,
    /// Where people reach this server; links are made with it.
    pub url: String,
    /// Where units are.
    pub positions: Board,
    /// Where they were.
    pub tracks: Tracks,
    /// The county as it was.
    pub replay: Replay,
    /// What other nodes are to hear of that.
    pub relay: Relay,
    /// Who may enter.
    pub accounts: Accounts,
    /// Who did what.
    pub audit: Audit,
    /// What people are told.
    pub notices: Notices,
    /// Strangers recorded lately.
    pub strangers: Strangers,
    /// Outside identity providers.
    pub providers: Providers,
}

impl std::ops::Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// What the surface needs done from time to time, for as long as the node runs.
pub async fn tend(server: Server) {
    tokio::join!(server.gate.forget(), sum_up(&server));
}
