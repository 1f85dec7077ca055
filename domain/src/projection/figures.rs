//! The day's figures: 上报 受理 办结 在办 超期 按时率, by hour, level, platform and source.

use rustc_hash::FxHashMap;

use crate::incident::{Incident, State, What};
use crate::lamp::Lamp;
use crate::pack::catalogue::CategoryCode;
use crate::time::{Timestamp, UtcOffset};
use crate::world::World;

/// Counts of one day, up to one time of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Day {
    /// Came in.
    pub reported: u32,
    /// Taken on.
    pub accepted: u32,
    /// Confirmed.
    pub closed: u32,
    /// Finished, in time or not.
    pub finished: u32,
    /// Finished in time.
    pub finished_on_time: u32,
}

impl Day {
    /// Finished in time, of all finished; nothing where none were. 0.0 to 1.0.
    pub fn on_time_rate(&self) -> Option<f64> {
        (self.finished > 0).then(|| f64::from(self.finished_on_time) / f64::from(self.finished))
    }
}

/// Open incidents of a kind, by lamp, and how its finished ones did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Open.
    pub open: u32,
    /// Of these, amber.
    pub amber: u32,
    /// Of these, red or deep red.
    pub red: u32,
    /// Finished in the last two days.
    pub finished: u32,
    /// Of these, in time.
    pub finished_on_time: u32,
}

impl Tally {
    fn add(&mut self, incident: &Incident, lamp: Lamp) {
        if incident.state.is_open() {
            self.open += 1;
            self.amber += u32::from(lamp == Lamp::Amber);
            self.red += u32::from(lamp.is_red());
        }
        if let Some(on_time) = incident.on_time() {
            self.finished += 1;
            self.finished_on_time += u32::from(on_time);
        }
    }

    /// Finished in time, of all finished; nothing where none were. 0.0 to 1.0.
    pub fn on_time_rate(&self) -> Option<f64> {
        (self.finished > 0).then(|| f64::from(self.finished_on_time) / f64::from(self.finished))
    }
}

/// The figures of a scope at one time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Figures {
    /// Today so far.
    pub today: Day,
    /// Yesterday up to the same time of day.
    pub yesterday: Day,
    /// Open now, whenever they came in.
    pub open: u32,
    /// Of these, overdue.
    pub overdue: u32,
    /// Of these, nearly due.
    pub amber: u32,
    /// Reports by hour of today, 0 to 23.
    pub hours_today: [u32; 24],
    /// Reports by hour of the whole of yesterday.
    pub hours_yesterday: [u32; 24],
    /// By severity; index 0 is Ⅳ, 3 is Ⅰ.
    pub by_level: [Tally; 4],
    /// By category code, for the caller to group by platform.
    pub by_category: FxHashMap<CategoryCode, Tally>,
    /// Today's reports by source.
    pub by_source: FxHashMap<String, u32>,
}

/// The figures at `now`.
pub fn figures(world: &World, now: Timestamp) -> Figures {
    let mut figures = Figures::default();
    let today = now.date(UtcOffset::CHINA).epoch_days();
    let time_of_day = now.time_of_day(UtcOffset::CHINA);
    for incident in world.incidents() {
        let lamp = incident.lamp(now);
        count_now(&mut figures, incident, lamp);
        for entry in &incident.timeline {
            let day = entry.at.date(UtcOffset::CHINA).epoch_days();
            let late = entry.at.time_of_day(UtcOffset::CHINA) > time_of_day;
            if day == today {
                count_entry(&mut figures.today, incident, entry.what);
            } else if day == today - 1 && !late {
                count_entry(&mut figures.yesterday, incident, entry.what);
            }
        }
        count_hour(&mut figures, incident, today);
    }
    figures
}

fn count_now(figures: &mut Figures, incident: &Incident, lamp: Lamp) {
    if incident.state.is_open() {
        figures.open += 1;
        figures.overdue += u32::from(lamp.is_red());
        figures.amber += u32::from(lamp == Lamp::Amber);
    }
    let level = usize::from(incident.severity_or_lowest().number()) - 1;
    figures.by_level[level].add(incident, lamp);
    if let Some(category) = incident.category {
        figures
            .by_category
            .entry(category)
            .or_default()
            .add(incident, lamp);
    }
}

fn count_entry(day: &mut Day, incident: &Incident, what: What) {
    match what {
        What::Reported => day.reported += 1,
        What::Accepted => day.accepted += 1,
        What::Closed => day.closed += 1,
        What::FedBack => {
            day.finished += 1;
            let on_time = incident
                .on_time()
                .unwrap_or(incident.state != State::InProgress);
            day.finished_on_time += u32::from(on_time);
        }
        _ => {}
    }
}

fn count_hour(figures: &mut Figures, incident: &Incident, today: i32) {
    let at = incident.received_at;
    let hour = (at.time_of_day(UtcOffset::CHINA).as_secs() / 3600).clamp(0, 23) as usize;
    let day = at.date(UtcOffset::CHINA).epoch_days();
    if day == today {
        figures.hours_today[hour] += 1;
        *figures
            .by_source
            .entry(incident.source.clone())
            .or_default() += 1;
    } else if day == today - 1 {
        figures.hours_yesterday[hour] += 1;
    }
}
