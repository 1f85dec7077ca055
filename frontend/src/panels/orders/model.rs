//! The supervision orders (督查单) that are not yet cleared.

use domain::incident::Incident;
use domain::pack::catalogue::CategoryCode;
use domain::world::World;
use geodata::region::Code;

/// One order.
#[derive(Clone, PartialEq, Debug)]
pub struct OrderRow {
    /// Its running number in its year.
    pub number: u32,
    /// 1 red, 2 deep red.
    pub tier: u8,
    /// The incident.
    pub id: String,
    /// Where that lies.
    pub region: Code,
    /// What it is.
    pub category: Option<CategoryCode>,
    /// Its one line.
    pub title: String,
    /// Whether what it is must not be told here.
    pub veiled: bool,
    /// The unit asked.
    pub to: String,
    /// When it was issued, ms since 1970.
    pub fired_at: i64,
}

/// The orders of incidents that are still open, the newest first.
pub fn open_orders(world: &World) -> Vec<OrderRow> {
    let mut rows: Vec<OrderRow> = world
        .incidents()
        .filter(|i| i.state.is_open())
        .flat_map(rows_of)
        .collect();
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.fired_at, row.number)));
    rows
}

fn rows_of(incident: &Incident) -> impl Iterator<Item = OrderRow> {
    incident.breaches.iter().map(|breach| OrderRow {
        number: breach.number,
        tier: breach.tier,
        id: incident.id.to_string(),
        region: incident.region,
        category: incident.category,
        title: incident.title.clone(),
        veiled: incident.is_veiled(),
        to: breach.order.to.to_string(),
        fired_at: breach.fired_at.millis(),
    })
}
