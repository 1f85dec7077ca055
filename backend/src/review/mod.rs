//! The after-action report of a session as others take it: data, a map, paper. What it says is
//! `domain::session::review`'s; who may read it is `http`'s.

mod geojson;
pub mod pdf;
mod track;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::incident::By;
use domain::pack::County;
use domain::pack::orgs::OrgId;
use domain::pack::units::UnitId;
use domain::session::review::{Member, Review};
use domain::time::Timestamp;
use serde_json::{Value, json};

pub use self::geojson::write as geojson;
pub use self::track::{Arrival, Track, tracks};
use crate::problem::Language;

/// A report with all that is needed to show it.
#[derive(Clone, Debug)]
pub struct Report {
    /// What is told.
    pub review: Review,
    /// The county's rules.
    pub county: Arc<County>,
    /// The names of people in it, by id.
    pub names: BTreeMap<String, String>,
    /// Where its units went, as far as it may be shown and is still kept.
    pub tracks: Vec<Track>,
    /// When it was made.
    pub generated_at: Timestamp,
}

impl Report {
    /// An organisation's name.
    pub fn org<'a>(&'a self, id: &'a OrgId, language: Language) -> &'a str {
        let org = self.county.orgs.get(id);
        let name = org.map(|org| match language {
            Language::En if !org.en.is_empty() => org.en.as_str(),
            _ => org.name.as_str(),
        });
        // On its own paper the county's name stands at the head.
        let county = self.county.tree.county().name.as_str();
        let short = name.and_then(|name| name.strip_prefix(county));
        // English puts a space behind the county's name.
        let short = short.map(str::trim_start);
        short
            .filter(|short| !short.is_empty())
            .or(name)
            .unwrap_or(id.as_str())
    }

    /// A unit's name.
    pub fn unit<'a>(&'a self, id: &'a UnitId) -> &'a str {
        let unit = self.county.units.get(id);
        unit.map_or(id.as_str(), |unit| unit.name.as_str())
    }

    /// Who did something: the person with their organisation, the organisation, or the role.
    pub fn by(&self, by: &By, language: Language) -> String {
        let org = by.org.as_ref().map(|org| self.org(org, language));
        if by.role == domain::actor::Role::Rule {
            return words::pair(language, "系统", "system").to_owned();
        }
        match (self.names.get(&by.id), org) {
            (Some(name), Some(org)) => words::aside(language, name, org),
            (Some(name), None) => name.clone(),
            (None, Some(org)) => org.to_owned(),
            (None, None) => match language {
                Language::Zh => by.role.zh().to_owned(),
                Language::En => by.role.en().to_owned(),
            },
        }
    }

    /// Where it was, as people say it: the county's name left out, each tier below once.
    pub fn region(&self) -> String {
        let tree = &self.county.tree;
        // From the smallest tier up.
        let mut tiers: Vec<&str> = self
            .review
            .region
            .ancestors()
            .filter(|code| *code != self.county.code)
            .map(|code| tree.name(code))
            .collect();
        tiers.reverse();
        if tiers.is_empty() {
            return tree.county().name.clone();
        }
        tiers.concat()
    }

    /// The tracks of a member's units.
    pub fn tracks_of<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a Track> {
        let tracks = self.tracks.iter();
        tracks.filter(move |track| member.units.contains(&track.unit))
    }

    /// The report as data: the review, with the names of whom and what it speaks of, and tracks.
    pub fn json(&self) -> Value {
        let mut value = serde_json::to_value(&self.review).unwrap_or_default();
        let orgs = self.review.members.iter().map(|member| &member.org);
        let orgs = orgs.chain(self.review.asker.org.iter());
        let orgs = orgs.map(|id| {
            let (zh, en) = (self.org(id, Language::Zh), self.org(id, Language::En));
            (id.to_string(), json!({ "zh": zh, "en": en }))
        });
        let units = self.review.members.iter().flat_map(|one| &one.units);
        let units = units.map(|id| (id.to_string(), json!(self.unit(id))));
        value["names"] = json!(self.names);
        value["orgs"] = orgs.collect::<serde_json::Map<_, _>>().into();
        value["units"] = units.collect::<serde_json::Map<_, _>>().into();
        value["where"] = json!(self.region());
        value["county"] = json!({
            "code": self.county.code, "name": self.county.tree.county().name,
        });
        value["generated_at"] = json!(self.generated_at);
        value["tracks"] = json!(self.tracks);
        value
    }

    /// What a file of it is called, without its ending: the day and the beginning of its id.
    pub fn file_name(&self) -> String {
        let day = self.review.opened_at.date(domain::time::UtcOffset::CHINA);
        let (year, month, day) = day.ymd();
        let id = self.review.session.to_string();
        let id = id.get(..8).unwrap_or_default();
        let drill = if self.review.drill { "drill-" } else { "" };
        format!("review-{drill}{year:04}{month:02}{day:02}-{id}")
    }
}
