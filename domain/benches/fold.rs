//! How fast the World folds: events a second in memory, and what a checkpoint saves.

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use domain::actor::{Actor, Role};
use domain::event::Event;
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::event::Place;
use domain::incident::plan;
use domain::pack::County;
use domain::time::{Span, Timestamp};
use domain::world::World;
use geodata::region::{Code, Region, RegionTree};

/// Incidents in the log; each makes seven events.
const INCIDENTS: usize = 143_000;

fn main() {
    let county = county();
    let events = log(&county);
    println!(
        "fold: {} events of {INCIDENTS} incidents over {} days",
        events.len(),
        days(&events)
    );
    let began = Instant::now();
    let mut world = World::default();
    for event in &events {
        world.apply(event);
    }
    let fold = began.elapsed();
    let rate = events.len() as f64 / fold.as_secs_f64();
    println!(
        "  in memory            {:>8.2} M events/s  ({} ms)",
        rate / 1e6,
        fold.as_millis()
    );

    let texts: Vec<String> = events
        .iter()
        .map(|e| serde_json::to_string(e).unwrap_or_default())
        .collect();
    let began = Instant::now();
    let mut again = World::default();
    for text in &texts {
        if let Ok(event) = serde_json::from_str::<Event>(text) {
            again.apply(&event);
        }
    }
    let parse = began.elapsed();
    println!(
        "  parsed from JSON     {:>8.2} M events/s  ({} ms, {:.1} x the fold)",
        events.len() as f64 / parse.as_secs_f64() / 1e6,
        parse.as_millis(),
        parse.as_secs_f64() / fold.as_secs_f64()
    );
    assert!(again == world, "the two folds differ");

    let checkpoint = serde_json::to_string(&world).unwrap_or_default();
    let began = Instant::now();
    let read: Result<World, _> = serde_json::from_str(&checkpoint);
    black_box(&read);
    println!(
        "  from a checkpoint    {:>8} ms for {} incidents, {} KB",
        began.elapsed().as_millis(),
        world.len(),
        checkpoint.len() / 1024
    );
}

fn days(events: &[Event]) -> i64 {
    match (events.first(), events.last()) {
        (Some(first), Some(last)) => last.at.since(first.at).as_secs() / 86_400,
        _ => 0,
    }
}

fn county() -> County {
    let grids = (0..1_100).filter_map(|i| {
        Code::parse(&format!(
            "330899{:03}{:03}{:03}",
            101 + i / 55,
            1 + i % 55 / 4,
            1 + i % 4
        ))
        .ok()
    });
    let mut codes: Vec<Code> = grids.flat_map(Code::ancestors).collect();
    codes.sort_unstable();
    codes.dedup();
    let region = |code: Code| Region {
        code,
        name: code.to_string(),
        level: code.level(),
    };
    let tree = RegionTree::new(codes.into_iter().map(region).collect());
    County::default_for(tree.unwrap_or_else(|error| panic!("{error}")))
}

/// A year's log, interleaved as it would come: each incident is handled within hours.
fn log(county: &County) -> Vec<Event> {
    let grids: Vec<Code> = county
        .tree
        .iter()
        .map(|r| r.code)
        .filter(|code| code.len() == 15)
        .collect();
    let mut now: Timestamp = Timestamp::from_millis(1_767_196_800_000);
    let mut events = Vec::with_capacity(INCIDENTS * 7);
    let mut working = World::default();
    let mut open = std::collections::VecDeque::new();
    for n in 0..INCIDENTS {
        now = now + Span::secs(180);
        let ctx = Context::new(county, now);
        let made = plan::report(report(n, &grids, county), &actor(county, Role::Source), ctx);
        open.extend(made.first().map(|event| event.key));
        fold(&mut working, &mut events, made);
        if open.len() > 200
            && let Some(id) = open.pop_front()
        {
            for (role, command) in handling() {
                let Some(incident) = working.incident(id) else {
                    continue;
                };
                if let Ok(made) = plan::command(incident, &command, &actor(county, role), ctx) {
                    fold(&mut working, &mut events, made);
                }
            }
        }
    }
    events
}

fn fold(world: &mut World, events: &mut Vec<Event>, made: Vec<Event>) {
    for event in made {
        world.apply(&event);
        events.push(event);
    }
}

fn handling() -> [(Role, Command); 3] {
    [
        (Role::Unit, Command::Start {}),
        (
            Role::Unit,
            Command::Feedback {
                result: "已处置完毕".to_owned(),
                evidence: Vec::new(),
            },
        ),
        (
            Role::Centre,
            Command::Close {
                satisfied: true,
                note: None,
            },
        ),
    ]
}

fn actor(county: &County, role: Role) -> Actor {
    Actor::new("bench", role, county.code)
}

fn report(n: usize, grids: &[Code], county: &County) -> Report {
    let items = &county.catalogue.items;
    Report {
        source: "grid".to_owned(),
        external_id: n.to_string(),
        title: "路口井盖破损，车辆经过有异响".to_owned(),
        description: None,
        category: Some(items[n % items.len()].code),
        claimed: None,
        region: grids[n * 7 % grids.len()],
        place: Place {
            lon: Some(118.95),
            lat: Some(28.97),
            ..Place::default()
        },
        reporter: None,
        occurred_at: None,
        attachments: Vec::new(),
        duplicate_of: None,
    }
}
