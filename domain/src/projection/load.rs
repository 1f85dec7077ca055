//! How loaded each region is: open incidents, weighted by level, and the worst lamp in it.

use geodata::region::{Code, Level};
use rustc_hash::FxHashMap;

use crate::lamp::Lamp;
use crate::time::Timestamp;
use crate::world::World;

/// The load of one region.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Load {
    /// Open incidents.
    pub open: u32,
    /// Of these, amber.
    pub amber: u32,
    /// Of these, red or deep red.
    pub red: u32,
    /// Open incidents weighted by severity.
    pub weight: u32,
    /// The worst lamp.
    pub worst: Lamp,
}

/// The load at `now` of every region of `level` that has any.
pub fn load(world: &World, level: Level, now: Timestamp) -> FxHashMap<Code, Load> {
    let mut loads: FxHashMap<Code, Load> = FxHashMap::default();
    for incident in world
        .incidents()
        .filter(|incident| incident.state.is_open())
    {
        let Some(region) = incident.region.at(level) else {
            continue;
        };
        let lamp = incident.lamp(now);
        let load = loads.entry(region).or_default();
        load.open += 1;
        load.amber += u32::from(lamp == Lamp::Amber);
        load.red += u32::from(lamp.is_red());
        load.weight += u32::from(incident.severity_or_lowest().number());
        load.worst = load.worst.max(lamp);
    }
    loads
}
