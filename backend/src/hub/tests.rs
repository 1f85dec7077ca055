//! Random walks of a small county with random viewers who come and go: what each holds is what
//! the server would show it, and nothing it is sent says a word of what is hidden from it.

use std::collections::HashSet;
use std::sync::LazyLock;

use domain::actor::{Actor, Clearance, Role};
use domain::event::{Body, Event, Stream};
use domain::ids::IncidentId;
use domain::incident::clock::{Clock, ClockKind};
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::event::{Dispatched, IncidentEvent, Place, Reporter};
use domain::incident::{Incident, plan};
use domain::pack::County;
use domain::pack::limits::{Limit, Severity};
use domain::time::{Span, Timestamp};
use domain::wire::ServerFrame;
use geodata::region::{Level, Region, RegionTree};
use proptest::prelude::*;

use super::*;

pub(crate) static COUNTY: LazyLock<County> = LazyLock::new(county);

fn code(text: &str) -> Code {
    text.parse().expect("code")
}

fn grids() -> Vec<Code> {
    let mut grids = Vec::new();
    for township in ["330899101", "330899102"] {
        for village in ["001", "002"] {
            for grid in ["001", "002"] {
                grids.push(code(&format!("{township}{village}{grid}")));
            }
        }
    }
    grids
}

fn county() -> County {
    let codes: HashSet<Code> = grids().into_iter().flat_map(Code::ancestors).collect();
    let region = |code: Code| Region {
        code,
        name: format!("区{code}"),
        level: code.level(),
    };
    County::default_for(RegionTree::new(codes.into_iter().map(region).collect()).expect("tree"))
}

/// What an incident hides, each word unlike any other's.
#[derive(Clone, Copy, Debug)]
enum Secret {
    Id,
    Title,
    External,
    Position,
    Door,
    Description,
    Note,
    Attachment,
    Name,
    Phone,
    Login,
}

const SECRETS: [Secret; 11] = [
    Secret::Id,
    Secret::Title,
    Secret::External,
    Secret::Position,
    Secret::Door,
    Secret::Description,
    Secret::Note,
    Secret::Attachment,
    Secret::Name,
    Secret::Phone,
    Secret::Login,
];

impl Secret {
    fn word(self, n: usize) -> String {
        match self {
            Self::Id => id(n).to_string(),
            Self::Title => format!("题{n:03}目"),
            Self::External => format!("外{n:03}号"),
            Self::Position => format!("119.{n:03}777"),
            Self::Door => format!("{n:03}栋"),
            Self::Description => format!("述{n:03}说"),
            Self::Note => format!("记{n:03}录"),
            Self::Attachment => format!("附{n:03}件"),
            Self::Name => format!("赵名{n:03}"),
            Self::Phone => format!("138{n:08}"),
            Self::Login => format!("登{n:03}录"),
        }
    }

    /// Whether a clearance may know it.
    fn is_open_to(self, clearance: Clearance, sensitive: bool) -> bool {
        match (clearance, self) {
            (Clearance::Full, _)
            | (_, Self::Id)
            | (Clearance::Staff, Self::Title | Self::External | Self::Note) => true,
            (Clearance::Staff, Self::Name | Self::Phone | Self::Login)
            | (
                Clearance::Wall,
                Self::Door
                | Self::Description
                | Self::Note
                | Self::Attachment
                | Self::Name
                | Self::Phone
                | Self::Login,
            ) => false,
            (Clearance::Staff | Clearance::Wall, _) => !sensitive,
        }
    }
}

fn id(n: usize) -> IncidentId {
    IncidentId::of_origin(COUNTY.code, "hotline", &Secret::External.word(n))
}

fn report(n: usize, which: usize) -> Report {
    let category = [Some("0703"), Some("0903"), None][which % 3];
    Report {
        source: "hotline".to_owned(),
        external_id: Secret::External.word(n),
        title: Secret::Title.word(n),
        description: Some(Secret::Description.word(n)),
        category: category.map(|c| COUNTY.catalogue.find(c).expect("category").code),
        claimed: None,
        region: grids()[which % 8],
        place: Place {
            lon: Secret::Position.word(n).parse().ok(),
            lat: Some(28.9),
            original: None,
            address: Some(format!("莲花路 {}", Secret::Door.word(n))),
        },
        reporter: Some(Reporter {
            name: Some(Secret::Name.word(n)),
            phone: Some(Secret::Phone.word(n)),
        }),
        occurred_at: None,
        attachments: vec![Secret::Attachment.word(n)],
        duplicate_of: None,
    }
}

