//! The report on paper (A4, PDF): the head, what was ordered and what came of it, each
//! organisation judged, a map with everybody's way, messages, timeline, evaluation.

mod chart;
mod face;
mod paint;
mod plan;
mod sections;
mod sheet;
mod table;

use domain::session::Stage;
use domain::session::review::Outcome;
use domain::time::{Timestamp, UtcOffset};

pub use self::face::Face;
pub use self::plan::Ground;
use self::sheet::{
    ACCENT, DRILL, EDGE, GREEN, HEIGHT, INK, INNER, Ink, MARGIN, QUIET, RED, Sheets, WIDTH,
};
use super::Report;
use super::words::{self, pair};
use crate::problem::Language;

/// What is told of a session on paper, and in which language.
pub(super) struct Paper<'a> {
    pub report: &'a Report,
    pub ground: &'a Ground,
    pub language: Language,
}

/// The report as a PDF, with the outlines of the county for its map.
///
/// # Errors
/// There is no font to write it with.
pub fn write(report: &Report, ground: &Ground, language: Language) -> anyhow::Result<Vec<u8>> {
    let face = Face::load()?;
    let mut sheets = Sheets::new(&face);
    let paper = Paper {
        report,
        ground,
        language,
    };
    paper.head(&mut sheets);
    paper.facts(&mut sheets);
    paper.judged(&mut sheets);
    paper.chart(&mut sheets);
    paper.map(&mut sheets);
    paper.claims(&mut sheets);
    paper.messages(&mut sheets);
    paper.timeline(&mut sheets);
    paper.foot(&mut sheets);
    let pages = std::mem::take(&mut sheets.pages);
    paint::write(&face, &pages, &paper.about())
}

