//! What a list is narrowed by, and whether an incident is that. It is judged by what the viewer is
//! shown and never by what is hidden behind it; World and file are searched by this one function.

use domain::access::Viewer;
use domain::actor::Clearance;
use domain::incident::{Incident, State};
use domain::lamp::Lamp;
use domain::pack::limits::Severity;
use domain::privacy;
use domain::time::Timestamp;

use super::keys::{self, Area};
use super::words::Needles;
use super::write;

/// What is looked for. Every part that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Where it stands.
    pub status: Option<Status>,
    /// The colour of its lamp now.
    pub lamp: Option<Lamp>,
    /// A category, or the two digits of a major one.
    pub category: Option<String>,
    /// Its level, once assessed.
    pub level: Option<Severity>,
    /// The system it came through.
    pub source: Option<String>,
    /// The organisation that holds it, or held it last.
    pub holder: Option<String>,
    /// Words of its title, number, address, description or result.
    pub words: Option<Needles>,
    /// Its number, or the day of it alone.
    pub number: Option<String>,
    /// Whoever reported it.
    pub person: Option<Person>,
    /// Where it is.
    pub area: Option<Area>,
    /// Came in at or after.
    pub from: Option<Timestamp>,
    /// Came in before.
    pub to: Option<Timestamp>,
    /// Whether it ever missed a deadline.
    pub late: Option<bool>,
}

/// Where an incident stands, as coarsely as asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Somebody still owes something.
    Open,
    /// Nobody does.
    Ended,
    /// Exactly this state.
    Is(State),
}

/// A name, or a phone number, or the beginning of either.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Person {
    /// At least two characters of a name.
    Name(String),
    /// At least seven digits of a phone number.
    Phone(String),
}

impl Person {
    /// Reads a name or a number; none if it is too short to single anybody out.
    pub fn read(text: &str) -> Option<Self> {
        const LEAST_DIGITS: usize = 7;
        let text = text.trim();
        let is_phone = text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'));
        let digits = keys::digits(text);
        if is_phone {
            return (digits.len() >= LEAST_DIGITS).then_some(Self::Phone(digits));
        }
        (text.chars().count() >= 2).then(|| Self::Name(text.to_owned()))
    }

    /// How whoever is meant begins in the file.
    pub(super) fn beginning(&self) -> &str {
        match self {
            Self::Name(text) | Self::Phone(text) => text,
        }
    }

    fn is(&self, incident: &Incident) -> bool {
        let Some(reporter) = &incident.reporter else {
            return false;
        };
        match self {
            Self::Name(name) => reporter
                .name
                .as_deref()
                .is_some_and(|has| has.trim().starts_with(name)),
            Self::Phone(digits) => reporter
                .phone
                .as_deref()
                .is_some_and(|has| keys::digits(has).starts_with(digits)),
        }
    }
}

impl Wanted {
    /// How much the viewer sees of the incident, if it is one they look for.
    pub fn finds(&self, incident: &Incident, viewer: &Viewer, now: Timestamp) -> Option<Clearance> {
        let clearance = viewer.sight_of(incident)?;
        let is = self.is_plainly(incident, now) && self.is_guardedly(incident, clearance);
        is.then_some(clearance)
    }

    /// By what every viewer is shown.
    fn is_plainly(&self, incident: &Incident, now: Timestamp) -> bool {
        let holder = incident.holder().map(|hold| hold.org.as_str());
        self.status.is_none_or(|status| match status {
            Status::Open => incident.state.is_open(),
            Status::Ended => !incident.state.is_open(),
            Status::Is(state) => incident.state == state,
        }) && self.from.is_none_or(|from| incident.received_at >= from)
            && self.to.is_none_or(|to| incident.received_at < to)
            && self.late.is_none_or(|late| late == incident.was_red())
            && self.lamp.is_none_or(|lamp| lamp == incident.lamp(now))
            && self
                .level
                .is_none_or(|level| incident.severity == Some(level))
            && self.source.as_ref().is_none_or(|s| *s == incident.source)
            && self.holder.as_deref().is_none_or(|org| holder == Some(org))
            && self.category.as_ref().is_none_or(|wanted| {
                let category = incident.category.map(|code| code.to_string());
                category.is_some_and(|code| code.starts_with(wanted))
            })
            && self.number.as_ref().is_none_or(|wanted| {
                let label = incident.label();
                label == *wanted || label.split('-').next() == Some(wanted)
            })
    }

    /// By what is shown to some in part or not at all.
    fn is_guardedly(&self, incident: &Incident, clearance: Clearance) -> bool {
        let person = self
            .person
            .as_ref()
            .is_none_or(|person| clearance == Clearance::Full && person.is(incident));
        if !person || self.words.is_none() && self.area.is_none() {
            return person;
        }
        let shown = privacy::incident(incident, clearance);
        let at = shown.place.lon.zip(shown.place.lat);
        let area = self
            .area
            .is_none_or(|area| at.is_some_and(|(lon, lat)| area.holds(lon, lat)));
        let label = shown.label();
        area && self.words.as_ref().is_none_or(|words| {
            let texts = write::all_texts(&shown).into_iter();
            words.stand_in(texts.chain([label.as_str()]))
        })
    }
}