/// Every kind of viewer there is.
pub(crate) fn viewers() -> Vec<Viewer> {
    let scopes = [
        "330899",
        "330899101",
        "330899102",
        "330899101001",
        "330899102002001",
    ];
    let orgs: Vec<OrgId> = COUNTY.orgs.iter().map(|org| org.id.clone()).collect();
    let mut all = Vec::new();
    for role in Role::ALL {
        for (scope, n) in scopes.iter().zip(0..) {
            for org in [None, Some(&orgs[(n * 7 + role as usize) % orgs.len()])] {
                let mut actor = Actor::new("viewer", role, code(scope));
                actor.org = org.cloned();
                let Some(viewer) = actor.viewer() else {
                    continue;
                };
                all.push(viewer.clone().narrow(code("330899101001")));
                all.push(viewer);
            }
        }
    }
    all.retain(|viewer| code("330899").contains(viewer.scope));
    all
}

/// A screen: what it holds, and where it stands.
struct Screen {
    viewer: Viewer,
    audience: AudienceId,
    world: World,
    place: String,
    is_on: bool,
}

/// What each incident was to a viewer at some time in a run.
type Sights = Vec<(usize, Option<Clearance>, bool)>;

pub(crate) struct Walk {
    now: Timestamp,
    pub(crate) world: World,
    hub: Hub,
    seq: u64,
    reports: usize,
    screens: Vec<Screen>,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self {
            now: "2026-11-23T09:00:00+08:00".parse().expect("time"),
            world: World::default(),
            hub: Hub::new(Position::START),
            seq: 0,
            reports: 0,
            screens: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    fn ctx(&self) -> Context<'static> {
        Context::new(&COUNTY, self.now)
    }

    pub(crate) fn step(&mut self, what: u8, which: usize) {
        match what {
            0..=2 => {
                let n = self.reports;
                self.reports += 1;
                let reporter = Actor::new(Secret::Login.word(n), Role::Reporter, COUNTY.code);
                self.tell(plan::report(report(n, which), &reporter, self.ctx()));
            }
            3..=8 => self.command(what, which),
            9 | 10 => self.send_elsewhere(which),
            11 => {
                self.now = self.now + Span::mins(3 * (which as i64 % 20));
                let due: Vec<Event> = self
                    .world
                    .due(self.now)
                    .flat_map(|i| plan::due(i, self.ctx()))
                    .collect();
                self.tell(due);
            }
            12 | 13 => self.join(None, which),
            14 => {
                let count = self.screens.len().max(1);
                if let Some(screen) = self.screens.get_mut(which % count) {
                    screen.is_on = false;
                }
            }
            _ => {
                let count = self.screens.len().max(1);
                self.join(Some(which % count), which);
            }
        }
    }

    fn some_incident(&self, which: usize) -> Option<(usize, &Incident)> {
        let n = which % self.reports.max(1);
        Some((n, self.world.incident(id(n))?))
    }

    fn command(&mut self, what: u8, which: usize) {
        let Some((n, incident)) = self.some_incident(which) else {
            return;
        };
        let word = Secret::Note.word(n);
        let category = Some(COUNTY.catalogue.items[which % 42].code);
        let (role, command) = match what {
            3 | 4 => (Role::Centre, Command::Accept { category }),
            5 => (Role::Unit, Command::Start {}),
            6 => (
                Role::Unit,
                Command::Progress {
                    note: word,
                    evidence: vec![],
                },
            ),
            7 => (
                Role::Unit,
                Command::Feedback {
                    result: word,
                    evidence: vec![Secret::Attachment.word(n)],
                },
            ),
            _ => (
                Role::Centre,
                Command::Close {
                    satisfied: true,
                    note: Some(word),
                },
            ),
        };
        let actor = Actor::new("desk", role, COUNTY.code);
        if let Ok(events) = plan::command(incident, &command, &actor, self.ctx()) {
            self.tell(events);
        }
    }

