//! Positions for screens: to each audience those of the units it may see, as rows of which only
//! the newest of a unit matters.

use bytes::Bytes;
use domain::access::{Reach, Viewer};
use domain::actor::Clearance;
use domain::deployment::{self, position::Fix};
use domain::pack::County;
use domain::world::World;
use serde_json::json;

use super::Hub;
use crate::ws::fanout::{AudienceId, Latest, Row};

/// A unit's position with whom it concerns.
struct Shown {
    row: Row,
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
    /// What tells each audience where these units are.
    pub fn positions(
        &self,
        fixes: &[Fix],
        world: &World,
        county: &County,
    ) -> Vec<(AudienceId, Latest)> {
        let shown: Vec<Shown> = fixes
            .iter()
            .filter_map(|fix| shown(fix, world, county))
            .collect();
        let audiences = self.audiences.iter().enumerate();
        audiences
            .map(|(at, listeners)| (AudienceId(at as u32), latest(&shown, &listeners.viewer)))
            .filter(|(_, latest)| !latest.rows.is_empty())
            .collect()
    }

    /// What tells one audience where these units are.
    pub fn positions_for(
        &self,
        audience: AudienceId,
        fixes: &[Fix],
        world: &World,
        county: &County,
    ) -> Option<Latest> {
        let listeners = self.audiences.get(audience.0 as usize)?;
        let shown: Vec<Shown> = fixes
            .iter()
            .filter_map(|fix| shown(fix, world, county))
            .collect();
        Some(latest(&shown, &listeners.viewer))
    }
}

fn latest(shown: &[Shown], viewer: &Viewer) -> Latest {
    let mine = shown.iter().filter(|one| one.is_for(viewer));
    Latest {
        head: r#"{"t":"positions","p":["#,
        tail: "]}",
        rows: mine.map(|one| one.row.clone()).collect(),
    }
}

fn shown(fix: &Fix, world: &World, county: &County) -> Option<Shown> {
    let key = county.units.place_of(&fix.unit)?;
    let unit = county.units.get(&fix.unit)?;
    let org = county.orgs.get(&unit.org)?;
    let stands = deployment::standing(world, &fix.unit);
    let session = stands.session.and_then(|id| world.session(id));
    let text = json!([fix.unit, fix.lon, fix.lat, fix.heading, fix.at]).to_string();
    Some(Shown {
        row: Row {
            key: key as u32,
            lon: fix.lon,
            lat: fix.lat,
            text: Bytes::from(text),
        },
        own: Reach::of_org(org.region, org.id.clone()),
        session: session.map(domain::session::Session::reach),
    })
}
