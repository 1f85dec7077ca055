//! A report with its names, and what it says in few words.

use std::collections::BTreeMap;

use domain::incident::By;
use domain::pack::orgs::OrgId;
use domain::session::review::{Judgement, Outcome, Review};
use domain::session::{About, Kind, Line, SeatClock, Stage, Step};
use domain::time::Timestamp;
use serde::Deserialize;

use crate::api::{self, Failed};
use crate::i18n::{Lang, Text, command as k, fill, format, review as r};
use crate::panels::muster::{call, channel, happening, model::step_name};
use crate::session::role_name;

/// A name in both languages.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Name {
    zh: String,
    #[serde(default)]
    en: String,
}

impl Name {
    /// In a language; in Chinese where it has none.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            _ => &self.zh,
        }
    }
}

/// What of a unit's way is told in words; the way itself goes to the map.
#[derive(Clone, Debug, Deserialize)]
pub struct Way {
    /// Which unit.
    pub unit: String,
    /// For which organisation.
    pub org: String,
    /// How long it was, in metres.
    pub metres: u32,
}

/// What stands beside the review in a report.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Names {
    /// People by id.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Organisations by id.
    #[serde(default)]
    pub orgs: BTreeMap<String, Name>,
    /// Units by id.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// Where it was, in words.
    #[serde(default, rename = "where")]
    pub place: String,
    /// Where units went.
    #[serde(default)]
    pub tracks: Vec<Way>,
    /// Whether whoever looks may rate it now.
    #[serde(default)]
    pub may_rate: bool,
}

/// A report as it came.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was judged.
    pub review: Review,
    /// Names.
    pub names: Names,
    /// The whole of it, for the map.
    pub text: String,
}

/// Asks for the report of a session.
///
/// # Errors
/// What the server said.
pub async fn fetch(id: &str, lang: Lang) -> Result<Report, Failed> {
    let url = format!("/api/v1/sessions/{}/report", api::escaped(id));
    let answer = api::ask("GET", &url, lang, None).await;
    let review = api::read(&answer, lang)?;
    let names = api::read(&answer, lang)?;
    Ok(Report {
        review,
        names,
        text: answer.body,
    })
}

impl Report {
    /// An organisation's name.
    pub fn org(&self, id: &OrgId, lang: Lang) -> String {
        let name = self.names.orgs.get(id.as_str());
        name.map_or_else(|| id.to_string(), |name| name.of(lang).to_owned())
    }

    /// A unit's name.
    pub fn unit(&self, id: &str) -> String {
        self.names
            .units
            .get(id)
            .cloned()
            .unwrap_or_else(|| id.to_owned())
    }

    /// Who did something: the person and whose they are, or the organisation, or the role.
    pub fn by(&self, by: &By, lang: Lang) -> String {
        if by.role == domain::actor::Role::Rule {
            return role_name(lang, by.role).to_owned();
        }
        let org = by.org.as_ref().map(|org| self.org(org, lang));
        match (self.names.names.get(&by.id), org) {
            (Some(name), Some(org)) => format!("{org} {name}"),
            (Some(name), None) => name.clone(),
            (None, org) => org.unwrap_or_else(|| role_name(lang, by.role).to_owned()),
        }
    }

    /// How long after T0 a stage was reached.
    pub fn phase(&self, stage: Stage) -> String {
        let mut phases = self.review.phases.iter();
        let secs = phases.find(|phase| phase.stage == stage);
        clock(secs.and_then(|phase| phase.secs))
    }

    /// The verdict in few words, and its state for the style.
    pub fn verdict(&self, lang: Lang) -> (String, &'static str) {
        let Some(verdict) = self.review.verdict else {
            return (lang.of(r::NO_ORDER).to_owned(), "none");
        };
        let (n, m) = (verdict.in_time.to_string(), verdict.of.to_string());
        let text = fill(lang.of(r::IN_TIME_OF), &[("n", &n), ("m", &m)]);
        let mut members = self.review.members.iter();
        let is_late =
            members.any(|one| matches!(one.muster.outcome, Outcome::Late | Outcome::Missing));
        let state = match (verdict.all_in_time, is_late) {
            (true, _) => "in_time",
            (_, true) => "late",
            _ => "none",
        };
        (text, state)
    }

    /// A line of the timeline in words.
    pub fn line(&self, line: &Line, lang: Lang) -> String {
        let org = line.org.as_ref().map(|org| self.org(org, lang));
        let mut text = org.unwrap_or_default();
        if !text.is_empty() {
            text.push(' ');
        }
        text += lang.of(happening(line.what));
        let about = line.about.map(|what| about(what, lang));
        for said in about.into_iter().chain(line.text.clone()) {
            text += lang.of(k::COLON);
            text += &said;
        }
        text
    }
}

/// What a line is about.
fn about(what: About, lang: Lang) -> String {
    let step = |step: Step| lang.of(step_name(Some(step)));
    match what {
        About::Claimed(of) => step(of).to_owned(),
        About::Observed(of) => fill(lang.of(r::ABOUT_SEEN), &[("what", step(of))]),
        About::Metres(n) => fill(lang.of(r::ABOUT_METRES), &[("n", &n.to_string())]),
        About::Channel(over) => lang.of(channel(over)).to_owned(),
        About::Clock(SeatClock::Muster) => lang.of(r::ABOUT_MUSTER).to_owned(),
        About::Clock(SeatClock::Respond) => lang.of(r::ABOUT_RESPOND).to_owned(),
        About::Call(of) => lang.of(call(of)).to_owned(),
        About::Score(n) => fill(lang.of(r::STARS), &[("n", &n.to_string())]),
    }
}

/// `06:42`, or a dash.
pub fn clock(secs: Option<u32>) -> String {
    secs.map_or_else(
        || "—".to_owned(),
        |secs| format::clock(i64::from(secs) * 1_000),
    )
}

/// The time of day.
pub fn time(at: Timestamp) -> String {
    format::time(at.millis())
}

/// A judgement in words, and its state for the style.
pub fn judgement(one: &Judgement, lang: Lang) -> (String, &'static str) {
    let late = clock(Some(one.late_secs));
    match one.outcome {
        Outcome::InTime => (lang.of(r::O_IN_TIME).to_owned(), "in_time"),
        Outcome::Late => (fill(lang.of(r::O_LATE), &[("t", &late)]), "late"),
        Outcome::Missing => (lang.of(r::O_MISSING).to_owned(), "late"),
        Outcome::Unjudged => (lang.of(r::O_UNJUDGED).to_owned(), "none"),
        Outcome::Excused => (lang.of(r::O_EXCUSED).to_owned(), "none"),
    }
}

/// What a session is for.
pub const fn kind(kind: Kind) -> Text {
    match kind {
        Kind::Incident => r::K_INCIDENT,
        Kind::Whistle => r::K_WHISTLE,
        Kind::Drill => r::K_DRILL,
    }
}

/// A part of a whole as a share of its width, such as `41.7%`; all of it at most.
pub fn share(part: u32, whole: u32) -> String {
    let tenths = u64::from(part.min(whole)) * 1_000 / u64::from(whole.max(1));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_one_decimal_and_never_passes_the_whole() {
        assert_eq!(share(5, 12), "41.6%");
        assert_eq!(share(13, 12), "100.0%");
        assert_eq!(share(0, 0), "0.0%");
    }
}