    /// Sends an incident to any organisation of the county, as a return or a transfer would.
    fn send_elsewhere(&mut self, which: usize) {
        let Some((_, incident)) = self.some_incident(which) else {
            return;
        };
        let orgs: Vec<_> = COUNTY.orgs.iter().collect();
        let (to, helper) = (orgs[which * 31 % orgs.len()], orgs[which * 17 % orgs.len()]);
        let shared = [to, helper]
            .into_iter()
            .map(|org| org.region)
            .filter(|region| !region.contains(incident.region))
            .collect();
        let sign = Clock::start(
            ClockKind::Sign,
            self.now,
            Limit::hours(2),
            Severity::IV,
            &COUNTY.calendar,
            &COUNTY.lamp_rules,
        );
        let event = Event {
            stream: Stream::Incidents,
            key: incident.id,
            version: incident.version + 1,
            at: self.now,
            actor: Actor::new("desk", Role::Centre, COUNTY.code),
            region: incident.region,
            number: None,
            body: Body::Incident(IncidentEvent::Dispatched(Dispatched {
                binding: false,
                plan: None,
                to: to.id.clone(),
                cooperators: vec![helper.id.clone()],
                shared,
                because: "指派".to_owned(),
                sign,
            })),
        };
        self.tell(vec![event]);
    }

    fn sights(&self, viewer: &Viewer, into: &mut Sights) {
        for n in 0..self.reports {
            if let Some(incident) = self.world.incident(id(n)) {
                into.push((n, viewer.sight_of(incident), incident.sensitive));
            }
        }
    }

    /// Folds and publishes a run of events, and looks at every frame that goes out.
    fn tell(&mut self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let mut sights: Vec<Sights> = vec![Vec::new(); self.screens.len()];
        let note = |walk: &Self, sights: &mut Vec<Sights>| {
            for (screen, into) in walk.screens.iter().zip(sights) {
                walk.sights(&screen.viewer, into);
            }
        };
        note(self, &mut sights);
        let from = Position::from_seq(self.seq);
        let mut told = Vec::new();
        for event in events {
            self.seq += 1;
            told.push(Told::fold(event, &mut self.world));
            note(self, &mut sights);
        }
        let to = Position::from_seq(self.seq);
        let frames = self.hub.publish(Run {
            from,
            to,
            events: told,
        });
        for (audience, frame) in frames {
            for (screen, sights) in self.screens.iter_mut().zip(&sights) {
                if screen.audience == audience {
                    says_nothing_hidden(&frame, sights, self.reports, &screen.viewer);
                    if screen.is_on {
                        take(screen, &frame);
                    }
                }
            }
        }
    }

    /// A screen comes, or one that was away comes back.
    fn join(&mut self, back: Option<usize>, which: usize) {
        let viewers = viewers();
        let old = back
            .and_then(|at| self.screens.get(at))
            .filter(|s| !s.is_on);
        let viewer = old.map_or_else(
            || viewers[which * 13 % viewers.len()].clone(),
            |screen| screen.viewer.clone(),
        );
        let from = old.map(|screen| screen.place.parse().expect("place"));
        let greeting = Greeting {
            epoch: "e".to_owned(),
            now: self.now,
            rate: 1.0,
            version: None,
        };
        let welcome = self.hub.welcome(&viewer, from, &self.world, greeting);
        let world = match (back, old.is_some()) {
            (Some(at), true) => self.screens.remove(at).world,
            _ => World::default(),
        };
        let mut screen = Screen {
            viewer,
            audience: welcome.audience,
            world,
            place: String::new(),
            is_on: true,
        };
        // A snapshot says nothing but what is seen now; what was missed is looked at as it went.
        let mut sights = Vec::new();
        self.sights(&screen.viewer, &mut sights);
        for frame in &welcome.frames {
            if welcome.resume == Resume::Snapshot {
                says_nothing_hidden(frame, &sights, self.reports, &screen.viewer);
            }
            take(&mut screen, frame);
        }
        self.screens.push(screen);
    }

    fn check(&self) {
        for screen in self.screens.iter().filter(|screen| screen.is_on) {
            let seen = self.world.seen_by(&screen.viewer);
            assert_eq!(
                sorted(&screen.world),
                sorted(&seen),
                "{:?} holds something else",
                screen.viewer
            );
            for region in grids().into_iter().flat_map(Code::ancestors) {
                if screen.viewer.may_count(region) {
                    assert_eq!(screen.world.seen(region), self.world.seen(region));
                }
            }
            if screen.viewer.scope.level() > Level::County || screen.viewer.party_only {
                assert_eq!(seen.numbers(), domain::world::Numbers::default());
            }
        }
    }
}

