//! Positions for screens: to each audience those of the units it may see, as frames of which only
//! the newest of a unit matters.

use bytes::Bytes;
use domain::access::{Reach, Viewer};
use domain::actor::Clearance;
use domain::deployment::{self, position::Fix};
use domain::pack::County;
use domain::world::World;
use serde_json::{Value, json};

use super::{Hub, text};
use crate::ws::fanout::AudienceId;

/// A frame for an audience, and the same in parts by unit.
pub type Latest = (AudienceId, Bytes, Vec<(u32, Bytes)>);

/// A unit's position with whom it concerns.
struct Shown {
    key: u32,
    row: Value,
    frame: Bytes,
    own: Reach,
    session: Option<Reach>,
}

impl Shown {
    /// Whether a viewer sees it: by whose it is or by the session it is in. On its way to a person
    /// in trouble it is seen by those alone who handle that.
    fn is_for(&self, viewer: &Viewer) -> bool {
        let session = self.session.as_ref();
        let sight = session.and_then(|reach| viewer.sight(reach));
        if session.is_some_and(|reach| reach.sensitive) {
            return sight == Some(Clearance::Full);
        }
        sight.is_some() || viewer.sight(&self.own).is_some()
    }
}

impl Hub {
    /// The frames that tell each audience where these units are.
    pub fn positions(&self, fixes: &[Fix], world: &World, county: &County) -> Vec<Latest> {
        let shown: Vec<Shown> = fixes
            .iter()
            .filter_map(|fix| shown(fix, world, county))
            .collect();
        let audiences = self.audiences.iter().enumerate();
        audiences
            .filter_map(|(at, listeners)| {
                let mine = shown.iter().filter(|one| one.is_for(&listeners.viewer));
                let mine: Vec<&Shown> = mine.collect();
                if mine.is_empty() {
                    return None;
                }
                let rows: Vec<&Value> = mine.iter().map(|one| &one.row).collect();
                let whole = text("positions", &json!({ "p": rows }));
                let parts = mine.iter().map(|one| (one.key, one.frame.clone()));
                Some((AudienceId(at as u32), whole, parts.collect()))
            })
            .collect()
    }
}

fn shown(fix: &Fix, world: &World, county: &County) -> Option<Shown> {
    let key = county.units.place_of(&fix.unit)?;
    let unit = county.units.get(&fix.unit)?;
    let org = county.orgs.get(&unit.org)?;
    let stands = deployment::standing(world, &fix.unit);
    let session = stands.session.and_then(|id| world.session(id));
    let row = json!([fix.unit, fix.lon, fix.lat, fix.heading, fix.at]);
    Some(Shown {
        key: key as u32,
        frame: text("positions", &json!({ "p": [row] })),
        row,
        own: Reach::of_org(org.region, org.id.clone()),
        session: session.map(domain::session::Session::reach),
    })
}
