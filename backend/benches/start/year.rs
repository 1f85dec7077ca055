//! A county's log as a year of work leaves it: the demo's reports day after day, decided by the domain
//! itself, handled on time or late, with the breaches that fell due. Nothing in it is made up but who
//! reports what, and how long the handlers take.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::actor::{Actor, Role};
use domain::event::Event;
use domain::ids::IncidentId;
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::event::{Place, Reporter};
use domain::incident::{Incident, plan};
use domain::pack::County;
use domain::time::{Date, Span, Timestamp, UtcOffset};
use domain::world::World;
use geodata::region::Code;
use gridlamp::county::Pack;
use gridlamp::simulate::{DayPlan, PER_DAY, PlannedReport};

const SEED: u64 = 7;
/// Events that the reports of a day come to, all their handling included; only decides on which day the
/// log begins, so that it ends about today.
const EVENTS_A_DAY: usize = 4_250;

/// The work of a county, an event at a time.
pub struct Year<'a> {
    pack: &'a Pack,
    points: Vec<(Code, f64, f64)>,
    pub world: World,
    /// Who does something next: when, to which incident, how far it is.
    steps: BinaryHeap<Reverse<(Timestamp, IncidentId, usize)>>,
    day: Date,
    /// Reports a day.
    pub per_day: u32,
    /// Handlers that were refused; a year of them would be no year's work.
    pub refused: usize,
}

impl<'a> Year<'a> {
    /// A year that has come to `events` events by `today`.
    pub fn new(pack: &'a Pack, today: Date, events: usize) -> Self {
        let grids = pack.county.tree.iter().map(|region| region.code);
        let points = grids.filter(|code| code.len() == 15).filter_map(|code| {
            let point = pack.boundary.label_point(code)?;
            Some((code, point.lon, point.lat))
        });
        Self {
            pack,
            points: points.collect(),
            world: World::default(),
            steps: BinaryHeap::new(),
            day: today.plus_days(-((events / EVENTS_A_DAY) as i32)),
            per_day: PER_DAY,
            refused: 0,
        }
    }

    /// The decisions of the next day, in order; the events of each belong in one append.
    pub fn next_day(&mut self) -> Vec<Vec<Event>> {
        let mut made = Vec::new();
        let tree = &self.pack.county.tree;
        let reports = DayPlan::new(SEED, self.day, tree, &self.points, self.per_day);
        for planned in reports {
            let now = Timestamp::from_millis(planned.at_ms);
            self.work_until(now, &mut made);
            self.report(planned, now, &mut made);
        }
        self.day = self.day.plus_days(1);
        made
    }

    fn report(&mut self, planned: PlannedReport, now: Timestamp, made: &mut Vec<Vec<Event>>) {
        let county = &self.pack.county;
        let source = Actor::new(planned.source.id(), Role::Source, county.code);
        let events = plan::report(report(planned, county), &source, Context::new(county, now));
        if let Some(first) = events.first() {
            let pause = pause(first.key, 0);
            self.steps.push(Reverse((now + pause, first.key, 0)));
        }
        self.fold(events, made);
    }

    /// All that handlers do and all that falls due until then.
    fn work_until(&mut self, until: Timestamp, made: &mut Vec<Vec<Event>>) {
        while let Some(Reverse((now, id, step))) = self.steps.peek().copied()
            && now <= until
        {
            self.steps.pop();
            self.breach(now, made);
            self.step(now, id, step, made);
        }
        self.breach(until, made);
    }

    fn breach(&mut self, now: Timestamp, made: &mut Vec<Vec<Event>>) {
        let county = &self.pack.county;
        let due = self.world.due(now);
        let breaches: Vec<_> = due
            .map(|incident| plan::due(incident, Context::new(county, now)))
            .filter(|events| !events.is_empty())
            .collect();
        for events in breaches {
            self.fold(events, made);
        }
    }

    fn step(&mut self, now: Timestamp, id: IncidentId, step: usize, made: &mut Vec<Vec<Event>>) {
        let county = &self.pack.county;
        let Some(incident) = self.world.incident(id) else {
            return;
        };
        let Some((actor, command)) = handling(incident, step, county) else {
            return;
        };
        match plan::command(incident, &command, &actor, Context::new(county, now)) {
            Ok(events) => self.fold(events, made),
            Err(_) => self.refused += 1,
        }
        let next = step + 1;
        self.steps.push(Reverse((now + pause(id, next), id, next)));
    }

    fn fold(&mut self, events: Vec<Event>, made: &mut Vec<Vec<Event>>) {
        for event in &events {
            self.world.apply(event);
        }
        made.push(events);
    }
}

/// What is done at each step, and by whom.
fn handling(incident: &Incident, step: usize, county: &County) -> Option<(Actor, Command)> {
    let handler = Actor {
        org: incident.holds.last().map(|hold| hold.org.clone()),
        ..Actor::new("handler", Role::Unit, county.code)
    };
    let command = match step {
        0 => Command::Start {},
        1 => Command::Progress {
            note: "已到现场，正在联系责任人".to_owned(),
            evidence: Vec::new(),
        },
        2 => Command::Feedback {
            result: "已处置完毕，现场恢复正常".to_owned(),
            evidence: Vec::new(),
        },
        3 => Command::Close {
            satisfied: true,
            note: None,
        },
        _ => return None,
    };
    let is_close = matches!(command, Command::Close { .. });
    let actor = if is_close {
        Actor {
            org: Some(county.orgs.centre().clone()),
            // Whoever reported confirms.
            ..Actor::new(incident.source.clone(), Role::Source, county.code)
        }
    } else {
        handler
    };
    Some((actor, command))
}

/// How long somebody takes before a step: minutes to hours, for one incident in ten days.
fn pause(id: IncidentId, step: usize) -> Span {
    let dice = id.to_string().bytes().fold(step as u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let part = (dice % 100) as i64;
    match step {
        0 => Span::mins(5 + part / 4),
        1 => Span::mins(20 + part),
        2 if part < 10 => Span::hours(24 * (3 + part)),
        2 => Span::hours(1 + part / 4),
        _ => Span::hours(1 + part / 20),
    }
}

fn report(planned: PlannedReport, county: &County) -> Report {
    let category = planned
        .category
        .and_then(|code| county.catalogue.find(code))
        .map(|category| category.code);
    Report {
        source: planned.source.id().to_owned(),
        external_id: planned.external_id,
        title: planned.title,
        description: Some(planned.description),
        category: category.or_else(|| county.catalogue.items.first().map(|item| item.code)),
        claimed: None,
        region: planned.grid,
        place: Place {
            lon: Some(planned.lon),
            lat: Some(planned.lat),
            address: Some(planned.address),
            ..Place::default()
        },
        reporter: planned.reporter.map(|person| Reporter {
            name: Some(person.name),
            phone: Some(person.phone),
        }),
        occurred_at: Some(Timestamp::from_millis(planned.occurred_at)),
        attachments: Vec::new(),
        duplicate_of: None,
    }
}

/// Today, in the county.
pub fn today() -> Date {
    gridlamp::clock::Clock::life().now().date(UtcOffset::CHINA)
}
