//! How long each took, as rows beside the muster clock: claimed a disc, seen a square.

use domain::session::Step;
use domain::session::review::{Member, Outcome};

use super::sheet::{
    ACCENT, EDGE, GREEN, INK, INNER, Ink, MARGIN, Mark, QUIET, RED, Shape, Sheets, WASH,
};
use super::{Paper, span};

/// The room for names.
const NAMES: f32 = 108.0;
/// The height of a row.
const ROW: f32 = 20.0;

impl Paper<'_> {
    /// The chart of set-out and arrival.
    pub(super) fn chart(&self, sheets: &mut Sheets<'_>) {
        let review = &self.report.review;
        let ordered = || review.members.iter().filter(|one| one.ordered_at.is_some());
        let count = ordered().count();
        if count == 0 {
            return;
        }
        sheets.heading(
            self.of(
                "二、出动与到场用时",
                "2. How long setting out and arriving took",
            ),
            (count as f32 * ROW + 40.0).min(300.0),
        );
        let limit = review.limits.muster_secs.max(1);
        let steps =
            ordered().flat_map(|one| [Step::Moving, Step::Arrived].map(|step| one.secs(step)));
        let longest = steps.flatten().max().unwrap_or(0).max(limit);
        let scale = (INNER - NAMES - 40.0) / (longest as f32 * 1.04);
        let at = |secs: u32| MARGIN + NAMES + secs as f32 * scale;
        self.legend(sheets, limit);
        let mut top = sheets.y;
        for member in ordered() {
            if sheets.need(ROW + 4.0) {
                top = sheets.y;
            }
            self.row(sheets, member, &at);
            sheets.y += ROW;
            deadline(sheets, at(limit), (top, sheets.y));
            top = sheets.y;
        }
        sheets.text(at(0) - 2.0, sheets.y + 10.0, 7.5, QUIET, "T0");
        let label = span(limit);
        let width = sheets.face.width(&label, 7.5);
        sheets.text(
            at(limit) - width / 2.0,
            sheets.y + 10.0,
            7.5,
            ACCENT,
            &label,
        );
        sheets.y += 16.0;
    }

    fn legend(&self, sheets: &mut Sheets<'_>, limit: u32) {
        let mut x = MARGIN;
        let y = sheets.y + 7.0;
        let marks: [(&str, Kind); 4] = [
            (self.of("报称出动", "says it moves"), Kind::Claimed),
            (self.of("位置显示出动", "seen moving"), Kind::Seen),
            (self.of("到场", "arrived"), Kind::Arrived),
            (self.of("集结时限", "muster clock"), Kind::Deadline),
        ];
        for (name, kind) in marks {
            let name = match kind {
                Kind::Deadline => format!("{name} {}", span(limit)),
                _ => name.to_owned(),
            };
            symbol(sheets, kind, (x + 5.0, y - 3.0), INK);
            sheets.text(x + 14.0, y, 8.0, QUIET, &name);
            x += sheets.face.width(&name, 8.0) + 34.0;
        }
        sheets.y += 16.0;
    }

    fn row(&self, sheets: &mut Sheets<'_>, member: &Member, at: &dyn Fn(u32) -> f32) {
        let name = self.report.org(&member.org, self.language);
        let middle = sheets.y + ROW / 2.0;
        let name = sheets.face.clipped(name, 8.5, NAMES - 8.0);
        sheets.text(MARGIN, middle + 3.0, 8.5, INK, &name);
        let ink = match member.muster.outcome {
            Outcome::InTime => GREEN,
            Outcome::Late | Outcome::Missing => RED,
            Outcome::Unjudged | Outcome::Excused => QUIET,
        };
        let end = MARGIN + INNER;
        sheets.fill([at(0), middle - 4.0, end - at(0), 8.0], WASH);
        let moving = member.point(Step::Moving);
        if let Some(point) = moving {
            sheets.fill([at(0), middle - 4.0, at(point.secs) - at(0), 8.0], ink);
            if let Some(claim) = &point.claimed {
                symbol(sheets, Kind::Claimed, (at(claim.secs), middle), ink);
            }
            if let Some(seen) = point.observed {
                symbol(sheets, Kind::Seen, (at(seen.secs), middle), ink);
            }
        } else {
            let never = super::words::outcome(member.muster.outcome, self.language);
            sheets.text(at(0) + 6.0, middle + 3.0, 8.0, ink, never);
        }
        if let Some(secs) = member.secs(Step::Arrived) {
            symbol(sheets, Kind::Arrived, (at(secs), middle), INK);
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Claimed,
    Seen,
    Arrived,
    Deadline,
}

fn symbol(sheets: &mut Sheets<'_>, kind: Kind, (x, y): (f32, f32), ink: Ink) {
    const WHITE: Ink = [255, 255, 255];
    let shape = |points: Vec<(f32, f32)>| {
        Mark::Shape(Shape {
            points,
            is_closed: true,
            fill: Some(WHITE),
            edge: Some((ink, 1.3)),
            opacity: 1.0,
            ..Shape::default()
        })
    };
    match kind {
        Kind::Claimed => sheets.disc((x, y), 3.4, WHITE, ink),
        Kind::Seen => sheets.put(shape(vec![
            (x - 3.2, y - 3.2),
            (x + 3.2, y - 3.2),
            (x + 3.2, y + 3.2),
            (x - 3.2, y + 3.2),
        ])),
        Kind::Arrived => sheets.put(shape(vec![
            (x, y - 4.4),
            (x + 4.4, y),
            (x, y + 4.4),
            (x - 4.4, y),
        ])),
        Kind::Deadline => sheets.put(Mark::Shape(Shape {
            points: vec![(x, y - 5.0), (x, y + 5.0)],
            edge: Some((ACCENT, 1.0)),
            dash: vec![3.0, 2.5],
            opacity: 1.0,
            ..Shape::default()
        })),
    }
}

/// The line of the muster clock through one row.
fn deadline(sheets: &mut Sheets<'_>, x: f32, (top, end): (f32, f32)) {
    sheets.put(Mark::Shape(Shape {
        points: vec![(x, top), (x, end)],
        edge: Some((ACCENT, 1.0)),
        dash: vec![3.0, 2.5],
        opacity: 1.0,
        ..Shape::default()
    }));
    sheets.rule((MARGIN, end), (MARGIN + INNER, end), EDGE, 0.4);
}