impl Paper<'_> {
    /// One of two.
    pub fn of(&self, zh: &'static str, en: &'static str) -> &'static str {
        pair(self.language, zh, en)
    }

    fn title(&self) -> &'static str {
        if self.report.review.drill {
            self.of("演练复盘报告", "Drill report")
        } else {
            self.of("处置复盘报告", "After-action report")
        }
    }

    fn about(&self) -> paint::About {
        let review = &self.report.review;
        let made = self.report.generated_at;
        let (year, month, day) = made.date(UtcOffset::CHINA).ymd();
        let secs = made.time_of_day(UtcOffset::CHINA).as_secs();
        let part = |value: i64| u8::try_from(value).unwrap_or_default();
        paint::About {
            title: format!("{}：{}", self.title(), review.title),
            author: self.report.county.tree.county().name.clone(),
            language: self.of("zh-CN", "en").to_owned(),
            made: (
                u16::try_from(year).unwrap_or_default(),
                u8::try_from(month).unwrap_or(1),
                u8::try_from(day).unwrap_or(1),
                part(secs / 3600),
                part(secs / 60 % 60),
                part(secs % 60),
            ),
            across: review.drill.then(|| self.of("演练", "DRILL").to_owned()),
        }
    }

    fn head(&self, sheets: &mut Sheets<'_>) {
        let review = &self.report.review;
        let county = &self.report.county.tree.county().name;
        sheets.text(MARGIN, sheets.y, 10.0, ACCENT, county);
        sheets.bold(MARGIN, sheets.y + 30.0, 23.0, INK, self.title());
        if review.drill {
            let mark = self.of("演练 · 不计入考核", "DRILL · in no figure");
            let width = sheets.face.width(mark, 10.0) + 16.0;
            let area = [WIDTH - MARGIN - width, sheets.y + 12.0, width, 20.0];
            sheets.frame(area, DRILL, 1.2);
            sheets.bold(area[0] + 8.0, area[1] + 14.0, 10.0, DRILL, mark);
        }
        sheets.y += 40.0;
        let title = format!("{} · {}", self.report.region(), review.title);
        for line in sheets.face.lines(&title, 13.0, INNER) {
            sheets.text(MARGIN, sheets.y + 13.0, 13.0, INK, &line);
            sheets.y += 19.0;
        }
        sheets.y += 6.0;
        sheets.rule((MARGIN, sheets.y), (MARGIN + INNER, sheets.y), ACCENT, 1.4);
        sheets.y += 10.0;
        self.figures(sheets);
    }

    /// The few figures that everybody asks for first.
    fn figures(&self, sheets: &mut Sheets<'_>) {
        let review = &self.report.review;
        let phase = |stage| {
            let phase = review.phases.iter().find(|phase| phase.stage == stage);
            phase
                .and_then(|phase| phase.secs)
                .map_or_else(|| "—".to_owned(), span)
        };
        let (verdict, ink) = self.verdict();
        let tiles: [(&str, String, Ink); 5] = [
            (self.of("十分钟集结", "Muster"), verdict, ink),
            (
                self.of("首个收到", "First answer"),
                phase(Stage::Mobilising),
                INK,
            ),
            (self.of("全部出动", "All out"), phase(Stage::AllOut), INK),
            (
                self.of("首个到场", "First there"),
                phase(Stage::OnScene),
                INK,
            ),
            (
                self.of("结束用时", "Closed after"),
                phase(Stage::Ended),
                INK,
            ),
        ];
        let width = INNER / tiles.len() as f32;
        let y = sheets.y;
        for (n, (name, value, ink)) in tiles.into_iter().enumerate() {
            let x = MARGIN + n as f32 * width;
            if n > 0 {
                sheets.rule((x, y + 4.0), (x, y + 40.0), EDGE, 0.8);
            }
            let left = if n > 0 { x + 10.0 } else { x };
            let value = sheets.face.clipped(&value, 16.0, width - 12.0);
            sheets.text(left, y + 12.0, 8.5, QUIET, name);
            sheets.bold(left, y + 34.0, 16.0, ink, &value);
        }
        sheets.y += 48.0;
    }

    /// "4 家中 3 家按时", and in which colour.
    fn verdict(&self) -> (String, Ink) {
        let Some(verdict) = self.report.review.verdict else {
            return (self.of("未下令", "no order").to_owned(), QUIET);
        };
        let members = self.report.review.members.iter();
        let mut late = members
            .filter(|member| matches!(member.muster.outcome, Outcome::Late | Outcome::Missing));
        let ink = if verdict.all_in_time {
            GREEN
        } else if late.next().is_some() {
            RED
        } else {
            INK
        };
        let text = match self.language {
            Language::Zh => format!("{}/{} 家按时", verdict.in_time, verdict.of),
            Language::En => format!("{}/{} in time", verdict.in_time, verdict.of),
        };
        (text, ink)
    }

    /// The foot of every sheet: whose it is, when it was made, which of how many.
    fn foot(&self, sheets: &mut Sheets<'_>) {
        let of = sheets.pages.len();
        let made = stamp(self.report.generated_at);
        let county = &self.report.county.tree.county().name;
        let left = format!(
            "{county} · {} · {} {made}",
            self.title(),
            self.of("生成时间", "made at")
        );
        let pages = std::mem::take(&mut sheets.pages);
        for (n, page) in pages.into_iter().enumerate() {
            sheets.pages.push(page);
            let y = HEIGHT - 36.0;
            sheets.rule((MARGIN, y), (MARGIN + INNER, y), EDGE, 0.6);
            sheets.text(MARGIN, y + 14.0, 8.0, QUIET, &left);
            let right = match self.language {
                Language::Zh => format!("第 {} 页，共 {of} 页", n + 1),
                Language::En => format!("page {} of {of}", n + 1),
            };
            let x = WIDTH - MARGIN - sheets.face.width(&right, 8.0);
            sheets.text(x, y + 14.0, 8.0, QUIET, &right);
        }
    }

    /// A judgement in words, and its colour.
    fn outcome(&self, outcome: Outcome) -> (&'static str, Ink) {
        let ink = match outcome {
            Outcome::InTime => GREEN,
            Outcome::Late | Outcome::Missing => RED,
            Outcome::Unjudged | Outcome::Excused => QUIET,
        };
        (words::outcome(outcome, self.language), ink)
    }
}

/// `06:42`, or `1:02:03`.
pub(super) fn span(secs: u32) -> String {
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{secs:02}")
    } else {
        format!("{minutes:02}:{secs:02}")
    }
}

/// The time of day to the second, in the county's time.
pub(super) fn clock(at: Timestamp) -> String {
    let secs = at.time_of_day(UtcOffset::CHINA).as_secs();
    format!("{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)
}

/// Day and time to the second.
pub(super) fn stamp(at: Timestamp) -> String {
    let (year, month, day) = at.date(UtcOffset::CHINA).ymd();
    format!("{year:04}-{month:02}-{day:02} {}", clock(at))
}
