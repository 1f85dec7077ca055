//! The red-light board: what is overdue, the oldest first, and what soon will be.

use geodata::region::Code;

use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::clock::{Clock, ClockKind};
use crate::lamp::{self, Lamp};
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;
use crate::world::World;

/// One row of the board.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The incident.
    pub id: IncidentId,
    /// Its lamp: amber, red or deep red.
    pub lamp: Lamp,
    /// Where it lies.
    pub region: Code,
    /// What it is.
    pub category: Option<CategoryCode>,
    /// One line.
    pub title: String,
    /// Whether what it is must not be told here.
    pub veiled: bool,
    /// Who holds it, and since when.
    pub holder: Option<(OrgId, Timestamp)>,
    /// The clock that is worst.
    pub clock: ClockKind,
    /// When that was or will be due.
    pub due: Timestamp,
    /// The number of the newest supervision order.
    pub order: Option<u32>,
    /// The level, 1 (Ⅳ) to 4 (Ⅰ).
    pub severity: Severity,
}

/// The board.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Board {
    /// Overdue, the longest overdue first.
    pub red: Vec<Row>,
    /// Nearly due, the soonest first.
    pub amber: Vec<Row>,
    /// Supervision orders issued to incidents that are still open.
    pub orders: usize,
}

/// The board at `now`.
pub fn board(world: &World, now: Timestamp) -> Board {
    let mut board = Board::default();
    for incident in world
        .incidents()
        .filter(|incident| incident.state.is_open())
    {
        board.orders += incident.breaches.len();
        let lamp = incident.lamp(now);
        if lamp < Lamp::Amber {
            continue;
        }
        if let Some(row) = row(incident, lamp, now) {
            if lamp.is_red() {
                board.red.push(row);
            } else {
                board.amber.push(row);
            }
        }
    }
    board.red.sort_unstable_by_key(|row| (row.due, row.id));
    board.amber.sort_unstable_by_key(|row| (row.due, row.id));
    board
}

fn row(incident: &Incident, lamp: Lamp, now: Timestamp) -> Option<Row> {
    let clock = worst_clock(incident, now)?;
    Some(Row {
        id: incident.id,
        lamp,
        region: incident.region,
        category: incident.category,
        title: incident.title.clone(),
        veiled: incident.is_veiled(),
        holder: incident.holder().map(|hold| (hold.org.clone(), hold.from)),
        clock: clock.kind,
        due: clock.due,
        order: incident.last_order().map(|order| order.number),
        severity: incident.severity_or_lowest(),
    })
}

fn worst_clock(incident: &Incident, now: Timestamp) -> Option<&Clock> {
    incident
        .clocks
        .iter()
        .filter(|clock| clock.runs())
        .max_by_key(|clock| (lamp::of_clock(clock, now), std::cmp::Reverse(clock.due)))
}