fn sorted(world: &World) -> Vec<Incident> {
    let mut all: Vec<_> = world.incidents().cloned().collect();
    all.sort_unstable_by_key(|incident| incident.id);
    all
}

fn payload(frame: &[u8]) -> &str {
    let start = match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    std::str::from_utf8(&frame[start..]).expect("text")
}

fn take(screen: &mut Screen, frame: &[u8]) {
    match ServerFrame::parse(payload(frame)).expect("frame") {
        ServerFrame::Hello(hello) => {
            if hello.resume != Resume::Replayed {
                screen.place = hello.position;
            } else if screen.place.is_empty() {
                screen.place = "replayed".to_owned();
            }
        }
        ServerFrame::Snapshot(snapshot) => {
            screen.world = snapshot.world;
            screen.place = snapshot.position;
        }
        ServerFrame::Events(events) => {
            assert!(
                screen.place == events.from || screen.place == "replayed",
                "a gap"
            );
            for event in &events.events {
                screen.world.apply(event);
            }
            screen.place = events.to;
        }
        other => panic!("{other:?}"),
    }
}

/// Looks for every secret of every incident that no sight of it opens.
pub(crate) fn says_nothing_hidden(
    bytes: &[u8],
    sights: &[(usize, Option<Clearance>, bool)],
    reports: usize,
    viewer: &Viewer,
) {
    let text = String::from_utf8_lossy(bytes);
    for n in 0..reports {
        for secret in SECRETS {
            let open = sights.iter().any(|(other, clearance, sensitive)| {
                *other == n && clearance.is_some_and(|c| secret.is_open_to(c, *sensitive))
            });
            let word = secret.word(n);
            assert!(
                open || !text.contains(&word),
                "{secret:?} {word} is told to {viewer:?}: {text}"
            );
        }
    }
}

/// What an unhurried walk leaves behind, for those who look at the whole.
pub(crate) fn looked_at(walk: &Walk, viewer: &Viewer, bytes: &[u8]) {
    let mut sights = Vec::new();
    walk.sights(viewer, &mut sights);
    says_nothing_hidden(bytes, &sights, walk.reports, viewer);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn each_screen_holds_what_is_its_own_and_nothing_else_is_said(
        steps in prop::collection::vec((0_u8..17, 0_usize..500), 1..100)
    ) {
        let mut walk = Walk::new();
        for (what, which) in steps {
            walk.step(what, which);
            walk.check();
        }
    }
}

#[test]
fn what_is_sent_elsewhere_comes_and_goes() {
    let mut walk = Walk::new();
    walk.step(0, 0);
    let incident = walk.world.incident(id(0)).expect("incident").clone();
    let mut actor = Actor::new("p", Role::Platform, code("330899102"));
    let org = COUNTY.orgs.iter().find(|org| org.region == actor.scope);
    actor.org = org.map(|org| org.id.clone());
    let viewer = actor.viewer().expect("viewer");
    let mut hear = |to: OrgId, region: Option<Code>| {
        let mut next = walk.world.incident(incident.id).expect("there").clone();
        next.version += 1;
        let sign = next.clocks[0].clone();
        let event = Event {
            stream: Stream::Incidents,
            key: next.id,
            version: next.version,
            at: walk.now,
            actor: Actor::new("desk", Role::Centre, COUNTY.code),
            region: next.region,
            number: None,
            body: Body::Incident(IncidentEvent::Dispatched(Dispatched {
                binding: false,
                plan: None,
                to,
                cooperators: Vec::new(),
                shared: region.into_iter().collect(),
                because: String::new(),
                sign,
            })),
        };
        let told = Told::fold(event, &mut walk.world);
        let form = told.form(&viewer)?;
        serde_json::from_slice::<serde_json::Value>(&told.encode(form)).ok()
    };
    let there = hear(viewer.party.clone().expect("org"), Some(viewer.scope)).expect("shared");
    assert_eq!(there["type"], "shared");
    assert_eq!(there["data"]["reporter"]["phone"], Secret::Phone.word(0));
    let away = hear("elsewhere".parse().expect("org"), None).expect("withdrawn");
    assert_eq!(away["type"], "withdrawn");
    assert_eq!(away["data"], serde_json::json!({}));
    assert_eq!(away["actor"]["id"], "");
    assert_eq!(hear("third".parse().expect("org"), None), None);
}
